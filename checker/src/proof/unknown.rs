//! Operations of unknown outcome, and that have not been seen to happen.

use crate::bytes::Bytes;
use crate::history::{Operation, Request};
use crate::replay::{Position, Span};
use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;
use std::borrow::Borrow;
use std::collections::{BTreeMap, VecDeque};

/// One of them, and the highest place that was answered before it was asked.
pub(super) struct Unknown<O> {
    pub(super) operation: O,
    pub(super) floor: Option<Position>,
}

/// All of them, by what they would do. The maps by key are looked up, never walked through.
pub(super) struct Unknowns<O> {
    all: BTreeMap<u64, Unknown<O>>,
    puts: HashMap<(Bytes, Bytes), Vec<u64>, FxBuildHasher>,
    /// Those that are nothing but a delete, by its range, whose end is empty for one key: what is asked in the same
    /// words does the same, so that the one asked first stands for all of them.
    alike: BTreeMap<(Bytes, Bytes), VecDeque<u64>>,
    /// Txns that delete a key, or a range.
    deletes: HashMap<Bytes, Vec<u64>, FxBuildHasher>,
    ranges: Vec<u64>,
    /// Those that put a key without saying the value.
    keepers: Vec<u64>,
    next: u64,
}

/// The effect of an operation on a key.
enum Effect<'r> {
    Put(&'r Bytes, &'r Bytes),
    Delete(&'r Bytes),
    DeleteRange,
    Keep,
}

impl Effect<'_> {
    /// The key and the value, where it puts one.
    fn put(&self) -> Option<(Bytes, Bytes)> {
        match self {
            Effect::Put(key, value) => Some(((*key).clone(), (*value).clone())),
            Effect::Delete(_) | Effect::DeleteRange | Effect::Keep => None,
        }
    }
}

impl<O> Default for Unknowns<O> {
    fn default() -> Self {
        Unknowns {
            all: BTreeMap::new(),
            puts: HashMap::default(),
            alike: BTreeMap::new(),
            deletes: HashMap::default(),
            ranges: Vec::new(),
            keepers: Vec::new(),
            next: 0,
        }
    }
}

impl<O: Borrow<Operation>> Unknowns<O> {
    /// Adds one.
    pub(super) fn add(&mut self, operation: O, floor: Option<Position>) {
        let number = self.next;
        self.next += 1;
        if let Request::Delete(delete) = &operation.borrow().request {
            let alike = self.alike.entry((delete.key.clone(), delete.range_end.clone()));
            alike.or_default().push_back(number);
        } else {
            effects(&operation.borrow().request, &mut |effect| {
                let list = self.list(effect);
                // A txn may put the same thing in both of its branches.
                if list.last() != Some(&number) {
                    list.push(number);
                }
            });
        }
        self.all.insert(number, Unknown { operation, floor });
    }

    /// Takes one out: it did happen.
    pub(super) fn take(&mut self, number: u64) -> Option<Unknown<O>> {
        let unknown = self.all.remove(&number)?;
        if let Request::Delete(delete) = &unknown.operation.borrow().request {
            let deleted = (delete.key.clone(), delete.range_end.clone());
            if let Some(alike) = self.alike.get_mut(&deleted) {
                alike.retain(|other| *other != number);
                if alike.is_empty() {
                    self.alike.remove(&deleted);
                }
            }
            return Some(unknown);
        }
        effects(&unknown.operation.borrow().request, &mut |effect| {
            let put = effect.put();
            let list = self.list(effect);
            list.retain(|other| *other != number);
            // Values are many: what nobody may put any more is forgotten.
            if let Some(put) = put.filter(|_| list.is_empty()) {
                self.puts.remove(&put);
            }
        });
        Some(unknown)
    }

    /// One of them.
    pub(super) fn get(&self, number: u64) -> Option<&Unknown<O>> {
        self.all.get(&number)
    }

    /// The number of operations.
    pub(super) fn count(&self) -> usize {
        self.all.len()
    }

    /// The invocation times.
    pub(super) fn asked_ns(&self) -> Vec<u64> {
        self.all.values().map(|unknown| unknown.operation.borrow().invoke_ns).collect()
    }

    /// All of them, the first one first.
    pub(super) fn all(&self) -> Vec<u64> {
        self.all.keys().copied().collect()
    }

    /// Those that say that they put a value to a key, or delete just that key where there is none.
    pub(super) fn named(&self, key: &Bytes, value: Option<&Bytes>) -> Vec<u64> {
        match value {
            Some(value) => {
                self.puts.get(&(key.clone(), value.clone())).into_iter().flatten().copied().collect()
            }
            None => {
                let alike = self.alike.get(&(key.clone(), Bytes::default()));
                alike.and_then(VecDeque::front).copied().into_iter().collect()
            }
        }
    }

    /// The others that may have put a value to a key, or deleted it where there is none.
    pub(super) fn able(&self, key: &Bytes, value: Option<&Bytes>) -> Vec<u64> {
        if value.is_some() {
            return self.keepers.clone();
        }
        let of_range = |((first, end), alike): (&(Bytes, Bytes), &VecDeque<u64>)| {
            let contains = !end.is_empty() && Span::new(first, end).contains(key);
            contains.then(|| alike.front().copied()).flatten()
        };
        let alike = self.alike.iter().filter_map(of_range);
        let in_txns = self.deletes.get(key).into_iter().flatten().chain(&self.ranges).copied();
        alike.chain(in_txns).collect()
    }

    fn list(&mut self, effect: Effect<'_>) -> &mut Vec<u64> {
        match effect {
            Effect::Put(key, value) => self.puts.entry((key.clone(), value.clone())).or_default(),
            Effect::Delete(key) => self.deletes.entry(key.clone()).or_default(),
            Effect::DeleteRange => &mut self.ranges,
            Effect::Keep => &mut self.keepers,
        }
    }
}

fn effects(request: &Request, see: &mut impl FnMut(Effect<'_>)) {
    match request {
        Request::Put(put) if put.ignore_value => see(Effect::Keep),
        Request::Put(put) => see(Effect::Put(&put.key, &put.value)),
        Request::Delete(delete) if delete.range_end.is_empty() => see(Effect::Delete(&delete.key)),
        Request::Delete(_) => see(Effect::DeleteRange),
        Request::Txn(txn) => txn.branches().for_each(|request| effects(request, see)),
        _ => {}
    }
}
