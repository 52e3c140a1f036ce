//! A proxy between clients and members: many clients on a few connections, many watchers of one range on one
//! upstream watch (`server/proxy/grpcproxy`).
//!
//! To its clients it is an endpoint like a member, to its endpoints a client; so it may stand before another
//! proxy. It keeps nothing durable.
//!
//! # The parts
//! Each owns its state, and steps over a [`Cx`](cx::Cx): the clock, the configuration, the connection to an endpoint and
//! the outputs. A part that needs another one is given it as an argument; its effects on others it returns.
//!
//! | part | state |
//! | --- | --- |
//! | [`Upstream`](upstream::Upstream) | one connection at a time to one of the endpoints, and when to leave it |
//! | [`Calls`](calls::Calls) | requests with one reply: one that changes something is sent once at most |
//! | [`Observers`](observers::Observers) | streams that show the leaders of an election |
//! | [`Streams`](streams::Streams) | the watch streams of the clients, their requests in order, and clients that are slow |
//! | [`Broadcasts`](broadcasts::Broadcasts) | upstream watches and their watchers; answers to ranges, kept while one watches the range |

mod broadcasts;
mod calls;
mod config;
mod cx;
mod io;
mod machine;
mod observers;
mod streams;
mod upstream;

pub use config::ProxyConfig;
pub use io::{ProxyEvent, ProxyInput, ProxyOutput};
pub use machine::Proxy;
