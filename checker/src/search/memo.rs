//! The configurations that failed.

use super::words::Words;
use super::{bits, fingerprint};
use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;
use std::hash::{BuildHasher, Hash};

/// A set of optional calls that took effect.
pub(super) type Used = Words;

/// The bytes that a state holds beside itself.
pub(super) type HeapBytes<S> = fn(&S) -> usize;

/// The configurations from which no order was found: which answered calls are placed, the state, and the
/// optional calls used.
///
/// A configuration that used more optional calls than a failed one, and is equal otherwise, must fail too: what
/// it can still do, the failed one could do as well. So only the smallest sets are kept.
pub(super) struct Memo<S> {
    states: Vec<S>,
    /// By their hash, positions in `states`.
    state_ids: HashTable<(u64, u32)>,
    places: HashTable<Failed>,
    /// The `open` sets of `places`, one after the other, `width` words each.
    open: Vec<u64>,
    width: usize,
    /// By rank: whether anything failed while it was the lowest.
    any: Vec<u64>,
    /// Instead of all but `any`: the fingerprints of configurations.
    compact: Option<HashTable<Print>>,
    /// The bytes held beside the tables.
    heap_bytes: u64,
    of_state: HeapBytes<S>,
}

/// A configuration by its fingerprint, and the optional calls used.
struct Print {
    of: u128,
    used: Vec<Used>,
}

struct Failed {
    key: u64,
    low: u32,
    state: u32,
    open_at: u32,
    used: Vec<Used>,
}

/// The set of placed calls: all answered ones below `low`, and those that could be and are not in `open`.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlacedSet<'a> {
    /// The lowest rank that is not placed.
    pub low: u32,
    /// The slots of the calls that may come next. Looked at only where the memo is exact.
    pub open: &'a [u64],
    /// The fingerprint of the set of placed calls.
    pub placed: u128,
}

impl<S: PartialEq + Hash> Memo<S> {
    /// A memo for so many ranks and slots. If `is_compact`, it takes equal fingerprints for equality.
    pub fn new(ranks: usize, slots: usize, is_compact: bool, of_state: HeapBytes<S>) -> Self {
        Memo {
            states: Vec::new(),
            state_ids: HashTable::new(),
            places: HashTable::new(),
            open: Vec::new(),
            width: Words::empty(slots).len(),
            any: vec![0; bits::words(ranks)],
            compact: is_compact.then(HashTable::new),
            heap_bytes: 0,
            of_state,
        }
    }

    /// True if it takes equal fingerprints for equality.
    pub fn is_compact(&self) -> bool {
        self.compact.is_some()
    }

    /// The bytes held.
    pub fn bytes(&self) -> u64 {
        let tables = self.state_ids.allocation_size() + self.places.allocation_size();
        let prints = self.compact.as_ref().map_or(0, HashTable::allocation_size);
        let lists = self.states.capacity() * size_of::<S>() + self.open.capacity() * size_of::<u64>();
        self.heap_bytes + (tables + prints + lists) as u64
    }

    /// True if anything failed while `low` was the lowest rank.
    pub fn any(&self, low: u32) -> bool {
        bits::holds(&self.any, low)
    }

    /// The memo's key of a state.
    pub fn key(&self, state: &S) -> u128 {
        match self.is_compact() {
            true => fingerprint::of_state(state),
            false => FxBuildHasher.hash_one(state).into(),
        }
    }

    /// True if this configuration, or a better one, failed. `key` is that of the state.
    pub fn holds(&self, place: PlacedSet<'_>, state: &S, key: u128, used: &Used) -> bool {
        if let Some(prints) = &self.compact {
            let of = place.placed ^ key;
            let print = prints.find(of as u64, |print| print.of == of);
            return print.is_some_and(|print| is_in(&print.used, used));
        }
        let id = self.state_ids.find(key as u64, |(_, id)| self.states[*id as usize] == *state);
        let Some(&(_, state)) = id else { return false };
        let failed = self.places.find(hash(place, state), |failed| self.is_at(failed, place, state));
        failed.is_some_and(|failed| is_in(&failed.used, used))
    }

    /// Notes a configuration. Returns whether it is news: `false` if it, or a better one, was there.
    pub fn insert(&mut self, place: PlacedSet<'_>, state: &S, key: u128, used: &Used) -> bool
    where
        S: Clone,
    {
        bits::insert(&mut self.any, place.low);
        let of_used = (size_of::<Used>() + used.heap_bytes()) as u64;
        if let Some(prints) = &mut self.compact {
            let of = place.placed ^ key;
            self.heap_bytes += of_used;
            if let Some(print) = prints.find_mut(of as u64, |print| print.of == of) {
                return add(&mut print.used, used);
            }
            let print = Print { of, used: vec![used.clone()] };
            prints.insert_unique(of as u64, print, |print| print.of as u64);
            return true;
        }
        if self.places.is_empty() {
            self.make_room();
        }
        let state = self.state_id(state, key as u64);
        let key = hash(place, state);
        let Memo { places, open, width, heap_bytes, .. } = self;
        let width = *width;
        let words = |at: u32| at as usize * width..(at as usize + 1) * width;
        let found = places.find_mut(key, |failed| {
            failed.low == place.low && failed.state == state && &open[words(failed.open_at)] == place.open
        });
        *heap_bytes += of_used;
        if let Some(failed) = found {
            return add(&mut failed.used, used);
        }
        let (open_at, used) = (places.len() as u32, vec![used.clone()]);
        let failed = Failed { key, low: place.low, state, open_at, used };
        open.extend_from_slice(place.open);
        places.insert_unique(key, failed, |failed| failed.key);
        true
    }

    /// Makes room at once for what most searches note that fail at all.
    fn make_room(&mut self) {
        const CONFIGURATIONS: usize = 28;
        self.places.reserve(CONFIGURATIONS, |failed| failed.key);
        self.state_ids.reserve(CONFIGURATIONS, |(key, _)| *key);
        self.open.reserve(CONFIGURATIONS * self.width);
    }

    fn is_at(&self, failed: &Failed, place: PlacedSet<'_>, state: u32) -> bool {
        let at = failed.open_at as usize * self.width;
        failed.low == place.low && failed.state == state && self.open[at..at + self.width] == *place.open
    }

    fn state_id(&mut self, state: &S, key: u64) -> u32
    where
        S: Clone,
    {
        let Memo { states, state_ids, .. } = self;
        let number = states.len() as u32;
        let entry = state_ids.entry(key, |(_, id)| states[*id as usize] == *state, |(key, _)| *key);
        let id = entry.or_insert((key, number)).get().1;
        if id == number {
            self.heap_bytes += (self.of_state)(state) as u64;
            states.push(state.clone());
        }
        id
    }
}

/// True if one of the sets has nothing that `used` has not.
fn is_in(sets: &[Used], used: &Used) -> bool {
    sets.iter().any(|smaller| bits::is_subset(smaller, used))
}

/// Adds a set to those of which none holds another, unless it holds one of them. Returns whether it did.
fn add(sets: &mut Vec<Used>, used: &Used) -> bool {
    if is_in(sets, used) {
        return false;
    }
    sets.retain(|larger| !bits::is_subset(used, larger));
    sets.push(used.clone());
    true
}

fn hash(place: PlacedSet<'_>, state: u32) -> u64 {
    place.placed as u64 ^ u64::from(state).wrapping_mul(0x9e37_79b9_7f4a_7c15)
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
        Used::of(&[calls])
    }

    fn memo<S: PartialEq + Hash>(ranks: usize, slots: usize, is_compact: bool) -> Memo<S> {
        Memo::new(ranks, slots, is_compact, |_| 0)
    }

    #[test]
    fn what_used_more_of_the_same_place_and_state_fails_too() {
        for is_compact in [false, true] {
            smaller_sets_stand_for_larger(memo(4, 3, is_compact));
        }
    }

    fn smaller_sets_stand_for_larger(mut memo: Memo<char>) {
        let place = PlacedSet { low: 1, open: &[0b110], placed: 7 };
        let key = memo.key(&'a');
        let holds = |memo: &Memo<char>, calls| memo.holds(place, &'a', key, &used(calls));
        assert!(!memo.any(1) && !holds(&memo, 0));
        assert!(memo.insert(place, &'a', key, &used(0b011)) && memo.insert(place, &'a', key, &used(0b101)));
        assert!(memo.any(1) && !memo.any(2));
        for (calls, fails) in [(0b001, false), (0b110, false), (0b011, true), (0b101, true), (0b111, true)] {
            assert_eq!(holds(&memo, calls), fails, "{calls:b}");
        }
        assert!(!memo.insert(place, &'a', key, &used(0b111)));
        assert!(memo.insert(place, &'a', key, &used(0b001)), "it is smaller than both");
        assert!(holds(&memo, 0b001) && !holds(&memo, 0b100));
        assert!(memo.bytes() > 0);
    }

    /// A hash table looks closer at about every tenth entry that it passes, so a careless comparison shows.
    #[test]
    fn no_two_configurations_are_taken_for_one() {
        let mut memo = memo(2000, 64, false);
        fn at(low: u32, open: &[u64]) -> PlacedSet<'_> {
            PlacedSet { low, open, placed: 0 }
        }
        for number in 0..2000 {
            let low = number as u32;
            assert!(memo.insert(at(0, &[number]), &Colliding(0), 0, &used(0)), "{number}");
            assert!(memo.insert(at(low, &[1 << 40]), &Colliding(0), 0, &used(0)), "{number}");
            assert!(memo.insert(at(0, &[1 << 50]), &Colliding(number), 0, &used(0)), "{number}");
        }
        for number in 2000..4000 {
            assert!(!memo.holds(at(0, &[number]), &Colliding(0), 0, &used(0)), "{number}");
            assert!(!memo.holds(at(0, &[1 << 50]), &Colliding(number), 0, &used(0)), "{number}");
        }
        for number in 0..2000 {
            assert!(memo.holds(at(0, &[number]), &Colliding(0), 0, &used(0)), "{number}");
            assert!(!memo.insert(at(0, &[1 << 50]), &Colliding(number), 0, &used(1)), "{number}");
        }
    }
}
