//! Things filed under the keys they concern (`mvcc/watcher_group.go`).

use std::collections::{BTreeMap, BTreeSet};

use super::span_tree::SpanTree;
use crate::api::Event;
use crate::bytes::Bytes;
use crate::key_range::KeyRange;

/// Sets of things by range. Things filed under other keys cost next to nothing, be it under single keys or under
/// spans; and a range is looked at once, however many things share it.
#[derive(Clone, Debug)]
pub(super) struct RangeMap<T> {
    keys: BTreeMap<Bytes, BTreeSet<T>>,
    spans: SpanTree<T>,
}

impl<T> Default for RangeMap<T> {
    fn default() -> Self {
        RangeMap { keys: BTreeMap::new(), spans: SpanTree::default() }
    }
}

impl<T: Ord> RangeMap<T> {
    pub fn insert(&mut self, range: &KeyRange, thing: T) {
        match range {
            KeyRange::One(key) => {
                self.keys.entry(key.clone()).or_default().insert(thing);
            }
            KeyRange::Span { .. } => self.spans.insert(range, thing),
        }
    }

    pub fn remove(&mut self, range: &KeyRange, thing: &T) {
        match range {
            KeyRange::One(key) => remove_from(&mut self.keys, key, thing),
            KeyRange::Span { .. } => self.spans.remove(range, thing),
        }
    }

    /// The sets whose range has this key.
    pub fn concerned_by(&self, key: &[u8]) -> impl Iterator<Item = &BTreeSet<T>> {
        let mut spans = Vec::new();
        self.spans.concerned_by(key, &mut spans);
        self.keys.get(key).into_iter().chain(spans.into_iter().map(|(_, set)| set))
    }

    /// The sets whose range has at least one of these events, each with those events. No two events may
    /// be of the same key.
    pub fn concerned_by_events<'a>(
        &'a self,
        events: &'a [Event],
    ) -> impl Iterator<Item = (&'a BTreeSet<T>, Vec<Event>)> {
        // A txn may change a key twice: the watchers of that key are told of both at once.
        let mut by_key: Vec<(&BTreeSet<T>, Vec<Event>)> = Vec::new();
        let mut places: BTreeMap<&Bytes, usize> = BTreeMap::new();
        for event in events {
            let Some(set) = self.keys.get(&event.kv.key) else { continue };
            let place = *places.entry(&event.kv.key).or_insert(by_key.len());
            match by_key.get_mut(place) {
                Some((_, events)) => events.push(event.clone()),
                None => by_key.push((set, vec![event.clone()])),
            }
        }
        let mut by_span: BTreeMap<&KeyRange, (&BTreeSet<T>, Vec<Event>)> = BTreeMap::new();
        let mut found = Vec::new();
        for event in events {
            self.spans.concerned_by(&event.kv.key, &mut found);
            for (span, set) in found.drain(..) {
                by_span.entry(span).or_insert((set, Vec::new())).1.push(event.clone());
            }
        }
        by_key.into_iter().chain(by_span.into_values())
    }
}

fn remove_from<K: Ord, T: Ord>(map: &mut BTreeMap<K, BTreeSet<T>>, key: &K, thing: &T) {
    if let Some(set) = map.get_mut(key) {
        set.remove(thing);
        if set.is_empty() {
            map.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_found_by_their_keys_until_removed() {
        let range = |key: &str, end: &str| KeyRange::new(&key.into(), &end.into());
        let mut map = RangeMap::default();
        map.insert(&range("b", ""), 1);
        map.insert(&range("b", ""), 2);
        map.insert(&range("a", "c"), 3);
        map.insert(&range("c", "\0"), 4);
        let found = |map: &RangeMap<i32>, key: &str| -> Vec<i32> {
            map.concerned_by(key.as_bytes()).flatten().copied().collect()
        };
        assert_eq!(found(&map, "b"), [1, 2, 3]);
        assert_eq!(found(&map, "c"), [4]);
        map.remove(&range("b", ""), &1);
        map.remove(&range("a", "c"), &3);
        assert_eq!(found(&map, "b"), [2]);
    }
}
