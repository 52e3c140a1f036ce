//! etcd's messages and services, compiled from `rpc/proto`.
//!
//! `cargo run --manifest-path rpc/generate/Cargo.toml` writes the modules again, and with `-- --check` compares them. No
//! `protoc` is needed.

#![allow(missing_docs, reason = "compiled: rpc/proto says what there is to say")]
#![allow(clippy::all, reason = "compiled")]

#[rustfmt::skip]
pub mod authpb;
#[rustfmt::skip]
pub mod etcdserverpb;
#[rustfmt::skip]
pub mod mvccpb;
#[rustfmt::skip]
pub mod v3electionpb;
#[rustfmt::skip]
pub mod v3lockpb;

mod secrets;
