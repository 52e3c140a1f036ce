//! Watches of one member: who wants to hear of what, and how far each has been told
//! (`server/storage/mvcc/watchable_store.go`, `server/etcdserver/api/v3rpc/watch.go`).

mod batch;
mod catch_up;
mod create;
mod held;
mod hub;
mod progress;
mod range_map;
mod send;
mod span_tree;
mod watcher;

pub use catch_up::{CATCH_UP_INTERVAL_MS, MAX_REVISIONS_PER_BATCH, MAX_WATCHERS_PER_PASS};
pub use held::MAX_VICTIMS_PER_TURN;
pub use hub::{Hub, StreamId};
pub use progress::PROGRESS_INTERVAL_MS;
pub use send::MAX_FRAGMENT_BYTES;
pub(crate) use send::fragment_end;
pub(crate) use watcher::Selection;
#[cfg(feature = "defects")]
pub(crate) use watcher::Standing;
