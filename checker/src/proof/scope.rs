//! The keys that watches want.

use super::store::Store;
use crate::bytes::Bytes;
use crate::history::WatchRequest;
use crate::replay::Span;
use std::collections::BTreeMap;

/// The keys that a watch wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    All,
    /// One key, by its number.
    One(u32),
    /// A range, by its number.
    Range(usize),
}

/// The ranges that are watched: whether a key is in one is asked once.
#[derive(Clone, Debug, Default)]
pub(super) struct Scopes {
    numbers: BTreeMap<(Bytes, Bytes), usize>,
    ranges: Vec<(WatchRequest, Vec<bool>)>,
}

impl Scopes {
    /// That of a watch.
    pub(super) fn of(&mut self, request: &WatchRequest, store: &mut Store) -> Scope {
        if request.range_end.is_empty() {
            let least = Bytes::from("\0");
            return Scope::One(store.id(if request.key.is_empty() { &least } else { &request.key }));
        }
        // No key is empty.
        if request.range_end.as_slice() == b"\0" && matches!(request.key.as_slice(), b"" | b"\0") {
            return Scope::All;
        }
        let number = self.ranges.len();
        let number = *self.numbers.entry((request.key.clone(), request.range_end.clone())).or_insert(number);
        if number == self.ranges.len() {
            self.ranges.push((request.clone(), Vec::new()));
        }
        Scope::Range(number)
    }

    /// Learns of the keys that are new.
    pub(super) fn learn(&mut self, scope: Scope, store: &Store) {
        let Scope::Range(number) = scope else { return };
        let (request, known) = &mut self.ranges[number];
        let new = known.len() as u32..store.key_count() as u32;
        known.extend(new.map(|key| Span::of_watch(request).contains(store.name(key))));
    }

    /// True if a key that was learned is in a scope.
    pub(super) fn contains(&self, scope: Scope, key: u32) -> bool {
        match scope {
            Scope::All => true,
            Scope::One(one) => key == one,
            Scope::Range(number) => self.ranges[number].1[key as usize],
        }
    }
}
