//! The calls of the unmodified `etcd-client` crate, one service after the other, against three simulated members.
//!
//! Each body runs undisturbed, with a crash of the leader in its middle, and with partitions of it: see [`stage`].
//! Every run is judged by every guarantee besides. The calls, options and answers are those of the examples and tests of the
//! crate itself, and those of its options that these leave out.
//!
//! All of it works but the following, for these reasons:
//! - `downgrade` is refused (`Unimplemented`): the store has one version. `status().version()` is empty for the same reason.
//! - `member_add` takes the URL of a server that can be in the world (`http://m4:2380`), and refuses others: the URL says
//!   which member it is to be. Its process starts with `World::start_added`.
//! - Without any endpoint, after `remove_endpoint`, a call is refused. Over sockets it waits for an endpoint.
//! - `ConnectOptions::with_timeout` and the keepalives of HTTP/2 have no effect: the client gives them to sockets alone. See
//!   [`revline::etcd::Etcd::timeout`].
//! - `ConnectOptions::with_require_leader` does not hold for the observers of elections.
//! - There is no HTTP endpoint with metrics.
//!
//! Over real HTTP/2 it is the same: see [`http2`].
//!
//! Three things do not work in the client itself, against a real etcd as well: `KvClientPrefix` leaves its prefix with
//! `with_all_keys` and `with_from_key`, and `LeaseClientPrefix` shows keys that do not have the prefix (see [`namespace`]);
//! `with_auto_token_refresh` does not refresh a token of an old revision of users (see [`auth`]).

mod stage;

mod auth;
mod cluster;
mod election;
mod endpoints;
mod http2;
mod kv;
mod lease;
mod lock;
mod maintenance;
mod namespace;
mod proxy;
mod txn;
mod watch;
