//! The system under test: an etcd-style store replicated by Raft, as machines without I/O.
//!
//! Nothing here reads a clock, draws a random number, spawns a task or touches a file.

pub mod api;
pub mod auth;
pub mod bytes;
pub mod concurrency;
pub mod defect;
pub mod disk;
pub mod error;
pub mod frame;
pub mod key_range;
pub mod lease;
pub mod machine;
pub mod member;
pub mod mvcc;
pub mod namespace;
pub mod peer;
pub mod proxy;
pub mod wal;
pub mod watch;
