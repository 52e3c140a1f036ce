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
    heap: BinaryHeap<Reverse<Entry<E>>>,
    sequence: u64,
    /// The driver may wait for an event that comes later than a new one.
    ready: Arc<Ready>,
}

#[derive(Debug)]
struct Entry<E> {
    due_ns: u64,
    sequence: u64,
    event: E,
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        (self.due_ns, self.sequence) == (other.due_ns, other.sequence)
    }
}

impl<E> Eq for Entry<E> {}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> Ord for Entry<E> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.due_ns, self.sequence).cmp(&(other.due_ns, other.sequence))
    }
}

impl<E> Agenda<E> {
    pub fn new(ready: Arc<Ready>) -> Agenda<E> {
        Agenda { soon: VecDeque::new(), heap: BinaryHeap::new(), sequence: 0, ready }
    }

    /// Schedules `event`.
    pub fn at(&mut self, due_ns: u64, event: E) {
        self.sequence += 1;
        self.heap.push(Reverse(Entry { due_ns, sequence: self.sequence, event }));
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
        self.heap.pop().map(|Reverse(entry)| (entry.due_ns, entry.event))
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
