//! The recording client: async calls and watches on one connection, with honest outcomes.
//!
//! A client is a [`revline_store::client::ClientSession`]: one connection to one endpoint at a time, deadlines, failover,
//! watches that go on. What is here puts what its host (`client_host`) learns in the words of a caller.

mod call;
mod election;
mod mutex;
mod observe;
mod observe_by_service;
mod options;
mod ownership;
mod place;
mod recipe_error;
mod recorded;
mod requests;
mod service;
mod session;
mod turn;
mod watch;
mod watch_stream;

pub use crate::config::ClientConfig;
pub use election::{Election, LeaderHeld};
pub use mutex::{LockHeld, Mutex};
pub use observe::ElectionObserver;
pub use observe_by_service::ServiceObserver;
pub use options::{DeleteOptions, GetOptions, KeyValues, KeysHash, SavedSnapshot};
pub use place::ClientPlace;
pub use recipe_error::RecipeError;
pub use revline_store::client::{CallError, UnknownCause, WatchItem};
pub use revline_store::concurrency::LeaderSeen;
pub use service::ServiceHold;
pub use session::Session;
pub use watch::{WatchOptions, Watcher};
pub use watch_stream::WatchStream;

use crate::client_host::ClientHost;
use crate::state::Shared;
use crate::trace::NodeName;
use revline_checker::history::ClientId;
use revline_store::api::WatchCreateRequest;
use revline_store::bytes::Bytes;
use std::sync::Arc;

/// A client of the cluster. Clones are the same client.
#[derive(Clone)]
pub struct Client {
    world: Shared,
    node: NodeName,
    id: ClientId,
    name: Arc<str>,
}

impl Client {
    pub(crate) fn new(world: Shared, node: NodeName, id: ClientId, name: &str) -> Client {
        Client { world, node, id, name: name.into() }
    }

    /// Gives up the connection. Calls that are open have no answer, watches go on at the next endpoint.
    pub fn disconnect(&self) {
        self.world.lock().with_client(self.node, ClientHost::disconnect);
    }

    /// The node of the client.
    pub(crate) fn node(&self) -> NodeName {
        self.node
    }

    /// The number under which the history knows this client.
    pub fn id(&self) -> ClientId {
        self.id
    }

    /// Its name, which no other client of the world has. All random numbers of the client are derived from it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Watches the keys in `[key, range_end)`: see [`revline_store::api::RangeRequest::range_end`].
    pub async fn watch(
        &self,
        key: impl Into<Bytes>,
        range_end: impl Into<Bytes>,
        options: WatchOptions,
    ) -> Watcher {
        let stream = WatchStream::new(self, !options.once);
        Watcher::new(stream, options.request(key.into(), range_end.into()))
    }

    /// As [`Client::watch`], of a request as it is.
    fn watch_as(&self, request: WatchCreateRequest) -> Watcher {
        Watcher::new(self.watch_stream(), request)
    }

    /// A stream for watches, which goes on by itself when it breaks.
    pub fn watch_stream(&self) -> WatchStream {
        WatchStream::new(self, true)
    }

    /// A stream for watches, which is over when it breaks: the caller may go on with each of them where
    /// [`WatchStream::next_revision`] says.
    pub fn watch_stream_once(&self) -> WatchStream {
        WatchStream::new(self, false)
    }

    /// A session on a new lease of this TTL, in seconds.
    pub async fn session(&self, ttl_s: i64) -> Result<Session, CallError> {
        Session::grant(self, ttl_s).await
    }

    /// A session on a lease that exists.
    pub async fn session_on(&self, lease: i64) -> Result<Session, CallError> {
        Session::on_lease(self, lease).await
    }

    /// Follows the election of this name, from its present leader on.
    pub fn observe(&self, name: impl Into<Bytes>) -> ElectionObserver {
        ElectionObserver::new(self, name.into())
    }

    /// Follows the election of this name by the service, from its present leader on.
    pub fn observe_by_service(&self, name: impl Into<Bytes>) -> ServiceObserver {
        ServiceObserver::new(self, name.into())
    }
}
