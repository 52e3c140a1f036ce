//! The agenda of a world: everything that takes time goes through one queue.
//!
//! madsim offers timers, but each is a task or a registered waker of its own, and sleeps at least a
//! millisecond. One queue and one driver cost a heap operation per event, are exact to the nanosecond,
//! and fix the order of events that are due at the same moment: first scheduled, first done. An event that another event, or a
//! task, brings about at once comes before all of them.

use crate::tasks::Ready;
use madsim::time::TimeHandle;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;

/// The events that are due, in order.
#[derive(Debug)]
pub(crate) struct Agenda<E> {
    /// The events that come before any other.
    soon: VecDeque<E>,
    /// The order of the scheduled events, which lie in `slots`: the heap moves its entries often, and events are large.
    heap: BinaryHeap<Reverse<Entry>>,
    slots: Vec<Option<E>>,
    free: Vec<usize>,
    sequence: u64,
    /// The driver may wait for an event that comes later than a new one.
    ready: Arc<Ready>,
}

/// A scheduled event: first by its time, then by the order of scheduling, which no two share.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    due_ns: u64,
    sequence: u64,
    slot: usize,
}

impl<E> Agenda<E> {
    pub fn new(ready: Arc<Ready>) -> Agenda<E> {
        let (soon, heap) = (VecDeque::new(), BinaryHeap::new());
        Agenda { soon, heap, slots: Vec::new(), free: Vec::new(), sequence: 0, ready }
    }

    /// Schedules `event`.
    pub fn at(&mut self, due_ns: u64, event: E) {
        self.sequence += 1;
        let slot = self.free.pop().unwrap_or(self.slots.len());
        if slot == self.slots.len() {
            self.slots.push(Some(event));
        } else {
            self.slots[slot] = Some(event);
        }
        self.heap.push(Reverse(Entry { due_ns, sequence: self.sequence, slot }));
        self.ready.wake_driver();
    }

    /// Schedules `event` before all that are scheduled for a time, behind others of this kind.
    pub fn soon(&mut self, event: E) {
        self.soon.push_back(event);
        self.ready.wake_driver();
    }

    /// Takes the next event, with the time at which it is due.
    pub fn pop(&mut self) -> Option<(u64, E)> {
        if let Some(event) = self.soon.pop_front() {
            return Some((0, event));
        }
        let Reverse(Entry { due_ns, slot, .. }) = self.heap.pop()?;
        self.free.push(slot);
        let event = self.slots[slot].take().expect("an entry of the heap has its event");
        Some((due_ns, event))
    }

    /// The time at which the next event is due; 0 if that is at once.
    pub fn next_due_ns(&self) -> Option<u64> {
        if !self.soon.is_empty() {
            return Some(0);
        }
        self.heap.peek().map(|Reverse(entry)| entry.due_ns)
    }
}

/// Simulated time since the world began, in nanoseconds.
pub(crate) fn elapsed_ns(time: &TimeHandle) -> u64 {
    u64::try_from(time.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
