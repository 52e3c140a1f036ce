//! The recording client: async calls and watches on one connection, with honest outcomes.
//!
//! A client has one stream to one member at a time. When a call fails for want of an answer, or the stream
//! breaks, the next call goes to the next endpoint. Nothing is ever repeated on the caller's behalf: a
//! write whose outcome is not known stays so.

mod auth;
mod call;
mod cluster;
mod election;
mod kv;
mod lease;
mod maintenance;
mod mutex;
mod observe;
mod observe_by_service;
mod open_call;
mod open_observer;
mod open_watch;
mod ownership;
mod place;
pub(crate) mod process;
mod recipe_error;
mod recorded;
mod service;
mod session;
pub(crate) mod slot;
mod turn;
mod watch;
mod watch_stream;

pub use call::CallError;
pub use election::{Election, LeaderHeld};
pub use kv::{DeleteOptions, GetOptions, KeyValues};
pub use maintenance::{KeysHash, SavedSnapshot};
pub use mutex::{LockHeld, Mutex};
pub use observe::{ElectionObserver, LeaderSeen};
pub use observe_by_service::ServiceObserver;
pub use place::ClientPlace;
pub use recipe_error::RecipeError;
pub use service::ServiceHold;
pub use session::Session;
pub use watch::{WatchItem, WatchOptions, Watcher};
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
        self.world.lock().disconnect(self.node, "disconnected");
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
