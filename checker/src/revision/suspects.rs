//! The operations of unknown outcome that can have made a revision nobody answered for.

use super::places::{Floor, Place};
use super::sighting::Sighting;
use crate::bytes::Bytes;
use crate::history::{ElectionRequest, History, LeaseRequest, LockRequest, Outcome, Request, Revision};
use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;
use std::collections::BTreeMap;

/// Writes whose outcome their clients never learned, found by what they would do.
#[derive(Debug, Default)]
pub(crate) struct Suspects<'h> {
    /// By a key and a value that they put.
    puts: BTreeMap<(&'h Bytes, &'h Bytes), Vec<usize>>,
    /// By a key that they delete alone.
    deletes: BTreeMap<&'h Bytes, Vec<usize>>,
    /// Those that delete a range, or what is attached to a lease.
    ranges: Vec<usize>,
    /// Those that put a key without saying the value.
    keepers: Vec<usize>,
    all: Vec<usize>,
    /// By operation: suspects of equal requests have equal numbers.
    kinds: Vec<u32>,
    kind_count: usize,
}

impl<'h> Suspects<'h> {
    /// The suspects of a history. What is done in steps is for [`super::deeds`].
    pub(crate) fn of(history: &'h History) -> Self {
        let mut suspects = Suspects { kinds: vec![0; history.operations.len()], ..Suspects::default() };
        let mut kinds: HashMap<&Request, u32, FxBuildHasher> = HashMap::default();
        // Of equal requests the one that was asked first can stand wherever another can.
        let mut order: Vec<usize> = (0..history.operations.len()).collect();
        order.sort_by_key(|index| history.operations[*index].invoke_ns);
        for index in order {
            let operation = &history.operations[index];
            let in_steps = matches!(
                operation.request,
                Request::Lock(LockRequest::Lock { .. }) | Request::Election(ElectionRequest::Campaign { .. })
            );
            let is_unknown = matches!(operation.outcome, Outcome::Unknown(_));
            if is_unknown && operation.request.may_write() && !in_steps {
                suspects.all.push(index);
                let next = kinds.len() as u32;
                suspects.kinds[index] = *kinds.entry(&operation.request).or_insert(next);
                suspects.index(&operation.request, index);
            }
        }
        suspects.kind_count = kinds.len();
        suspects
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.all.len()
    }

    fn index(&mut self, request: &'h Request, index: usize) {
        match request {
            Request::Put(put) if put.ignore_value => push(&mut self.keepers, index),
            Request::Put(put) => push(self.puts.entry((&put.key, &put.value)).or_default(), index),
            Request::Delete(delete) if delete.range_end.is_empty() => {
                push(self.deletes.entry(&delete.key).or_default(), index);
            }
            Request::Delete(_) => push(&mut self.ranges, index),
            Request::Txn(txn) => txn.branches().for_each(|request| self.index(request, index)),
            Request::Range(_) | Request::Compact(_) => {}
            Request::Lease(LeaseRequest::Revoke { .. }) => push(&mut self.ranges, index),
            Request::Lock(LockRequest::Unlock { key }) => push(self.deletes.entry(key).or_default(), index),
            Request::Election(ElectionRequest::Resign { leader }) => {
                push(self.deletes.entry(&leader.key).or_default(), index);
            }
            Request::Election(ElectionRequest::Proclaim { leader, value }) => {
                push(self.puts.entry((&leader.key, value)).or_default(), index);
            }
            Request::Lease(_) | Request::Lock(_) | Request::Election(_) | Request::Auth(_) => {}
        }
    }

    /// Those who may have made `revision`, of which `seen` was seen. Of equal requests only one is named:
    /// nothing but its invocation bounds an unknown operation, and that only from below, so that whoever
    /// can stand here can stand at every later revision, too. What was asked last comes first: a request that
    /// has an effect mostly has it soon.
    pub(crate) fn of_revision(
        &self,
        floors: &[Option<Floor>],
        used: &[bool],
        revision: Revision,
        seen: &[Sighting<'h>],
    ) -> Vec<usize> {
        let place = Place::of_write(revision);
        let mut found: Vec<usize> = Vec::new();
        let mut known: Vec<Option<u32>> = vec![None; self.kind_count];
        for list in self.lists(seen) {
            for index in list.iter().rev().copied() {
                if used[index] || floors[index].is_some_and(|floor| floor.place >= place) {
                    continue;
                }
                match &mut known[self.kinds[index] as usize] {
                    Some(at) => found[*at as usize] = index,
                    new => {
                        *new = Some(found.len() as u32);
                        found.push(index);
                    }
                }
            }
        }
        found
    }

    /// The lists that hold everyone who can have done what was seen.
    fn lists(&self, seen: &[Sighting<'h>]) -> [&[usize]; 2] {
        let value = seen.iter().find_map(|seen| seen.kv.filter(|_| seen.with_value));
        if let Some(kv) = value {
            let puts = self.puts.get(&(&kv.key, &kv.value)).map_or(&[][..], Vec::as_slice);
            return [puts, &self.keepers];
        }
        match seen.iter().find(|seen| seen.kv.is_none()) {
            Some(seen) => {
                let deletes = self.deletes.get(seen.key).map_or(&[][..], Vec::as_slice);
                [deletes, &self.ranges]
            }
            None => [&self.all, &[]],
        }
    }
}

/// A txn may put the same thing in both of its branches.
fn push(list: &mut Vec<usize>, index: usize) {
    if list.last() != Some(&index) {
        list.push(index);
    }
}

#[cfg(test)]
mod tests {
    use super::super::sighting::Witness;
    use super::*;
    use crate::history::build::*;

    #[test]
    fn names_whoever_can_have_done_it() {
        let mut history = Builder::default();
        let early = history.unknown(0, put("a", "1"));
        history.ok(1, put("b", "1"), written(5));
        history.unknown(0, put("a", "1"));
        let either =
            history.unknown(0, txn([], [put("a", "1"), put("c", "2")], [put("a", "1"), delete("a")]));
        let wide = history.unknown(0, delete_range("a", "b"));
        history.unknown(0, get("a"));
        let history = history.build();
        let floors = super::super::places::floors(&history);
        let suspects = Suspects::of(&history);
        let mut used = vec![false; history.operations.len()];
        let (key, wrote) = (Bytes::from("a"), kv("a", "1", 4, 4, 1));
        let seen =
            |kv| Sighting { key: &key, kv, with_value: true, witness: Witness::Operation(0), firm: true };
        let named = |used: &[bool], revision, seen: &[Sighting<'_>]| {
            suspects.of_revision(&floors, used, revision, seen)
        };
        // At 4, only what was asked before 5 was answered; at 6, of two equal puts only the first.
        assert_eq!(named(&used, 4, &[seen(Some(&wrote))]), [early]);
        assert_eq!(named(&used, 6, &[seen(Some(&wrote))]), [either, early]);
        assert_eq!(named(&used, 6, &[seen(None)]), [either, wide]);
        assert_eq!(named(&used, 6, &[]), [wide, either, early]);
        used[early] = true;
        assert_eq!(named(&used, 6, &[seen(Some(&wrote))]), [either, 2]);
        assert_eq!(suspects.count(), 4);
    }
}
