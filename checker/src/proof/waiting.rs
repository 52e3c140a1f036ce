//! Answers at revisions that are not made yet.

use super::{Unproven, require};
use crate::history::{KeyValue, Operation, Revision};
use crate::replay::seen_in;
use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The most that may wait.
const WAITING_MAX: usize = 1 << 16;

/// The most that the revision of an operation may be ahead.
const AHEAD_MAX: usize = 1 << 20;

/// Operations by the revision that they made, or wait for.
pub(super) struct Waiting<O> {
    /// By revision, from `next_write` on: the slot of the operation that made it.
    writes: VecDeque<Option<usize>>,
    next_write: Revision,
    write_count: usize,
    reads: BTreeMap<(Revision, u64), usize>,
    next: u64,
    /// The operations themselves: too large to be moved about in maps.
    slots: Vec<Option<O>>,
    free: Vec<usize>,
    /// The slots that show a revision; from the first request for them until nothing waits any more.
    shown: Option<BTreeSet<(Revision, usize)>>,
}

impl<O> Default for Waiting<O> {
    fn default() -> Self {
        Waiting {
            writes: VecDeque::new(),
            next_write: 2,
            write_count: 0,
            reads: BTreeMap::new(),
            next: 0,
            slots: Vec::new(),
            free: Vec::new(),
            shown: None,
        }
    }
}

impl<O: Borrow<Operation>> Waiting<O> {
    /// An operation was answered with a revision that it made.
    pub(super) fn write(&mut self, revision: Revision, operation: O) -> Result<(), Unproven> {
        require(self.count() < WAITING_MAX, "too much waits for a revision")?;
        let made_twice = "two operations made one revision";
        let at = usize::try_from(revision - self.next_write).map_err(|_| Unproven(made_twice))?;
        require(at < AHEAD_MAX, "a revision is too far ahead")?;
        if self.writes.len() <= at {
            self.writes.resize(at + 1, None);
        }
        require(self.writes[at].is_none(), made_twice)?;
        self.writes[at] = Some(self.keep(operation));
        self.write_count += 1;
        Ok(())
    }

    /// An operation needs the state of a revision.
    pub(super) fn read(&mut self, revision: Revision, operation: O) -> Result<(), Unproven> {
        require(self.count() < WAITING_MAX, "too much waits for a revision")?;
        self.next += 1;
        let slot = self.keep(operation);
        self.reads.insert((revision, self.next), slot);
        Ok(())
    }

    /// The operation that made a revision.
    pub(super) fn take_write(&mut self, revision: Revision) -> Option<O> {
        while self.next_write < revision {
            // Who made it did not wait: it was the next revision when its operation was answered.
            debug_assert!(self.writes.front().is_none_or(Option::is_none), "a write was passed over");
            self.writes.pop_front();
            self.next_write += 1;
        }
        let slot = self.writes.front_mut()?.take()?;
        self.write_count -= 1;
        self.release(slot)
    }

    /// An operation that needs nothing after a revision.
    pub(super) fn take_read(&mut self, revision: Revision) -> Option<O> {
        let first = self.reads.first_entry().filter(|first| first.key().0 <= revision)?;
        let slot = first.remove();
        self.release(slot)
    }

    fn keep(&mut self, operation: O) -> usize {
        let slot = self.free.pop().unwrap_or(self.slots.len());
        if let Some(shown) = &mut self.shown {
            revisions_seen(operation.borrow(), self.next_write, &mut |revision| {
                shown.insert((revision, slot));
            });
        }
        match self.slots.get_mut(slot) {
            Some(free) => *free = Some(operation),
            None => self.slots.push(Some(operation)),
        }
        slot
    }

    fn release(&mut self, slot: usize) -> Option<O> {
        self.free.push(slot);
        let operation = self.slots[slot].take()?;
        if self.count() == 0 {
            self.shown = None;
        }
        if let Some(shown) = &mut self.shown {
            revisions_seen(operation.borrow(), Revision::MIN, &mut |revision| {
                shown.remove(&(revision, slot));
            });
        }
        Some(operation)
    }

    /// The number that waits.
    pub(super) fn count(&self) -> usize {
        self.write_count + self.reads.len()
    }

    /// Shows the sightings of a revision among those that wait, and whether with its value.
    pub(super) fn seen(&mut self, revision: Revision, see: &mut impl FnMut(&KeyValue, bool)) {
        // While a gap stays open, ever more waits, and is asked about again and again.
        let (slots, from) = (&self.slots, self.next_write);
        let shown = self.shown.get_or_insert_with(|| {
            let mut shown = BTreeSet::new();
            for (slot, operation) in slots.iter().enumerate() {
                let Some(operation) = operation else { continue };
                revisions_seen(operation.borrow(), from, &mut |revision| {
                    shown.insert((revision, slot));
                });
            }
            shown
        });
        for (_, slot) in shown.range((revision, 0)..=(revision, usize::MAX)) {
            let Some(operation) = slots[*slot].as_ref().map(Borrow::borrow) else { continue };
            let Some(response) = operation.response() else { continue };
            seen_in(&operation.request, response, &mut |kv, with_value| {
                if kv.mod_revision == revision {
                    see(kv, with_value);
                }
            });
        }
    }
}

/// The revisions from `from` on that an answer shows.
fn revisions_seen(operation: &Operation, from: Revision, see: &mut impl FnMut(Revision)) {
    let Some(response) = operation.response() else { return };
    seen_in(&operation.request, response, &mut |kv, _| {
        if kv.mod_revision >= from {
            see(kv.mod_revision);
        }
    });
}
