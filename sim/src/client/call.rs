//! One call: sent once, answered or not.

use super::Client;
use revline_store::api::{Request, Response};
use revline_store::error::Error;
use std::future::poll_fn;
use std::task::Poll;
use thiserror::Error as ThisError;

/// Why a call has no answer.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
pub enum CallError {
    /// The cluster refused it: nothing happened, and nothing will.
    #[error("{0}")]
    Failed(Error),
    /// No member took the connection: nothing was sent.
    #[error("connection refused")]
    Refused,
    /// It may have happened, may still happen, or never will.
    #[error("unknown outcome: {0}")]
    Unknown(&'static str),
}

impl Client {
    /// Sends `request` to the endpoint this client is connected to, or connects to the next one.
    pub async fn call(&self, request: Request) -> Result<Response, CallError> {
        let call = self.world.lock().invoke(self.node, request);
        poll_fn(|context| {
            let mut state = self.world.lock();
            match state.take_result(self.node, call) {
                Some(result) => Poll::Ready(result),
                None => {
                    state.await_result(self.node, call, context.waker());
                    Poll::Pending
                }
            }
        })
        .await
    }
}
