//! Spawning tasks, and waiting for their values.

use crate::state::Shared;
use crate::trace::NodeName;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use thiserror::Error;

/// The process that ran a task ended before the task did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the process ended before the task did")]
pub struct Ended;

/// Waits for the value of a task. Dropping it lets the task go on.
#[derive(Debug)]
pub struct JoinHandle<T>(Arc<Mutex<Joined<T>>>);

#[derive(Debug)]
struct Joined<T> {
    returned: Option<Result<T, Ended>>,
    waker: Option<Waker>,
}

impl<T> Joined<T> {
    fn set(this: &Mutex<Joined<T>>, returned: Result<T, Ended>) {
        let mut joined = this.lock().expect("the world runs on one thread");
        joined.returned = Some(returned);
        if let Some(waker) = joined.waker.take() {
            waker.wake();
        }
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, Ended>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut joined = self.0.lock().expect("the world runs on one thread");
        match joined.returned.take() {
            Some(returned) => Poll::Ready(returned),
            None => {
                joined.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

/// A task that has not returned: dropping it marks it as ended.
struct Unfinished<T>(Option<Arc<Mutex<Joined<T>>>>);

impl<T> Drop for Unfinished<T> {
    fn drop(&mut self) {
        if let Some(joined) = self.0.take().filter(|_| !std::thread::panicking()) {
            Joined::set(&joined, Err(Ended));
        }
    }
}

impl Shared {
    /// Runs a task as part of the process of `owner`.
    pub fn spawn<F>(&self, owner: NodeName, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let joined = Arc::new(Mutex::new(Joined { returned: None, waker: None }));
        let mut unfinished = Unfinished(Some(joined.clone()));
        let task = async move {
            let returned = future.await;
            if let Some(joined) = unfinished.0.take() {
                Joined::set(&joined, Ok(returned));
            }
        };
        self.lock().tasks.spawn(owner, Box::pin(task));
        JoinHandle(joined)
    }

    /// Runs a task as part of the process that runs now.
    pub fn spawn_here<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let owner = self.lock().tasks.current();
        self.spawn(owner, future)
    }
}
