//! Waiting in simulated time, exact to the nanosecond.

use crate::due::{Due, Wakeup};
use crate::state::Shared;
use madsim::time::Duration;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use thiserror::Error;

/// A wait was over before its end came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("it took longer")]
pub struct TimedOut;

/// Waits for a moment.
struct Sleep {
    world: Shared,
    due_ns: u64,
    wakeup: Option<Wakeup>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.world.lock();
        if state.now_ns >= self.due_ns {
            return Poll::Ready(());
        }
        let wakeup = match &self.wakeup {
            Some(wakeup) => wakeup.clone(),
            None => {
                let wakeup = Wakeup::default();
                state.agenda.at(self.due_ns, Due::Wakeup(wakeup.clone()));
                wakeup
            }
        };
        drop(state);
        wakeup.set(Some(context.waker().clone()));
        self.wakeup = Some(wakeup);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(wakeup) = self.wakeup.take().filter(|_| !std::thread::panicking()) {
            wakeup.set(None);
        }
    }
}

impl Shared {
    /// Lets time pass: a nanosecond at least, so that a loop that waits gets somewhere.
    pub fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send + use<> {
        let wait_ns = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX).max(1);
        let due_ns = self.lock().now_ns.saturating_add(wait_ns);
        Sleep { world: self.clone(), due_ns, wakeup: None }
    }

    /// Waits for something for so long at most.
    pub async fn timeout<F: Future>(&self, duration: Duration, future: F) -> Result<F::Output, TimedOut> {
        let (mut future, mut over) = (pin!(future), pin!(self.sleep(duration)));
        poll_fn(|context| match future.as_mut().poll(context) {
            Poll::Ready(value) => Poll::Ready(Ok(value)),
            Poll::Pending => over.as_mut().poll(context).map(|()| Err(TimedOut)),
        })
        .await
    }
}
