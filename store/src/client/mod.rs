//! A client session: the state machine behind a client of the cluster, without I/O.
//!
//! It has one connection to one endpoint at a time, and fails over to the next one. On it are calls with deadlines,
//! watch streams and election observers. A call is sent at most once: where its answer is lost, the session says
//! that the outcome is unknown, and never repeats it. Etcd's is `client/v3`.
//!
//! - `channel`: the endpoints, and the connection to one of them.
//! - `calls`: requests with one reply, and their deadlines. `ambiguity`: requests that an error leaves undecided.
//! - `credentials`: the user, its token, and how it is renewed.
//! - `watch_streams`: watches, and how they resume. `watch_ids`: their names at the server. `cursor`: the place of a watch in the order of revisions.
//! - `observers`: streams of the election service.
//!
//! A host names calls and streams by the numbers that the session reserves for it, and carries out its outputs:
//!
//! ```
//! use revline_store::api::{PutRequest, Request};
//! use revline_store::client::{CallOptions, ClientInput, ClientOutput, ClientSession, SessionConfig};
//! use revline_store::frame::Call;
//! use revline_store::machine::{Machine, Time};
//!
//! let mut session = ClientSession::new(SessionConfig::new(3));
//! let (call, mut out) = (session.reserve_call(), Vec::new());
//! let put = PutRequest { key: "k".into(), value: "v".into(), ..PutRequest::default() };
//! let request = Call::Kv(Request::Put(put));
//! session.step(Time::default(), ClientInput::Call { call, request, options: CallOptions::default() }, &mut out);
//! assert!(matches!(out[..], [
//!     ClientOutput::Connect { connection: 1, endpoint: 0 },
//!     ClientOutput::Send { connection: 1, .. },
//!     ClientOutput::WakeAt { .. },
//! ]));
//! ```

mod ambiguity;
mod calls;
pub(crate) mod channel;
mod config;
mod credentials;
mod cursor;
mod cx;
mod io;
mod observers;
mod outcome;
mod session;
mod watch_ids;
mod watch_streams;

pub use config::{CallOptions, SessionConfig};
pub use cursor::{WatchCursor, WatchItem};
pub use io::{
    CallNumber, ClientInput, ClientOutput, Concerns, ConnectionNumber, Resumption, StreamNumber, WatchNumber,
};
pub use outcome::{CallError, UnknownCause};
pub use session::ClientSession;
pub use watch_ids::WatchIds;
