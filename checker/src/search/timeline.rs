//! The calls in order of time: which may come next, and which can no longer wait.

use super::call::Call;
use super::decision::Why;
use super::member::Member;
use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;
use stateright::semantics::SequentialSpec;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hash::{BuildHasher, Hash};

/// A model's word that a call changes no state, whatever the state.
pub(super) type IsRead<S> = fn(&<S as SequentialSpec>::Op, Option<&<S as SequentialSpec>::Ret>) -> bool;

/// The calls of one search, sorted once.
///
/// An answered call is known by its *rank*: the number of answered calls that return before it. While the
/// lowest rank not yet placed is `low`, exactly the calls invoked before `low` returns may come next.
#[derive(Debug)]
pub(super) struct Timeline {
    /// The answered calls by rank, as positions in the history.
    pub answered: Vec<u32>,
    /// True if the call of a rank changes no state.
    pub is_read: Vec<bool>,
    /// Calls of equal operation have equal numbers. By rank.
    pub kind: Vec<u32>,
    /// A number for each rank, unlike those of all calls that are open at the same time.
    pub slot: Vec<u32>,
    /// The number of slots: the most answered calls that were ever open at the same time.
    pub slots: usize,
    /// The ranks in order of invocation.
    invoked: Vec<u32>,
    /// By rank: how many of `invoked` are invoked before it returns.
    invoked_before: Vec<u32>,
    /// The calls of unknown outcome in order of invocation, without those that change no state.
    pub optional: Vec<u32>,
    /// By rank: how many of `optional` are invoked before it returns.
    optional_before: Vec<u32>,
    /// By optional call: the optional call of equal operation before it, which is always used first.
    pub twin: Vec<Option<u32>>,
    /// By rank: the next rank, itself included, whose call changes no state; `len` if there is none.
    next_read: Vec<u32>,
}

impl Timeline {
    /// Sorts the members among `calls`.
    pub fn new<S>(calls: &[Call<S::Op, S::Ret>], members: &[Member], is_read: IsRead<S>) -> Result<Self, Why>
    where
        S: SequentialSpec,
        S::Op: PartialEq + Hash,
    {
        let call = |at: u32| &calls[at as usize];
        let mut answered = Vec::with_capacity(members.len());
        let mut optional = Vec::new();
        for &Member { at, returned } in members {
            match returned {
                Some(returned) if returned < call(at).invoke => {
                    return Err(Why::Backwards { call: at as usize });
                }
                Some(returned) => answered.push((returned, at)),
                None if !is_read(&call(at).op, None) => optional.push((call(at).invoke, at)),
                None => {}
            }
        }
        answered.sort_unstable();
        optional.sort_unstable();

        let mut invoked: Vec<(u64, u32)> =
            answered.iter().enumerate().map(|(rank, &(_, at))| (call(at).invoke, rank as u32)).collect();
        invoked.sort_unstable();
        let before = |sorted: &[(u64, u32)]| -> Vec<u32> {
            let mut count = 0;
            let counts = answered.iter().map(|&(returned, _)| {
                count += sorted[count..].iter().take_while(|&&(invoke, _)| invoke <= returned).count();
                count as u32
            });
            counts.collect()
        };
        let invoked_before = before(&invoked);
        let optional_before = before(&optional);
        let invoked: Vec<u32> = invoked.into_iter().map(|(_, rank)| rank).collect();
        let optional: Vec<u32> = optional.into_iter().map(|(_, at)| at).collect();
        let (slot, slots) = slots(&invoked, &invoked_before);

        let mut kinds = Kinds::of_some(members.len());
        let kind = answered.iter().map(|&(_, at)| kinds.of(&call(at).op)).collect();
        let mut last = Vec::new();
        let twin = optional.iter().enumerate().map(|(number, &at)| {
            let kind = kinds.of(&call(at).op) as usize;
            last.resize(last.len().max(kind + 1), None);
            last[kind].replace(number as u32)
        });
        let twin = twin.collect();

        let answered: Vec<u32> = answered.into_iter().map(|(_, at)| at).collect();
        let is_read =
            answered.iter().map(|&at| is_read(&call(at).op, call(at).ret.as_ref().map(|(_, ret)| ret)));
        let is_read: Vec<bool> = is_read.collect();
        let mut next = is_read.len() as u32;
        let mut next_read = vec![next; is_read.len()];
        for (rank, is_read) in is_read.iter().enumerate().rev() {
            if *is_read {
                next = rank as u32;
            }
            next_read[rank] = next;
        }
        Ok(Timeline {
            answered,
            is_read,
            kind,
            slot,
            slots,
            invoked,
            invoked_before,
            optional,
            optional_before,
            twin,
            next_read,
        })
    }

    /// The number of answered calls.
    pub fn len(&self) -> u32 {
        self.answered.len() as u32
    }

    /// The read that returns first of those that are not `placed`, from `low` on.
    pub(crate) fn first_read(&self, low: u32, placed: impl Fn(u32) -> bool) -> Option<u32> {
        let mut rank = low;
        loop {
            rank = *self.next_read.get(rank as usize)?;
            if rank == self.len() || !placed(rank) {
                return (rank < self.len()).then_some(rank);
            }
            rank += 1;
        }
    }

    /// The ranks that may come next from `low` on and could not while `before` was the lowest.
    pub fn opened(&self, before: Option<u32>, low: u32) -> &[u32] {
        let from = before.map_or(0, |before| self.invoked_before[before as usize]);
        &self.invoked[from as usize..self.invoked_before[low as usize] as usize]
    }

    /// The number of optional calls that may come next while `low` is the lowest rank.
    pub(crate) fn optional_before(&self, low: u32) -> u32 {
        self.optional_before[low as usize]
    }
}

/// Gives each rank the lowest slot that is free from its invocation to its return.
fn slots(invoked: &[u32], invoked_before: &[u32]) -> (Vec<u32>, usize) {
    let mut slot = vec![0; invoked.len()];
    let mut free = BinaryHeap::new();
    let mut slots = 0;
    let mut next = 0;
    for (rank, &until) in invoked_before.iter().enumerate() {
        for &opened in &invoked[next..until as usize] {
            slot[opened as usize] = free.pop().map_or_else(
                || {
                    slots += 1;
                    slots - 1
                },
                |Reverse(slot)| slot,
            );
        }
        next = until as usize;
        free.push(Reverse(slot[rank]));
    }
    (slot, slots as usize)
}

/// Numbers operations by equality.
struct Kinds<'a, Op> {
    table: HashTable<(u32, &'a Op)>,
}

impl<Op> Kinds<'_, Op> {
    /// None yet, with room for those of so many calls if they are few.
    fn of_some(calls: usize) -> Self {
        Kinds { table: HashTable::with_capacity(calls.min(64)) }
    }
}

impl<'a, Op: PartialEq + Hash> Kinds<'a, Op> {
    fn of(&mut self, op: &'a Op) -> u32 {
        let number = self.table.len() as u32;
        let entry = self.table.entry(
            FxBuildHasher.hash_one(op),
            |(_, known)| *known == op,
            |(_, known)| FxBuildHasher.hash_one(known),
        );
        entry.or_insert((number, op)).get().0
    }
}
