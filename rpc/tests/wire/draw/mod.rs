//! Random values of the store, over all fields.
//!
//! All are boxed: a union that is not holds each of its branches on the stack.

mod auth;
mod call;
mod kv;
mod reply;
mod txn;
mod watch;

pub use call::call;
pub use reply::reply;
pub use watch::{watch_request, watch_response};

use proptest::collection::vec;
use proptest::prelude::*;
use revline_store::api::{LeaderKey, ResponseHeader};
use revline_store::bytes::Bytes;
use revline_store::machine::ClusterId;

/// A number: small, negative, huge, or any.
pub fn int() -> BoxedStrategy<i64> {
    prop_oneof![Just(0), -3i64..200, any::<i64>(), Just(i64::MIN), Just(i64::MAX)].boxed()
}

/// An id: small, huge, or any.
pub fn id() -> BoxedStrategy<u64> {
    prop_oneof![0u64..5, any::<u64>(), Just(u64::MAX)].boxed()
}

/// Bytes of any content: as short as keys, as long as values that are shared.
pub fn bytes() -> BoxedStrategy<Bytes> {
    prop_oneof![
        8 => vec(any::<u8>(), 0..30).prop_map(Bytes::from),
        1 => Just(Bytes::from("\0")),
        1 => vec(any::<u8>(), 240..300).prop_map(Bytes::from),
    ]
    .boxed()
}

/// A text of any characters.
pub fn text() -> BoxedStrategy<String> {
    vec(any::<char>(), 0..6).prop_map(|characters| characters.into_iter().collect()).boxed()
}

pub fn header() -> BoxedStrategy<ResponseHeader> {
    (id(), id(), int(), id())
        .prop_map(|(cluster_id, member_id, revision, raft_term)| ResponseHeader {
            cluster_id: ClusterId(cluster_id),
            member_id,
            revision,
            raft_term,
        })
        .boxed()
}

fn leader_key() -> BoxedStrategy<LeaderKey> {
    (bytes(), bytes(), int(), int())
        .prop_map(|(name, key, rev, lease)| LeaderKey { name, key, rev, lease })
        .boxed()
}
