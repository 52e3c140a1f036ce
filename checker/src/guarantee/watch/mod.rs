//! Guarantees of watches: etcd's API guarantees (ordered, unique, atomic, reliable, resumable, bookmarkable), and what
//! events say of keys.

mod foreknown;
mod rewrites;
pub(super) mod watch_agreement;
pub(super) mod watch_atomic;
pub(super) mod watch_bookmarkable;
pub(super) mod watch_filter;
pub(super) mod watch_is_create;
pub(super) mod watch_ordered;
pub(super) mod watch_prev_kv;
pub(super) mod watch_reliable;
pub(super) mod watch_resumable;
pub(super) mod watch_unique;
