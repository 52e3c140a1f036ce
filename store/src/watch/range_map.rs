//! Things filed under the keys they concern (`mvcc/watcher_group.go`).

use std::collections::{BTreeMap, BTreeSet};

use crate::api::Event;
use crate::bytes::Bytes;
use crate::key_range::KeyRange;

/// Sets of things by range. Single keys are found at once. Spans are tried one after the other, but each
/// only once, however many things share it: many watches of few ranges are cheap.
#[derive(Clone, Debug)]
pub(super) struct RangeMap<T> {
    keys: BTreeMap<Bytes, BTreeSet<T>>,
    spans: BTreeMap<KeyRange, BTreeSet<T>>,
}

impl<T> Default for RangeMap<T> {
    fn default() -> Self {
        RangeMap { keys: BTreeMap::new(), spans: BTreeMap::new() }
    }
}

impl<T: Ord> RangeMap<T> {
    pub fn insert(&mut self, range: &KeyRange, thing: T) {
        let set = match range {
            KeyRange::One(key) => self.keys.entry(key.clone()).or_default(),
            KeyRange::Span { .. } => self.spans.entry(range.clone()).or_default(),
        };
        set.insert(thing);
    }

    pub fn remove(&mut self, range: &KeyRange, thing: &T) {
        match range {
            KeyRange::One(key) => remove_from(&mut self.keys, key, thing),
            KeyRange::Span { .. } => remove_from(&mut self.spans, range, thing),
        }
    }

    /// The sets whose range has this key.
    pub fn concerned_by<'a>(&'a self, key: &'a [u8]) -> impl Iterator<Item = &'a BTreeSet<T>> {
        let spans = self.spans.iter().filter(move |(span, _)| span.contains(key));
        self.keys.get(key).into_iter().chain(spans.map(|(_, set)| set))
    }

    /// The sets whose range has at least one of these events, each with those events. No two events may
    /// be of the same key.
    pub fn concerned_by_events<'a>(
        &'a self,
        events: &'a [Event],
    ) -> impl Iterator<Item = (&'a BTreeSet<T>, Vec<Event>)> {
        let by_key = events
            .iter()
            .filter_map(|event| self.keys.get(&event.kv.key).map(|set| (set, vec![event.clone()])));
        let by_span = self.spans.iter().filter_map(|(span, set)| {
            let inside: Vec<Event> =
                events.iter().filter(|event| span.contains(&event.kv.key)).cloned().collect();
            if inside.is_empty() { None } else { Some((set, inside)) }
        });
        by_key.chain(by_span)
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
