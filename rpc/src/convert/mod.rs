//! Conversions between the messages of the wire and the requests and responses of the store, both ways.
//!
//! They are `From`, or `TryFrom` where a message can say more than the store has a value for, or is one kind of several
//! ([`Unconvertible`]). The wire leaves out a header, or sends an empty one, where the store has one with zeros. Messages
//! about members need the members' addresses, and are converted by functions of [`cluster`].

pub mod cluster;
pub mod maintenance;
pub mod range_stream;

mod auth;
mod call;
mod election;
mod kv;
mod lease;
mod lock;
mod one_of;
mod txn;
mod unconvertible;
mod watch;

pub use unconvertible::Unconvertible;

use revline_store::api;
use revline_store::bytes::Bytes;
use revline_store::machine::ClusterId;

use crate::proto::etcdserverpb;

/// The bytes from which on sharing is cheaper than copying: sharing costs an allocation as well.
const SHARED_BYTES: usize = 256;

/// Gives the bytes of the store to a message. Long ones are shared, not copied.
fn to_wire(bytes: Bytes) -> bytes::Bytes {
    if bytes.len() < SHARED_BYTES {
        bytes::Bytes::copy_from_slice(&bytes)
    } else {
        bytes::Bytes::from_owner(bytes)
    }
}

/// Copies the bytes of a message for the store: those of a message share the memory of all of it, and would keep that alive.
fn to_store(bytes: bytes::Bytes) -> Bytes {
    Bytes::from(&*bytes)
}

impl From<api::ResponseHeader> for etcdserverpb::ResponseHeader {
    fn from(header: api::ResponseHeader) -> Self {
        let api::ResponseHeader { cluster_id: ClusterId(cluster_id), member_id, revision, raft_term } =
            header;
        etcdserverpb::ResponseHeader { cluster_id, member_id, revision, raft_term }
    }
}

impl From<etcdserverpb::ResponseHeader> for api::ResponseHeader {
    fn from(header: etcdserverpb::ResponseHeader) -> Self {
        let etcdserverpb::ResponseHeader { cluster_id, member_id, revision, raft_term } = header;
        api::ResponseHeader { cluster_id: ClusterId(cluster_id), member_id, revision, raft_term }
    }
}

/// The header of a message: every message of a response has one.
fn header_to_wire(header: api::ResponseHeader) -> Option<etcdserverpb::ResponseHeader> {
    Some(header.into())
}

/// The header of a response, with zeros if the message has none.
fn header_to_store(header: Option<etcdserverpb::ResponseHeader>) -> api::ResponseHeader {
    header.unwrap_or_default().into()
}
