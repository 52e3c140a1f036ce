//! The inputs and the outputs of a client session.

use super::{CallError, CallOptions};
use crate::api::{LeaderRequest, LeaderResponse, WatchCreateRequest, WatchResponse};
use crate::error::Error;
use crate::frame::{Call, ClientFrame, Reply, ServerFrame};
use crate::machine::Time;

/// The number of a call of a session, from 1 on.
pub type CallNumber = u64;

/// The number of a stream of a session, of watches or of an observer, from 1 on.
pub type StreamNumber = u64;

/// The number of a watch on its stream, chosen by the host. None is used twice.
pub type WatchNumber = u32;

/// The number of a connection of a session, from 1 on. A connection that broke and was made again is a new one.
pub type ConnectionNumber = u64;

/// An input of a client session: a wish of the application, or an event on its connection.
#[derive(Debug)]
pub enum ClientInput {
    /// Sends a request, once.
    Call {
        /// Its number ([`super::ClientSession::reserve_call`]).
        call: CallNumber,
        /// The request. A successful `Auth.Authenticate` makes its user that of the session.
        request: Call,
        /// Its options.
        options: CallOptions,
    },
    /// The application no longer waits for a call. One that waits for a lock or an election is canceled.
    Abandon {
        /// The call.
        call: CallNumber,
    },
    /// Opens a watch stream.
    OpenWatchStream {
        /// Its number ([`super::ClientSession::reserve_stream`]).
        stream: StreamNumber,
        /// True if its watches resume by themselves when it breaks. Otherwise the application opens another stream,
        /// from the place in its [`super::WatchCursor`]s.
        resume: bool,
    },
    /// Begins a watch on a stream.
    Watch {
        /// The stream.
        stream: StreamNumber,
        /// The watch.
        watch: WatchNumber,
        /// The request.
        request: WatchCreateRequest,
    },
    /// Asks how far the watches of a stream have come.
    RequestProgress {
        /// The stream.
        stream: StreamNumber,
    },
    /// Ends one watch of a stream.
    CancelWatch {
        /// The stream.
        stream: StreamNumber,
        /// The watch.
        watch: WatchNumber,
    },
    /// Observes an election by the service of a member.
    Observe {
        /// The number of the stream ([`super::ClientSession::reserve_stream`]).
        stream: StreamNumber,
        /// The election.
        request: LeaderRequest,
    },
    /// Closes a stream, of watches or of an observer.
    CloseStream {
        /// The stream.
        stream: StreamNumber,
    },
    /// Closes the connection. The next call goes to the next endpoint.
    Disconnect,
    /// A frame from the endpoint, in the order in which it was sent.
    Frame {
        /// The connection it came on.
        connection: ConnectionNumber,
        /// The frame.
        frame: ServerFrame,
    },
    /// A connection broke, unless the session itself closed it.
    ConnectionClosed {
        /// The connection.
        connection: ConnectionNumber,
        /// It was never made: nothing that was sent on it arrived anywhere.
        refused: bool,
    },
    /// A moment that was asked for has come ([`ClientOutput::WakeAt`]).
    Wake,
}

/// An output of a client session: a request to its host, or news for the application.
#[derive(Debug)]
pub enum ClientOutput {
    /// Connects to an endpoint. Frames may be sent at once.
    Connect {
        /// The new connection.
        connection: ConnectionNumber,
        /// The endpoint, below [`super::SessionConfig::endpoints`].
        endpoint: usize,
    },
    /// Closes a connection. No input about it follows.
    Disconnect {
        /// The connection.
        connection: ConnectionNumber,
    },
    /// Sends a frame. On a connection that broke it goes nowhere.
    Send {
        /// The connection.
        connection: ConnectionNumber,
        /// The frame.
        frame: ClientFrame,
    },
    /// Asks for [`ClientInput::Wake`] at this moment.
    WakeAt {
        /// The moment.
        at: Time,
    },
    /// The session itself makes a call.
    Called {
        /// The call.
        call: CallNumber,
        /// Its request.
        request: Call,
    },
    /// A call came to its end.
    Answered {
        /// The call.
        call: CallNumber,
        /// Its outcome.
        answer: Result<Reply, CallError>,
        /// The application is told only at [`ClientOutput::Released`]: until then the session renews its token.
        held: bool,
    },
    /// The application is told of the answer of a call that was held.
    Released {
        /// The call.
        call: CallNumber,
    },
    /// A response on a watch stream, for the application.
    Watched {
        /// The stream.
        stream: StreamNumber,
        /// The number under which the server knows the stream.
        on_wire: StreamNumber,
        /// The watches it is about.
        concerns: Concerns,
        /// The response.
        response: WatchResponse,
    },
    /// A response on a watch stream that the application is not told of: its place in the stream's queue is free.
    Discarded {
        /// The connection it came on.
        connection: ConnectionNumber,
        /// The number under which the server knows the stream.
        on_wire: StreamNumber,
    },
    /// The server says that a watch which the application ended is over.
    CancelConfirmed {
        /// The stream.
        stream: StreamNumber,
        /// The watch.
        watch: WatchNumber,
    },
    /// A watch stream or an observer came to its end.
    StreamEnded {
        /// The stream.
        stream: StreamNumber,
        /// Its connection broke; otherwise the server ended it.
        broken: bool,
    },
    /// A watch stream goes on, on the present connection.
    Resumed {
        /// The stream.
        stream: StreamNumber,
        /// The number under which the server knows it from now on.
        on_wire: StreamNumber,
        /// Its watches.
        watches: Vec<Resumption>,
    },
    /// A leader, on a stream that observes an election; an error ends it.
    Observed {
        /// The stream.
        stream: StreamNumber,
        /// The response.
        response: Result<LeaderResponse, Error>,
    },
}

/// The watches that a response is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Concerns {
    /// One watch.
    One(WatchNumber),
    /// Every watch of the stream that the server said it created: these.
    All(Vec<WatchNumber>),
}

impl Concerns {
    /// The watch, if it is about one alone.
    pub fn one(&self) -> Option<WatchNumber> {
        match self {
            Concerns::One(watch) => Some(*watch),
            Concerns::All(_) => None,
        }
    }

    /// Every watch it is about.
    pub fn watches(&self) -> &[WatchNumber] {
        match self {
            Concerns::One(watch) => std::slice::from_ref(watch),
            Concerns::All(watches) => watches,
        }
    }
}

/// A watch that goes on on another stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resumption {
    /// The watch.
    pub watch: WatchNumber,
    /// Its new request.
    pub request: WatchCreateRequest,
    /// It continues where it was; otherwise it never began, and begins at the present revision.
    pub continues: bool,
}
