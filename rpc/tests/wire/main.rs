//! Requests and responses over the wire: what the store says arrives as it was said, under etcd's numbers and texts.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests: a panic is its message")]

mod bytes_on_the_wire;
mod calls;
mod cluster;
mod draw;
mod errors;
mod fields;
mod metadata;
mod range_streams;
mod refused;
mod replies;
mod snapshots;
mod streams;

use proptest::prelude::ProptestConfig;
use prost::Message;
use revline_rpc::convert::Unconvertible;

/// Sends a value as a message `M`, through its bytes, and converts it back.
fn cross<M, T>(value: T) -> T
where
    M: Message + Default + TryFrom<T>,
    T: TryFrom<M>,
    Unconvertible: From<<M as TryFrom<T>>::Error> + From<<T as TryFrom<M>>::Error>,
{
    back::<M, T>(M::try_from(value).map_err(Unconvertible::from).unwrap())
}

/// Converts a message back, through its bytes.
fn back<M, T>(message: M) -> T
where
    M: Message + Default,
    T: TryFrom<M>,
    Unconvertible: From<<T as TryFrom<M>>::Error>,
{
    let bytes = message.encode_to_vec();
    let decoded = M::decode(bytes.as_slice()).unwrap();
    T::try_from(decoded).map_err(Unconvertible::from).unwrap()
}

/// A test of this many cases, which leaves no file behind.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}
