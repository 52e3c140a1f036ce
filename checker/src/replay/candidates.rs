//! The operations of unknown outcome that can have made an unanswered revision.

use super::positions::{Floor, Position};
use super::sighting::{Sighting, seen_in};
use super::span::Span;
use crate::bytes::Bytes;
use crate::history::{
    CompareTarget, ElectionRequest, History, LeaseRequest, LockRequest, Outcome, Request, Revision,
};
use hashbrown::{HashMap, HashSet};
use rustc_hash::FxBuildHasher;
use std::collections::{BTreeMap, BTreeSet};

/// Writes whose outcome their clients never learned, found by what they would do.
#[derive(Debug, Default)]
pub(crate) struct CandidateWriters<'h> {
    /// By a key and a value that they put.
    puts: BTreeMap<(&'h Bytes, &'h Bytes), Vec<usize>>,
    /// By a key that they delete alone.
    deletes: BTreeMap<&'h Bytes, Vec<usize>>,
    /// Those that delete a range, or what is attached to a lease.
    ranges: Vec<usize>,
    /// Those that put a key without saying the value.
    keepers: Vec<usize>,
    all: Vec<usize>,
    /// By operation: candidates that would do the same, for all that can be told, have equal numbers.
    kinds: Vec<u32>,
    kind_count: usize,
}

/// The traits that tell one candidate from another.
#[derive(PartialEq, Eq, Hash)]
enum Kind<'h> {
    Asked(&'h Request),
    /// A put of a value that was never seen: the key, the lease, and whether that is kept.
    Unseen(&'h Bytes, i64, bool),
}

/// The values that were seen, or compared with.
struct Values<'h> {
    seen: HashSet<(&'h Bytes, &'h Bytes), FxBuildHasher>,
    compared: BTreeSet<&'h Bytes>,
    /// True if a campaign, or a condition on a range, may look at what any key holds.
    is_told_apart: bool,
}

impl<'h> Values<'h> {
    fn of(history: &'h History) -> Self {
        let mut values = Values {
            seen: HashSet::default(),
            compared: BTreeSet::new(),
            is_told_apart: history.operations.iter().any(|operation| {
                matches!(operation.request, Request::Election(ElectionRequest::Campaign { .. }))
            }),
        };
        for operation in &history.operations {
            values.compare(&operation.request);
            if let Some(response) = operation.response() {
                seen_in(&operation.request, response, &mut |kv, _| {
                    values.seen.insert((&kv.key, &kv.value));
                });
            }
        }
        for (.., event) in history.watches.iter().flat_map(|watch| watch.events()) {
            for kv in std::iter::once(&event.kv).chain(&event.prev_kv) {
                values.seen.insert((&kv.key, &kv.value));
            }
        }
        values
    }

    fn compare(&mut self, request: &'h Request) {
        if let Request::Txn(txn) = request {
            let by_value =
                txn.compare.iter().filter(|compare| matches!(compare.target, CompareTarget::Value(_)));
            // Of a range, as good as all keys.
            self.is_told_apart |= txn.compare.iter().any(|compare| !compare.range_end.is_empty());
            self.compared.extend(by_value.map(|compare| &compare.key));
            txn.branches().for_each(|request| self.compare(request));
        }
    }

    fn kind(&self, request: &'h Request) -> Kind<'h> {
        match request {
            Request::Put(put)
                if !put.ignore_value
                    && !self.is_told_apart
                    && !self.compared.contains(&put.key)
                    && !self.seen.contains(&(&put.key, &put.value)) =>
            {
                Kind::Unseen(&put.key, put.lease, put.ignore_lease)
            }
            _ => Kind::Asked(request),
        }
    }
}

impl<'h> CandidateWriters<'h> {
    /// The candidates of a history. What is done in steps is for [`super::deeds`].
    pub(crate) fn of(history: &'h History) -> Self {
        let mut candidates =
            CandidateWriters { kinds: vec![0; history.operations.len()], ..CandidateWriters::default() };
        let mut kinds: HashMap<Kind<'_>, u32, FxBuildHasher> = HashMap::default();
        let values = Values::of(history);
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
                candidates.all.push(index);
                let next = kinds.len() as u32;
                candidates.kinds[index] = *kinds.entry(values.kind(&operation.request)).or_insert(next);
                candidates.index(&operation.request, index);
            }
        }
        candidates.kind_count = kinds.len();
        candidates
    }

    /// The number of candidates.
    pub(crate) fn count(&self) -> usize {
        self.all.len()
    }

    /// True if any of them may have deleted a key.
    pub(crate) fn may_delete(&self, history: &History, key: &Bytes) -> bool {
        fn deletes(request: &Request, key: &Bytes) -> bool {
            match request {
                Request::Delete(delete) => Span::of_delete(delete).contains(key),
                Request::Txn(txn) => txn.branches().any(|request| deletes(request, key)),
                // Whatever is attached to it.
                request => matches!(request, Request::Lease(_)),
            }
        }
        self.deletes.contains_key(key)
            || self.ranges.iter().any(|index| deletes(&history.operations[*index].request, key))
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

    /// Those who may have made `revision`, of which `seen` was seen. Of those that would do the same only one is named:
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
        let place = Position::of_write(revision);
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

    /// The only operation that can have done what was seen of a revision, if there is only one.
    pub(crate) fn sole(
        &self,
        floors: &[Option<Floor>],
        revision: Revision,
        seen: &[Sighting<'h>],
    ) -> Option<usize> {
        let is_put = |seen: &Sighting<'_>| seen.with_value && seen.kv.is_some();
        seen.iter().find(|seen| is_put(seen))?;
        let place = Position::of_write(revision);
        let all = self.lists(seen).into_iter().flatten().copied();
        let mut able = all.filter(|index| floors[*index].is_none_or(|floor| floor.place < place));
        able.next().filter(|first| able.all(|other| other == *first))
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
        let floors = super::super::positions::floors(&history);
        let candidates = CandidateWriters::of(&history);
        let mut used = vec![false; history.operations.len()];
        let (key, wrote) = (Bytes::from("a"), kv("a", "1", 4, 4, 1));
        let seen =
            |kv| Sighting { key: &key, kv, with_value: true, witness: Witness::Operation(0), firm: true };
        let named = |used: &[bool], revision, seen: &[Sighting<'_>]| {
            candidates.of_revision(&floors, used, revision, seen)
        };
        // At 4, only what was asked before 5 was answered; at 6, of two equal puts only the first.
        assert_eq!(named(&used, 4, &[seen(Some(&wrote))]), [early]);
        assert_eq!(named(&used, 6, &[seen(Some(&wrote))]), [either, early]);
        assert_eq!(named(&used, 6, &[seen(None)]), [either, wide]);
        assert_eq!(named(&used, 6, &[]), [wide, either, early]);
        used[early] = true;
        assert_eq!(named(&used, 6, &[seen(Some(&wrote))]), [either, 2]);
        assert_eq!(candidates.count(), 4);
    }
}
