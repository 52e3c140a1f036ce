//! Observing an election by the service of a member (`Election.Observe`).
//!
//! A stream that breaks cannot be resumed: the next one begins with the leader of that time. So each is an observer of
//! its own in the history, while the recipe ([`super::observe`]) is one through all its watches.

use super::{Client, LeaderSeen};
use crate::around::Around;
use crate::client_host::{ClientHost, Next};
use madsim::time::Duration;
use revline_store::api::LeaderRequest;
use revline_store::bytes::Bytes;
use revline_store::error::Error;
use std::future::poll_fn;
use std::task::Poll;

/// The pause before an observer opens another stream.
const RETRY: Duration = Duration::from_millis(50);

/// Follows an election by the service, on one stream after the other.
pub struct ServiceObserver {
    client: Client,
    name: Bytes,
    /// The stream that is open, if one is.
    stream: Option<u64>,
}

impl ServiceObserver {
    pub(super) fn new(client: &Client, name: Bytes) -> ServiceObserver {
        let mut observer = ServiceObserver { client: client.clone(), name, stream: None };
        observer.open();
        observer
    }

    /// The next leader, or the next value of this one. After a broken stream it may be one that was shown
    /// already, or others may have led in between.
    ///
    /// # Errors
    ///
    /// The error with which the member ended the stream. The next call opens another one.
    pub async fn next(&mut self) -> Result<LeaderSeen, Error> {
        loop {
            let Some(stream) = self.stream else {
                self.client.world.sleep(RETRY).await;
                self.open();
                continue;
            };
            let arrived = poll_fn(|context| {
                let mut state = self.client.world.lock();
                match state.client(self.client.node).observers.next(stream, context.waker()) {
                    Next::Shown(shown) => Poll::Ready(Some(shown)),
                    Next::Waits => Poll::Pending,
                    Next::Ended => Poll::Ready(None),
                }
            })
            .await;
            match arrived {
                Some(Ok(seen)) => return Ok(seen),
                Some(Err(error)) => {
                    self.close();
                    return Err(error);
                }
                None => self.close(),
            }
        }
    }

    fn open(&mut self) {
        let request = LeaderRequest { name: self.name.clone() };
        let mut state = self.client.world.lock();
        let open = |host: &mut ClientHost, around: &mut Around<'_>| host.open_observer(around, request);
        self.stream = Some(state.with_client(self.client.node, open));
    }

    fn close(&mut self) {
        if let Some(stream) = self.stream.take() {
            let mut state = self.client.world.lock();
            state.with_client(self.client.node, |host, around| host.close_stream(around, stream));
        }
    }
}

impl Drop for ServiceObserver {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.close();
        }
    }
}
