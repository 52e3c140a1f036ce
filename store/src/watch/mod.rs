//! Watches of one member: the ranges they watch, and how far each has been told
//! (`server/storage/mvcc/watchable_store.go`, `server/etcdserver/api/v3rpc/watch.go`).

mod batch;
mod catch_up;
mod create;
mod progress;
mod range_map;
mod send;
mod span_tree;
mod victims;
mod watchable_store;
mod watcher;
mod watchers;

pub(crate) use progress::PROGRESS_INTERVAL_MS;
pub(crate) use send::fragment_end;
pub use watchable_store::{StreamId, WatchableStore};
#[cfg(feature = "defects")]
pub(crate) use watcher::Group;
pub(crate) use watcher::Selection;
#[cfg(feature = "defects")]
pub(crate) use watchers::Watchers;
