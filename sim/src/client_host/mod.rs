//! The hosts of clients: each runs a [`ClientSession`](revline_store::client::ClientSession), records what the session
//! learns, and keeps that for the application. The [`client`](crate::client) of a program is a handle on one.
//!
//! A channel's host runs no session: the client of a user's own sends its frames.

mod call_records;
#[cfg_attr(not(feature = "channel"), allow(dead_code, reason = "a channel makes them"))]
mod channel_host;
mod clients;
mod hash_seen;
mod host;
mod manner;
mod notes;
mod observer_queues;
mod watch_queues;

pub(crate) use channel_host::ChannelHost;
#[cfg(feature = "channel")]
pub(crate) use channel_host::Inbound;
pub(crate) use clients::Clients;
pub(crate) use host::{ClientHost, Placed};
pub(crate) use manner::Manner;
pub(crate) use notes::Notes;
pub(crate) use observer_queues::Next;
