//! Locks and elections: the owner of a name, by the keys under it.
//!
//! A client that wants to own a name creates a key under it, with a lease. The one whose key was created first owns
//! the name; when that key is deleted, the next one does. The services of a member and the recipes of clients
//! use the same keys, so that they exclude one another.
//!
//! etcd: `client/v3/concurrency`, which `server/etcdserver/api/v3lock` and `v3election` are made of.

mod election_view;
mod keep_alive;
mod ownership;
mod requests;
mod waiter;

pub use election_view::{ElectionView, LeaderSeen};
pub use keep_alive::{KeepAlive, NextKeepAlive};
pub(crate) use ownership::was_first;
pub use ownership::{Rank, ownership_key, prefix, prefix_end, rank};
use requests::last_created_before;
pub use requests::{delete_if, enter, first_created, is_owner, put_if};
pub use waiter::{Waiter, WaiterStep};

/// The TTL of a session's lease unless it names one, in seconds (`defaultSessionTTL`).
pub(crate) const SESSION_TTL_S: i64 = 60;
