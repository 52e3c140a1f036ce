//! etcd's gRPC services over a session of the store.
//!
//! The messages are etcd's on the wire: packages, services, fields and their numbers ([`proto`]). They are converted to the
//! requests and responses of the store and back ([`convert`]), errors to etcd's texts with their gRPC codes
//! ([`status`]), and the token and the need of a leader to metadata ([`metadata`]). There is no runtime, no socket and no
//! clock in it: a host brings them.
//!
//! A put, from the bytes of a message to a request of the store:
//!
//! ```
//! use prost::Message as _;
//! use revline_rpc::proto::etcdserverpb;
//! use revline_store::api;
//!
//! let message = etcdserverpb::PutRequest::decode(&b"\x0a\x01k\x12\x01v"[..])?;
//! let request = api::PutRequest::from(message);
//! assert_eq!((&*request.key, &*request.value), (&b"k"[..], &b"v"[..]));
//! # Ok::<(), prost::DecodeError>(())
//! ```

pub mod addresses;
pub mod convert;
pub mod metadata;
pub mod proto;
pub mod server;
mod service;
pub mod session;
pub mod status;
