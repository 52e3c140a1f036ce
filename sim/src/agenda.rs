//! What is due when: everything in the world that takes time goes through one queue.
//!
//! madsim offers timers, but each is a task or a registered waker of its own, and sleeps at least a
//! millisecond. One queue and one driver cost a heap operation per event, are exact to the nanosecond,
//! and fix the order of events that are due at the same moment: first scheduled, first done.

use crate::tasks::Ready;
use madsim::time::TimeHandle;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// The queue of what is due.
#[derive(Debug)]
pub(crate) struct Agenda<E> {
    heap: BinaryHeap<Reverse<Entry<E>>>,
    sequence: u64,
    /// Knows the driver, which may wait for an event that comes later than a new one.
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
        Agenda { heap: BinaryHeap::new(), sequence: 0, ready }
    }

    /// Schedules `event`.
    pub fn at(&mut self, due_ns: u64, event: E) {
        self.sequence += 1;
        self.heap.push(Reverse(Entry { due_ns, sequence: self.sequence, event }));
        self.ready.wake_driver();
    }

    /// The next event, and when it is due.
    pub fn pop(&mut self) -> Option<(u64, E)> {
        self.heap.pop().map(|Reverse(entry)| (entry.due_ns, entry.event))
    }

    pub fn next_due_ns(&self) -> Option<u64> {
        self.heap.peek().map(|Reverse(entry)| entry.due_ns)
    }
}

/// Simulated time since the world began, in nanoseconds.
pub(crate) fn elapsed_ns(time: &TimeHandle) -> u64 {
    u64::try_from(time.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
