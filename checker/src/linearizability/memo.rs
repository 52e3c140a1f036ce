//! What the search has already tried in vain.

use super::{bits, fingerprint};
use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;
use std::hash::{BuildHasher, Hash};
use std::rc::Rc;

/// A set of optional calls that took effect.
pub(super) type Used = Rc<[u64]>;

/// The configurations from which no order was found: which answered calls are placed, the state, and the
/// optional calls used.
///
/// A configuration that used more optional calls than a failed one, and is equal otherwise, must fail too:
/// what it can still do, the failed one could do as well. So only the smallest sets are kept.
pub(super) struct Memo<S> {
    states: Vec<S>,
    state_ids: HashTable<u32>,
    places: HashTable<Failed>,
    /// The `open` sets of `places`, one after the other, `width` words each.
    open: Vec<u64>,
    width: usize,
    /// By rank: whether anything failed while it was the lowest.
    any: Vec<u64>,
    /// Instead of all but `any`: the fingerprints of configurations.
    compact: Option<HashTable<Print>>,
}

/// A configuration by its fingerprint, and the optional calls used.
struct Print {
    of: u128,
    used: Vec<Used>,
}

impl Print {
    fn key(&self) -> u64 {
        self.of as u64
    }
}

struct Failed {
    low: u32,
    state: u32,
    open_at: u32,
    used: Vec<Used>,
}

/// Which answered calls are placed: all below `low`, and those that could be and are not in `open`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    /// The lowest rank that is not placed.
    pub low: u32,
    /// The slots of the calls that may come next.
    pub open: &'a [u64],
}

impl<S: PartialEq + Hash> Memo<S> {
    /// A memo for so many ranks and slots. If `is_compact`, it takes equal fingerprints for equality.
    pub fn new(ranks: usize, slots: usize, is_compact: bool) -> Self {
        Memo {
            states: Vec::new(),
            state_ids: HashTable::new(),
            places: HashTable::new(),
            open: Vec::new(),
            width: bits::words(slots),
            any: vec![0; bits::words(ranks)],
            compact: is_compact.then(HashTable::new),
        }
    }

    /// Whether anything failed while `low` was the lowest rank.
    pub fn any(&self, low: u32) -> bool {
        bits::holds(&self.any, low)
    }

    /// Whether this configuration, or a better one, failed.
    pub fn holds(&self, place: Place<'_>, state: &S, used: &Used) -> bool {
        if let Some(prints) = &self.compact {
            let of = fingerprint::of(place, state);
            let print = prints.find(of as u64, |print| print.of == of);
            return print
                .is_some_and(|print| print.used.iter().any(|smaller| bits::is_subset(smaller, used)));
        }
        let id = self.state_ids.find(FxBuildHasher.hash_one(state), |id| self.states[*id as usize] == *state);
        let Some(&state) = id else { return false };
        let failed = self.places.find(hash(place, state), |failed| self.is_at(failed, place, state));
        failed.is_some_and(|failed| failed.used.iter().any(|smaller| bits::is_subset(smaller, used)))
    }

    /// Notes a configuration. Returns whether it is news: `false` if it, or a better one, was there.
    pub fn insert(&mut self, place: Place<'_>, state: &S, used: &Used) -> bool
    where
        S: Clone,
    {
        bits::insert(&mut self.any, place.low);
        if let Some(prints) = &mut self.compact {
            let of = fingerprint::of(place, state);
            if let Some(print) = prints.find_mut(of as u64, |print| print.of == of) {
                return add(&mut print.used, used);
            }
            prints.insert_unique(of as u64, Print { of, used: vec![used.clone()] }, Print::key);
            return true;
        }
        let state = self.state_id(state);
        let key = hash(place, state);
        let Memo { places, open, width, .. } = self;
        let width = *width;
        let words = |at: u32| at as usize * width..(at as usize + 1) * width;
        let found = places.find_mut(key, |failed| {
            failed.low == place.low && failed.state == state && &open[words(failed.open_at)] == place.open
        });
        if let Some(failed) = found {
            return add(&mut failed.used, used);
        }
        let failed = Failed { low: place.low, state, open_at: places.len() as u32, used: vec![used.clone()] };
        open.extend_from_slice(place.open);
        places.insert_unique(key, failed, |failed| {
            hash(Place { low: failed.low, open: &open[words(failed.open_at)] }, failed.state)
        });
        true
    }

    fn is_at(&self, failed: &Failed, place: Place<'_>, state: u32) -> bool {
        let at = failed.open_at as usize * self.width;
        failed.low == place.low && failed.state == state && self.open[at..at + self.width] == *place.open
    }

    fn state_id(&mut self, state: &S) -> u32
    where
        S: Clone,
    {
        let Memo { states, state_ids, .. } = self;
        let number = states.len() as u32;
        let entry = state_ids.entry(
            FxBuildHasher.hash_one(state),
            |id| states[*id as usize] == *state,
            |id| FxBuildHasher.hash_one(&states[*id as usize]),
        );
        let id = *entry.or_insert(number).get();
        if id == number {
            states.push(state.clone());
        }
        id
    }
}

/// Adds a set to those of which none holds another, unless it holds one of them. Returns whether it did.
fn add(sets: &mut Vec<Used>, used: &Used) -> bool {
    if sets.iter().any(|smaller| bits::is_subset(smaller, used)) {
        return false;
    }
    sets.retain(|larger| !bits::is_subset(used, larger));
    sets.push(used.clone());
    true
}

fn hash(place: Place<'_>, state: u32) -> u64 {
    FxBuildHasher.hash_one((place.low, state, place.open))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::Hasher;

    /// A state whose hash says nothing.
    #[derive(Clone, PartialEq)]
    struct Colliding(u64);

    impl Hash for Colliding {
        fn hash<H: Hasher>(&self, _: &mut H) {}
    }

    fn used(calls: u64) -> Used {
        vec![calls].into()
    }

    #[test]
    fn what_used_more_of_the_same_place_and_state_fails_too() {
        for is_compact in [false, true] {
            smaller_sets_stand_for_larger(Memo::new(4, 3, is_compact));
        }
    }

    fn smaller_sets_stand_for_larger(mut memo: Memo<char>) {
        let place = Place { low: 1, open: &[0b110] };
        assert!(!memo.any(1) && !memo.holds(place, &'a', &used(0)));
        assert!(memo.insert(place, &'a', &used(0b011)) && memo.insert(place, &'a', &used(0b101)));
        assert!(memo.any(1) && !memo.any(2));
        for (calls, fails) in [(0b001, false), (0b110, false), (0b011, true), (0b101, true), (0b111, true)] {
            assert_eq!(memo.holds(place, &'a', &used(calls)), fails, "{calls:b}");
        }
        assert!(!memo.insert(place, &'a', &used(0b111)));
        assert!(memo.insert(place, &'a', &used(0b001)), "it is smaller than both");
        assert!(memo.holds(place, &'a', &used(0b001)) && !memo.holds(place, &'a', &used(0b100)));
    }

    /// A hash table looks closer at about every tenth entry that it passes, so a careless comparison shows.
    #[test]
    fn no_two_configurations_are_taken_for_one() {
        let mut memo = Memo::new(2000, 64, false);
        for number in 0..2000 {
            let low = number as u32;
            assert!(memo.insert(Place { low: 0, open: &[number] }, &Colliding(0), &used(0)), "{number}");
            assert!(memo.insert(Place { low, open: &[1 << 40] }, &Colliding(0), &used(0)), "{number}");
            assert!(
                memo.insert(Place { low: 0, open: &[1 << 50] }, &Colliding(number), &used(0)),
                "{number}"
            );
        }
        for number in 2000..4000 {
            assert!(!memo.holds(Place { low: 0, open: &[number] }, &Colliding(0), &used(0)), "{number}");
            assert!(
                !memo.holds(Place { low: 0, open: &[1 << 50] }, &Colliding(number), &used(0)),
                "{number}"
            );
        }
        for number in 0..2000 {
            assert!(memo.holds(Place { low: 0, open: &[number] }, &Colliding(0), &used(0)), "{number}");
            assert!(
                !memo.insert(Place { low: 0, open: &[1 << 50] }, &Colliding(number), &used(1)),
                "{number}"
            );
        }
    }
}
