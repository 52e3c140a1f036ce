//! The driver of a world: runs the tasks that are ready, lets the next event happen, and so on.
//!
//! The time of the world is that of its events. madsim's clock only says when the driver goes on, so that a program may
//! sleep by it, too.

use crate::agenda::elapsed_ns;
use crate::process;
use crate::state::Shared;
use crate::tasks::{PROGRAM, Ready};
use madsim::time::{Duration, Sleep, TimeHandle, sleep};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// Drives a world until its program returns.
pub(crate) struct Drive<F> {
    shared: Shared,
    ready: Arc<Ready>,
    program: Pin<Box<F>>,
    waker: Waker,
    time: TimeHandle,
    sleep: Pin<Box<Sleep>>,
    ahead_ns: u64,
}

/// The lead of events over madsim's clock where no program sleeps by it, in nanoseconds: a millisecond, the shortest sleep
/// there. Each turn of that clock costs as much as a small event.
pub(crate) const AHEAD_NS: u64 = 1_000_000;

impl<F: Future> Drive<F> {
    /// The driver of a program, which begins once everything ran that was spawned before. Events may run `ahead_ns` ahead
    /// of madsim's clock: so late a sleep may end that goes by it.
    pub fn new(shared: Shared, ready: Arc<Ready>, ahead_ns: u64, program: F) -> Drive<F> {
        let waker = ready.waker(PROGRAM);
        waker.wake_by_ref();
        Drive {
            shared,
            ready,
            program: Box::pin(program),
            waker,
            time: TimeHandle::current(),
            sleep: Box::pin(sleep(Duration::from_millis(1))),
            ahead_ns,
        }
    }

    /// Runs everything that is ready.
    fn run_ready(&mut self) -> Poll<F::Output> {
        while let Some(id) = self.ready.pop() {
            if id == PROGRAM {
                let value = self.program.as_mut().poll(&mut Context::from_waker(&self.waker));
                if value.is_ready() {
                    return value;
                }
            } else {
                self.run(id);
            }
            let ended = self.shared.lock().tasks.take_ended();
            drop(ended);
        }
        Poll::Pending
    }

    /// Lets events happen until one wakes a task, or none is due until then; returns when the next one is due.
    fn let_events_happen(&self, until_ns: u64) -> Option<u64> {
        let mut state = self.shared.lock();
        loop {
            let due_ns = state.agenda.next_due_ns();
            if due_ns.is_none_or(|due_ns| due_ns > until_ns)
                || self.ready.is_any()
                || state.processes.has_orders()
            {
                return due_ns;
            }
            state.happen();
        }
    }

    fn run(&self, id: u64) {
        let mut state = self.shared.lock();
        let Some((mut future, waker)) = state.tasks.begin(id) else { return };
        let span = tracing::error_span!("node", name = %state.name(state.tasks.current()));
        drop(state);
        let polled = span.in_scope(|| future.as_mut().poll(&mut Context::from_waker(&waker)));
        let mut state = self.shared.lock();
        match polled {
            Poll::Ready(()) => state.tasks.finish(id, future),
            Poll::Pending => state.tasks.pause_after(id, future),
        }
    }
}

impl<F: Future> Future for Drive<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        if this.ready.is_any() {
            // What woke a task was no event: time has passed by madsim's clock.
            drop(this.shared.lock());
        }
        this.ready.set_driver(None);
        loop {
            if let Poll::Ready(value) = this.run_ready() {
                return Poll::Ready(value);
            }
            process::carry_out(&this.shared);
            let elapsed_ns = elapsed_ns(&this.time);
            let due_ns = this.let_events_happen(elapsed_ns + this.ahead_ns);
            if this.ready.is_any() || this.shared.lock().processes.has_orders() {
                continue;
            }
            let Some(due_ns) = due_ns else {
                this.ready.set_driver(Some(context.waker().clone()));
                return Poll::Pending;
            };
            let wait = Duration::from_nanos(due_ns.saturating_sub(elapsed_ns));
            this.sleep.as_mut().reset(this.time.now_instant() + wait);
            if this.sleep.as_mut().poll(context).is_pending() {
                this.ready.set_driver(Some(context.waker().clone()));
                return Poll::Pending;
            }
        }
    }
}
