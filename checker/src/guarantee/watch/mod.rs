//! Guarantees of watches: etcd's API guarantees (ordered, unique, atomic, reliable, resumable, bookmarkable), and what
//! events say of keys.

mod foreknown;
mod rewrites;

guarantees! {
    watch_ordered,
    watch_unique,
    watch_atomic,
    watch_reliable,
    watch_resumable,
    watch_bookmarkable,
    watch_prev_kv,
    watch_is_create,
    watch_filter,
    watch_agreement,
    watch_live,
}
