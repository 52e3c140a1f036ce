//! The events of a world's agenda.

use crate::network::stream::{Direction, Parcel, StreamId};
use crate::node::Told;
use crate::sleep::Wakeup;
use crate::trace::NodeName;
use revline_store::frame::SessionId;
use revline_store::machine::MemberId;
use revline_store::peer::PeerMessage;

/// An event that comes due.
#[derive(Debug)]
pub(crate) enum Due {
    /// A datagram arrives.
    Datagram(PeerMessage),
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
    /// The host inspects the state of a member.
    Inspect(MemberId),
    /// The session of a client is to be woken.
    WakeClient { client: NodeName },
    /// A sleep is over.
    Wakeup(Wakeup),
}
