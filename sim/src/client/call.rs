//! One call: sent once, answered or not.

use super::Client;
use super::open_call::Manner;
use crate::state::Shared;
use crate::trace::NodeName;
use revline_store::api::{Request, Response};
use revline_store::error::Error;
use revline_store::machine::{Call, Reply};
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
        match self.ask(Call::Kv(request), Manner::default()).await? {
            Reply::Kv(response) => Ok(response),
            other => unreachable!("the answer to another kind of call: {other:?}"),
        }
    }

    /// As [`Client::call`], for every kind of call. If nobody waits for the answer any more, it is recorded
    /// all the same.
    pub(super) async fn ask(&self, call: Call, manner: Manner) -> Result<Reply, CallError> {
        let answer = self.ask_once(call, manner).await;
        if let Err(refused) = &answer {
            self.renew_token(refused).await;
        }
        answer
    }

    pub(super) async fn ask_once(&self, call: Call, manner: Manner) -> Result<Reply, CallError> {
        let call = self.world.lock().invoke(self.node, call, manner);
        let _guard = Abandon { world: &self.world, node: self.node, call };
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

/// Forgets a call that nobody waits for any more.
struct Abandon<'a> {
    world: &'a Shared,
    node: NodeName,
    call: u64,
}

impl Drop for Abandon<'_> {
    fn drop(&mut self) {
        // A panic may have happened with the state locked.
        if !std::thread::panicking() {
            self.world.lock().abandon_call(self.node, self.call);
        }
    }
}
