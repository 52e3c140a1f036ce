//! Sightings of each revision: by reads, in previous values, and by watches.

use crate::bytes::Bytes;
use crate::history::{
    ElectionResponse, Event, EventKind, History, KeyValue, ObservedLeader, Request, Response, Revision,
};

/// The observation that saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Witness {
    /// The operation at this index.
    Operation(usize),
    /// This event of this frame of the watch at this index.
    Event(usize, usize, usize),
    /// This frame of the observer at this index.
    Observer(usize, usize),
    /// This frame of the watch at this index.
    Frame(usize, usize),
}

/// One key as a revision left it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sighting<'h> {
    /// The key.
    pub(crate) key: &'h Bytes,
    /// The key as written, or `None` if it was deleted.
    pub(crate) kv: Option<&'h KeyValue>,
    /// True if the value was shown.
    pub(crate) with_value: bool,
    /// The first who saw it.
    pub(crate) witness: Witness,
    /// True if anyone but serializable reads saw it.
    pub(crate) firm: bool,
}

impl Sighting<'_> {
    /// True if a change to `after` is what was seen.
    pub(crate) fn shows(&self, after: Option<&KeyValue>) -> bool {
        match (self.kv, after) {
            (None, None) => true,
            (Some(seen), Some(after)) => {
                if self.with_value {
                    return seen.agrees(after);
                }
                seen.agrees(&KeyValue { value: seen.value.clone(), ..after.clone() })
            }
            _ => false,
        }
    }

    /// True if the same was seen, and recorded of it.
    fn is_same(&self, other: Option<&KeyValue>) -> bool {
        match (self.kv, other) {
            (None, None) => true,
            (Some(seen), Some(other)) => {
                let stamp = |kv: &KeyValue| (kv.create_revision, kv.mod_revision, kv.version, kv.lease);
                stamp(seen) == stamp(other) && (!self.with_value || seen.value == other.value)
            }
            _ => false,
        }
    }

    /// True if a change to `after` writes what was seen, whatever its version.
    pub(crate) fn shows_value(&self, after: Option<&KeyValue>) -> bool {
        match (self.kv, after) {
            (None, None) => true,
            (Some(seen), Some(after)) => !self.with_value || seen.value == after.value,
            _ => false,
        }
    }
}

/// Every different sighting of each revision.
#[derive(Debug, Default)]
pub(crate) struct Sightings<'h> {
    by_revision: Vec<Vec<Sighting<'h>>>,
}

impl<'h> Sightings<'h> {
    /// Collects what was seen of the revisions up to `end`. Where two disagree, linearizable
    /// operations come first, then watches and those who observe, then serializable reads.
    pub(crate) fn of(history: &'h History, end: Revision) -> Self {
        let mut sightings =
            Sightings { by_revision: vec![Vec::new(); usize::try_from(end).unwrap_or(0) + 1] };
        sightings.of_operations(history, false);
        for (index, watch) in history.watches.iter().enumerate() {
            for (frame, at, event) in watch.events() {
                sightings.of_event(event, Witness::Event(index, frame, at));
            }
        }
        for (index, observer) in history.observers.iter().enumerate() {
            for (frame, ObservedLeader { kv, .. }) in observer.frames.iter().enumerate() {
                let witness = Witness::Observer(index, frame);
                let sighting = Sighting { key: &kv.key, kv: Some(kv), with_value: true, witness, firm: true };
                sightings.add(kv.mod_revision, sighting);
            }
        }
        sightings.of_operations(history, true);
        sightings
    }

    /// The sightings of a revision.
    pub(crate) fn at(&self, revision: Revision) -> &[Sighting<'h>] {
        usize::try_from(revision).ok().and_then(|at| self.by_revision.get(at)).map_or(&[], Vec::as_slice)
    }

    fn of_operations(&mut self, history: &'h History, serializable: bool) {
        for (index, operation) in history.operations.iter().enumerate() {
            if let Some(response) = operation.response()
                && operation.request.is_serializable() == serializable
            {
                seen_in(&operation.request, response, &mut |kv, with_value| {
                    let sighting = Sighting {
                        key: &kv.key,
                        kv: Some(kv),
                        with_value,
                        witness: Witness::Operation(index),
                        firm: !serializable,
                    };
                    self.add(kv.mod_revision, sighting);
                });
            }
        }
    }

    fn of_event(&mut self, event: &'h Event, witness: Witness) {
        let kv = (event.kind == EventKind::Put).then_some(&event.kv);
        let sighting = Sighting { key: &event.kv.key, kv, with_value: true, witness, firm: true };
        self.add(event.kv.mod_revision, sighting);
        if let Some(before) = &event.prev_kv {
            self.add(before.mod_revision, Sighting { key: &before.key, kv: Some(before), ..sighting });
        }
    }

    fn add(&mut self, revision: Revision, new: Sighting<'h>) {
        let Some(slot) = usize::try_from(revision).ok().and_then(|at| self.by_revision.get_mut(at)) else {
            return;
        };
        // Of two that differ only in that one shows the value, the one that does stays; but what only a
        // serializable read shows is not put into the mouth of others.
        let known = slot.iter_mut().find(|seen| {
            let may_join = new.firm || !seen.firm || seen.with_value || !new.with_value;
            may_join
                && seen.key == new.key
                && if new.with_value { seen.is_same(new.kv) } else { new.is_same(seen.kv) }
        });
        match known {
            Some(seen) if new.with_value && !seen.with_value => (seen.kv, seen.with_value) = (new.kv, true),
            Some(_) => {}
            None => slot.push(new),
        }
    }

    /// The number of keys of each revision that were seen.
    pub(crate) fn counts(&self) -> Vec<u8> {
        self.by_revision.iter().map(|seen| u8::try_from(seen.len()).unwrap_or(u8::MAX)).collect()
    }
}

/// Calls `see` with every key a response shows, and whether it shows its value.
pub(crate) fn seen_in<'h>(
    request: &Request,
    response: &'h Response,
    see: &mut impl FnMut(&'h KeyValue, bool),
) {
    match (request, response) {
        (Request::Range(request), Response::Range(response)) => {
            response.kvs.iter().for_each(|kv| see(kv, !request.keys_only));
        }
        (_, Response::Election(ElectionResponse::Leader { kv, .. })) => {
            kv.iter().for_each(|kv| see(kv, true))
        }
        (_, Response::Put(response)) => response.prev_kv.iter().for_each(|kv| see(kv, true)),
        (_, Response::Delete(response)) => response.prev_kvs.iter().for_each(|kv| see(kv, true)),
        (Request::Txn(request), Response::Txn(response)) => {
            let branch = if response.succeeded { &request.success } else { &request.failure };
            for (request, response) in branch.iter().zip(&response.responses) {
                seen_in(request, response, see);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::RangeRequest;
    use crate::history::build::*;

    #[test]
    fn an_old_reads_value_is_its_own() {
        let keys_only = RangeRequest { key: "a".into(), keys_only: true, ..RangeRequest::default() };
        let mut history = Builder::default();
        history.ok(0, Request::Range(keys_only), ranged(3, [kv("a", "", 3, 3, 1)]));
        history.ok(1, serializable("a", ""), ranged(3, [kv("a", "1", 3, 3, 1)]));
        let history = history.build();
        let sightings = Sightings::of(&history, 3);
        let seen: Vec<_> = sightings.at(3).iter().map(|seen| (seen.firm, seen.with_value)).collect();
        assert_eq!(seen, [(true, false), (false, true)]);
    }

    #[test]
    fn each_sighting_counts_once_and_contradictions_stay() {
        let mut history = Builder::default();
        history.ok(0, serializable("a", ""), ranged(3, [kv("a", "other", 3, 3, 1)]));
        let watch = history.watch(1, watching("a", "", 2));
        history.events(watch, [put_event(kv("a", "1", 3, 3, 1)), delete_event("a", 4)]);
        history.ok(0, get("a"), ranged(3, [kv("a", "1", 3, 3, 1)]));
        history.ok(0, get("a"), ranged(90, [kv("a", "1", 3, 90, 1)]));
        let history = history.build();
        let sightings = Sightings::of(&history, 4);
        let values = |revision| -> Vec<_> {
            sightings.at(revision).iter().map(|seen| seen.kv.map(|kv| kv.value.as_str().unwrap())).collect()
        };
        assert_eq!(values(3), [Some("1"), Some("other")]);
        assert_eq!(sightings.at(3)[0].witness, Witness::Operation(1));
        assert_eq!(values(4), [None]);
        assert!(values(90).is_empty());
    }
}
