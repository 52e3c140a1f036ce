//! The events of a world's agenda.

use crate::fault_id::FaultId;
use crate::parcel::{Direction, Parcel, StreamId};
use crate::trace::NodeName;
use revline_store::disk::DiskFailure;
use revline_store::frame::{ClientFrame, ServerFrame, SessionId};
use revline_store::machine::MemberId;
use revline_store::peer::PeerMessage;
use std::sync::{Arc, Mutex};
use std::task::Waker;

/// An event that comes due.
#[derive(Debug)]
pub(crate) enum Due {
    /// A datagram arrives. `content`: its fingerprint.
    Datagram { message: PeerMessage, content: u64 },
    /// A frame arrives.
    Frame { stream: StreamId, direction: Direction, parcel: Parcel },
    /// A stream's frames may have waited too long.
    Stall { stream: StreamId, direction: Direction },
    /// A half of a stream's handshake arrives.
    Handshake { stream: StreamId, direction: Direction },
    /// A stream may have waited too long to be established.
    NotEstablished { stream: StreamId },
    /// The client of a stream notices that it is gone. `refused`: it never was established.
    BrokenAtClient { client: NodeName, session: SessionId, stream: StreamId, refused: bool },
    /// Something reaches a process, if this start of it still runs.
    Tell { node: NodeName, incarnation: u64, told: Told },
    /// A process starts, resumes, or is done with the work of its last step.
    GoOn(NodeName),
    /// A process that ended by itself is started again, unless a fault keeps it down.
    Restart(NodeName),
    /// The power of a node is cut, unless the fault is over.
    PowerOff { node: NodeName, fault: FaultId },
    /// The host inspects the state of a member.
    Inspect(MemberId),
    /// The session of a client is to be woken.
    WakeClient { client: NodeName },
    /// A sleep is over.
    Wakeup(Wakeup),
}

/// Something that reaches a node.
#[derive(Debug)]
pub(crate) enum Told {
    /// The tick of its clock.
    Tick,
    /// A datagram of another member.
    Datagram(PeerMessage),
    /// A frame of the client of a stream.
    Client { stream: StreamId, frame: Box<ClientFrame> },
    /// The stream of a client is gone.
    ClientGone { stream: StreamId },
    /// The queue of a watch stream's responses is full.
    Stalled { stream: StreamId, watch_stream: u64 },
    /// The queue is less than half full again.
    Flowing { stream: StreamId, watch_stream: u64 },
    /// A frame of the server of a stream that this node opened as this session.
    Server { session: SessionId, stream: StreamId, frame: Box<ServerFrame> },
    /// A stream that this node opened is gone. `refused`: it never was established.
    ServerGone { session: SessionId, stream: StreamId, refused: bool },
    /// The disk finished an operation.
    DiskFinished,
    /// An operation of the disk failed.
    DiskFailed(DiskFailure),
    /// The disk goes on.
    DiskGoesOn,
    /// The wall part of its clock was set, so far ahead of the monotonic one.
    ClockSet { wall_ahead_ms: i64 },
}

/// The waker of a sleeper; `None` once it no longer waits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wakeup(Arc<Mutex<Option<Waker>>>);

impl Wakeup {
    /// Sets the waker, or takes it away.
    pub fn set(&self, waker: Option<Waker>) {
        *self.0.lock().expect("the world runs on one thread") = waker;
    }

    /// Wakes the sleeper: the moment has come.
    pub fn ring(&self) {
        let waker = self.0.lock().expect("the world runs on one thread").take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}
