//! One call: sent once, answered or not.

use super::{CallError, Client};
use crate::client_host::Manner;
use crate::state::Shared;
use crate::trace::NodeName;
use revline_store::frame::{Call, Reply};
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

impl Client {
    /// Makes any call as it stands, and waits for so long.
    pub async fn ask_within(&self, call: Call, patience: Duration) -> Result<Reply, CallError> {
        self.ask(call, Manner::within(patience)).await
    }

    /// As [`Client::ask_within`], of a member that knows a leader: another one refuses it at once.
    pub async fn ask_led_within(&self, call: Call, patience: Duration) -> Result<Reply, CallError> {
        self.ask(call, Manner { requires_leader: true, ..Manner::within(patience) }).await
    }

    /// The client's own clock, in nanoseconds.
    pub(super) fn now_ns(&self) -> u64 {
        self.world.lock().now_ns
    }

    /// Makes a call. If the caller goes away, the answer is recorded all the same.
    pub(super) async fn ask(&self, call: Call, manner: Manner) -> Result<Reply, CallError> {
        let call = self.world.lock().with_client(self.node, |host, around| host.invoke(around, call, manner));
        let _guard = Abandon { world: &self.world, node: self.node, call };
        poll_fn(|context| {
            let mut state = self.world.lock();
            match state.client(self.node).calls.take(call, context.waker()) {
                Some(answer) => Poll::Ready(answer),
                None => Poll::Pending,
            }
        })
        .await
    }
}

/// Abandons a call when its caller goes away.
struct Abandon<'a> {
    world: &'a Shared,
    node: NodeName,
    call: u64,
}

impl Drop for Abandon<'_> {
    fn drop(&mut self) {
        // A panic may have happened with the state locked.
        if !std::thread::panicking() {
            let mut state = self.world.lock();
            state.with_client(self.node, |host, around| host.abandon_call(around, self.call));
        }
    }
}
