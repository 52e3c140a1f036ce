//! Parcels: the frames on their way over streams.

use crate::trace::content::content;
use revline_store::frame::{ClientFrame, ServerFrame};

/// The number of a stream in the world: it contains the name of its client.
pub(crate) type StreamId = u64;

/// A frame on a stream, in either direction. Boxed, so that an event is moved by the address of its frame.
#[derive(Clone, Debug)]
pub(crate) enum Frame {
    ToServer(Box<ClientFrame>),
    ToClient(Box<ServerFrame>),
}

impl Frame {
    /// The hash of its content.
    fn content(&self) -> u64 {
        match self {
            Frame::ToServer(frame) => content(&**frame),
            Frame::ToClient(frame) => content(&**frame),
        }
    }

    /// The kind of frame, for the trace.
    pub fn kind(&self) -> &'static str {
        match self {
            Frame::ToServer(frame) => match **frame {
                ClientFrame::Call { .. } => "call",
                ClientFrame::CancelCall { .. } => "cancel",
                ClientFrame::Watch { .. } => "watch request",
                ClientFrame::Observe { .. } => "observe request",
                ClientFrame::CloseStream { .. } => "close",
            },
            Frame::ToClient(frame) => match **frame {
                ServerFrame::Reply { .. } => "reply",
                ServerFrame::Watch { .. } => "watch response",
                ServerFrame::Observe { .. } => "observe response",
            },
        }
    }
}

/// A frame on its way, with the hash of its content.
#[derive(Clone, Debug)]
pub(crate) struct Parcel {
    pub frame: Frame,
    pub content: u64,
}

impl Parcel {
    pub fn new(frame: Frame) -> Parcel {
        Parcel { content: frame.content(), frame }
    }
}

/// The two directions of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    ToServer,
    ToClient,
}
