//! The recording client: async calls and watches on one connection, with honest outcomes.
//!
//! A client is a [`revline_store::client::ClientSession`]: one connection to one endpoint at a time, deadlines, failover,
//! watches that go on. What is here hosts it ([`host`]), records what it learns, and puts it in the words of a caller.

mod auth;
mod call;
mod call_records;
mod cluster;
mod election;
pub(crate) mod host;
mod kv;
mod lease;
mod maintenance;
mod manner;
mod mutex;
mod notes;
mod observe;
mod observe_by_service;
mod observer_queues;
mod ownership;
mod place;
pub(crate) mod process;
mod recipe_error;
mod recorded;
mod service;
mod session;
mod turn;
mod watch;
mod watch_queues;
mod watch_stream;

pub use election::{Election, LeaderHeld};
pub use kv::{DeleteOptions, GetOptions, KeyValues};
pub use maintenance::{KeysHash, SavedSnapshot};
pub use mutex::{LockHeld, Mutex};
pub use observe::ElectionObserver;
pub use observe_by_service::ServiceObserver;
pub use place::ClientPlace;
pub use recipe_error::RecipeError;
pub use revline_store::client::{CallError, UnknownCause, WatchItem};
pub use revline_store::concurrency::LeaderSeen;
pub use service::ServiceHold;
pub use session::Session;
pub use watch::{WatchOptions, Watcher};
pub use watch_stream::WatchStream;

use crate::state::Shared;
use crate::trace::NodeName;
use revline_checker::history::ClientId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How a client behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ClientConfig {
    /// How long a call may take, in milliseconds. Then its outcome is unknown. Default 2 000.
    pub deadline_ms: u64,
}

impl Default for ClientConfig {
    fn default() -> Self {
        ClientConfig { deadline_ms: 2_000 }
    }
}

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
        self.world.lock().with_client(self.node, host::ClientHost::disconnect);
    }

    /// The number under which the history knows this client.
    pub fn id(&self) -> ClientId {
        self.id
    }

    /// Its name, which no other client of the world has. Whatever is drawn for it is derived from that.
    pub fn name(&self) -> &str {
        &self.name
    }
}
