//! The hosts of clients: each runs a [`ClientSession`](revline_store::client::ClientSession), records what the session
//! learns, and keeps that for the application. The [`client`](crate::client) of a program is a handle on one.

mod call_records;
mod host;
mod manner;
mod notes;
mod observer_queues;
mod processes;
mod watch_queues;

pub(crate) use host::{ClientHost, Placed};
pub(crate) use manner::Manner;
pub(crate) use notes::Notes;
pub(crate) use observer_queues::Next;
pub(crate) use processes::Processes;
