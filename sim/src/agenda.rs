//! What is due when: everything in the world that takes time goes through one queue.
//!
//! madsim offers timers, but each is a task or a registered waker of its own, and sleeps at least a
//! millisecond. One queue and one driver cost a heap operation per event, are exact to the nanosecond,
//! and fix the order of events that are due at the same moment: first scheduled, first done.

use madsim::time::{Duration, Sleep, TimeHandle, sleep};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// The queue of what is due.
#[derive(Debug)]
pub(crate) struct Agenda<E> {
    heap: BinaryHeap<Reverse<Entry<E>>>,
    sequence: u64,
    driver: Option<Waker>,
    /// When the driver wakes up by itself.
    driver_wakes_ns: u64,
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
    pub fn new() -> Agenda<E> {
        Agenda { heap: BinaryHeap::new(), sequence: 0, driver: None, driver_wakes_ns: u64::MAX }
    }

    /// Schedules `event`.
    pub fn at(&mut self, due_ns: u64, event: E) {
        self.sequence += 1;
        self.heap.push(Reverse(Entry { due_ns, sequence: self.sequence, event }));
        if due_ns < self.driver_wakes_ns
            && let Some(driver) = self.driver.take()
        {
            driver.wake();
        }
    }

    /// The next event that is due by `now_ns`.
    pub fn pop_due(&mut self, now_ns: u64) -> Option<E> {
        if self.heap.peek()?.0.due_ns > now_ns {
            return None;
        }
        self.heap.pop().map(|Reverse(entry)| entry.event)
    }

    fn next_due_ns(&self) -> Option<u64> {
        self.heap.peek().map(|Reverse(entry)| entry.due_ns)
    }
}

/// A future that never ends: hands every event to `handle` when it is due.
///
/// `handle` locks whatever holds the agenda, takes what is due, and hands the agenda to the closure it is
/// given, which notes when to wake up next.
pub(crate) struct Drive<F> {
    time: TimeHandle,
    sleep: Pin<Box<Sleep>>,
    deliver_due: F,
}

/// How a driver looks at the agenda it drives, after it has delivered what was due.
pub(crate) struct NextWake<'a, 'b> {
    sleep: &'a mut Pin<Box<Sleep>>,
    time: &'a TimeHandle,
    context: &'a mut Context<'b>,
}

impl NextWake<'_, '_> {
    /// Arranges for the driver to be woken when the next event of `agenda` is due.
    pub fn arrange<E>(self, agenda: &mut Agenda<E>) {
        agenda.driver = Some(self.context.waker().clone());
        agenda.driver_wakes_ns = agenda.next_due_ns().unwrap_or(u64::MAX);
        if let Some(due_ns) = agenda.next_due_ns() {
            let elapsed = self.time.elapsed();
            let wait = Duration::from_nanos(due_ns).saturating_sub(elapsed);
            self.sleep.as_mut().reset(self.time.now_instant() + wait);
            // A deadline in the past would be ready at once; the executor's next step moves the clock.
            if self.sleep.as_mut().poll(self.context).is_ready() {
                self.context.waker().wake_by_ref();
            }
        }
    }
}

impl<F> Drive<F>
where
    F: FnMut(u64, NextWake<'_, '_>) + Unpin,
{
    pub fn new(deliver_due: F) -> Drive<F> {
        Drive { time: TimeHandle::current(), sleep: Box::pin(sleep(Duration::from_millis(1))), deliver_due }
    }
}

impl<F> Future for Drive<F>
where
    F: FnMut(u64, NextWake<'_, '_>) + Unpin,
{
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let now_ns = elapsed_ns(&this.time);
        (this.deliver_due)(now_ns, NextWake { sleep: &mut this.sleep, time: &this.time, context });
        Poll::Pending
    }
}

/// Simulated time since the world began, in nanoseconds.
pub(crate) fn elapsed_ns(time: &TimeHandle) -> u64 {
    u64::try_from(time.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
