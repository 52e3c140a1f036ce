//! The inputs and outputs of a proxy.

use crate::frame::{ClientFrame, ServerFrame, SessionId};
use serde::{Deserialize, Serialize};

/// An input of a proxy. Sessions of clients and sessions to endpoints are numbered apart.
#[derive(Debug)]
pub enum ProxyInput {
    /// One tick of the local clock passed ([`super::ProxyConfig::tick_ms`]).
    Tick,
    /// A frame from a client, in the order in which it was sent on its session.
    Client {
        /// The connection it came on, named by the host. One that was made again is a new one.
        session: SessionId,
        /// The frame.
        frame: ClientFrame,
    },
    /// A client's connection is gone, unless the proxy itself closed it.
    SessionClosed {
        /// The connection.
        session: SessionId,
    },
    /// A frame from an endpoint, in the order in which it was sent.
    Upstream {
        /// The connection, as named in [`ProxyOutput::Connect`].
        session: SessionId,
        /// The frame.
        frame: ServerFrame,
    },
    /// A connection to an endpoint is gone, unless the proxy itself ended it.
    UpstreamClosed {
        /// The connection.
        session: SessionId,
        /// It was never made: nothing that was sent on it arrived anywhere.
        refused: bool,
    },
    /// The responses on a watch stream, on their way to a client that does not take them, have reached the capacity of
    /// their queue.
    Stalled {
        /// The client's connection.
        session: SessionId,
        /// The stream.
        stream: u64,
    },
    /// The queue of a stream that stalled is below half its capacity.
    Flowing {
        /// The client's connection.
        session: SessionId,
        /// The stream.
        stream: u64,
    },
}

/// An output of a proxy. The host carries them out in order.
#[derive(Debug)]
pub enum ProxyOutput {
    /// Send a frame to a client.
    Client {
        /// The connection.
        session: SessionId,
        /// The frame.
        frame: ServerFrame,
    },
    /// End a client's connection. Nothing more is said of it.
    CloseSession {
        /// The connection.
        session: SessionId,
    },
    /// Connect to an endpoint. Frames may be sent at once.
    Connect {
        /// The new connection, named by the proxy: never used twice in one life.
        session: SessionId,
        /// The endpoint, below [`super::ProxyConfig::endpoints`].
        endpoint: usize,
    },
    /// Send a frame to an endpoint.
    Upstream {
        /// The connection.
        session: SessionId,
        /// The frame.
        frame: ClientFrame,
    },
    /// End a connection to an endpoint. Nothing more is said of it.
    Disconnect {
        /// The connection.
        session: SessionId,
    },
    /// Something happened that an observer wants to know. The host need not do anything.
    Event(ProxyEvent),
}

/// An event of a proxy, for observers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProxyEvent {
    /// It turns to an endpoint.
    Connected {
        /// The endpoint.
        endpoint: usize,
    },
    /// It gave an endpoint up, or was given up.
    Lost {
        /// The endpoint.
        endpoint: usize,
        /// The calls under way whose outcome is unknown.
        unknown_calls: usize,
        /// The upstream watches that resume elsewhere.
        watches: usize,
    },
    /// A new watcher shares an upstream watch that was there.
    Joined {
        /// So many share it now.
        watchers: usize,
    },
    /// Two upstream watches of the same range came to the same place and are one from now on.
    Merged {
        /// So many share it now.
        watchers: usize,
    },
    /// A stream's client does not take its responses: its watchers wait, without a place in any queue.
    Parked {
        /// The connection.
        session: SessionId,
        /// The stream.
        stream: u64,
        /// The number of its watchers.
        watchers: usize,
    },
    /// A client was cut off because it did not take its responses.
    CutOff {
        /// The connection.
        session: SessionId,
    },
    /// A range was answered from the cache.
    Cached {
        /// It is linearizable, and was confirmed.
        linearizable: bool,
    },
}
