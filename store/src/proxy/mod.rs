//! A proxy between clients and members: many clients on a few connections, many watchers of one range on one
//! upstream watch (`server/proxy/grpcproxy`).
//!
//! To its clients it is an endpoint like a member, to its endpoints a client; so it may stand before another
//! proxy. It keeps nothing durable.
//!
//! - `link`: one connection at a time to one of the endpoints, and when to leave it.
//! - `calls`: requests with one reply. A request that changes something is sent once at most.
//! - `cache`: answers to ranges, kept while a broadcast watches the range.
//! - `observers`: streams that show the leaders of an election.
//! - `streams`: the watch streams of the clients, and their requests, in order.
//! - `broadcast`: upstream watches, and their watchers; `delivery`, `progress`, `merge` and `slow` are its parts.

mod broadcast;
mod cache;
mod calls;
mod config;
mod delivery;
mod io;
mod link;
mod machine;
mod merge;
mod observers;
mod progress;
mod slow;
mod streams;
mod upstream_watch;

#[cfg(feature = "defects")]
pub(crate) use broadcast::Broadcast;
pub use config::ProxyConfig;
pub use io::{ProxyEvent, ProxyInput, ProxyOutput};
pub use machine::Proxy;
#[cfg(feature = "defects")]
pub(crate) use machine::send_down;
