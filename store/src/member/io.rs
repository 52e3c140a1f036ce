//! The inputs and outputs of a member.

use super::MemberEvent;
use crate::disk::{DiskFailure, DiskOperation, DiskToken};
use crate::frame::{ClientFrame, ServerFrame, SessionId};
use crate::peer::PeerMessage;

/// An input of a member.
#[derive(Debug)]
pub enum Input {
    /// One tick of the local clock passed ([`super::Config::tick_ms`]).
    Tick,
    /// The wall clock of the host was set: it is now so many milliseconds ahead of the monotonic one, or behind it if
    /// negative. Only the ends of signed tokens are moments of that clock, as all members have to agree on them;
    /// whatever lasts for some time is measured by the monotonic one.
    ClockSet {
        /// The distance, in milliseconds.
        wall_ahead_ms: i64,
    },
    /// A datagram from a peer. It may be late, repeated, or out of order.
    Peer(PeerMessage),
    /// A frame from a client, in the order in which it was sent on its session.
    Client {
        /// The connection it came on.
        session: SessionId,
        /// The frame.
        frame: ClientFrame,
    },
    /// A client's connection is gone, and its calls and streams with it.
    SessionClosed {
        /// The connection.
        session: SessionId,
    },
    /// The queue of responses of this watch stream is full ([`crate::frame::STREAM_QUEUE_RESPONSES`]): its client does
    /// not take them. Only the change is told. Until the stream flows, a member sends nothing on it but answers to
    /// requests.
    Stalled {
        /// The connection.
        session: SessionId,
        /// The stream.
        stream: u64,
    },
    /// That queue is less than half full again.
    Flowing {
        /// The connection.
        session: SessionId,
        /// The stream.
        stream: u64,
    },
    /// The disk operation with this token is done, and with it every one asked for before it.
    DiskDone {
        /// The token given in [`Output::Disk`].
        token: DiskToken,
    },
    /// A disk operation failed. The member stops, as etcd does: see [`MemberEvent::Failed`].
    DiskFailed(DiskFailure),
}

/// An output of a member, to be carried out by its host in order.
#[derive(Debug)]
pub enum Output {
    /// Send a datagram to [`PeerMessage::to`].
    Peer(PeerMessage),
    /// Send a frame to a client.
    Client {
        /// The connection.
        session: SessionId,
        /// The frame.
        frame: ServerFrame,
    },
    /// Do this to the disk, after everything asked for before.
    Disk {
        /// The operation.
        operation: DiskOperation,
        /// Tell [`Input::DiskDone`] with this token when it is done.
        done: Option<DiskToken>,
    },
    /// An event for observers. The host need not do anything.
    Event(MemberEvent),
}
