//! The frames on a stream: sent, held back where the way is cut, delivered in order.
//!
//! Back pressure: a client's connection has room for so many responses of a watch stream
//! ([`StreamConfig::queue_responses`]). A real connection fills from the client's end; here the network sees both ends,
//! and tells the server at once. The streams that a proxy opens have no such queue: it takes every response when it
//! arrives, and keeps count of its own clients.
//!
//! [`StreamConfig::queue_responses`]: super::StreamConfig::queue_responses

use super::Network;
use super::stream::{Direction, Frame, Parcel, StreamId};
use crate::cx::Cx;
use crate::details;
use crate::due::{Due, Told};
use crate::trace::{Event, Fingerprint, NodeName, StreamName};
use revline_store::frame::{ServerFrame, SessionId};

/// A frame at its destination.
pub(crate) struct Arrived {
    pub to: NodeName,
    /// The number its client gave to the stream, if that is a proxy.
    pub session: SessionId,
    pub frame: Frame,
}

impl Network {
    /// Sends a frame on a stream. On one that is gone it goes nowhere.
    pub fn send_frame(&mut self, cx: &mut Cx<'_>, stream: StreamId, direction: Direction, frame: Frame) {
        let Some(open) = self.streams.get(stream) else { return };
        let (from, to) = open.ends(direction);
        if let Frame::ToClient(frame) = &frame
            && let ServerFrame::Watch { stream: watch_stream, .. } = **frame
        {
            self.response_sent(cx, stream, watch_stream);
        }
        let (message, parcel) = (frame.kind(), Parcel::new(frame));
        let content = Fingerprint(parcel.content);
        let event = Event::FrameSend { message, to, stream: StreamName(stream), content };
        cx.record_with(from, event, || details::frame(&parcel.frame));
        self.forward(cx, stream, direction, parcel);
    }

    /// Puts a frame on its way, or behind those that wait.
    pub(super) fn forward(
        &mut self,
        cx: &mut Cx<'_>,
        stream: StreamId,
        direction: Direction,
        parcel: Parcel,
    ) {
        let stall_ns = self.streams.stall_ns();
        let Some(open) = self.streams.get(stream) else { return };
        let (from, to) = open.ends(direction);
        if direction == Direction::ToServer && !open.established {
            open.unsent.push_back(parcel);
        } else if open.is_stalled(direction) || self.cuts.is_cut(from, to) {
            if open.stall(direction, parcel, cx.now_ns) {
                cx.agenda.at(cx.now_ns + stall_ns, Due::Stall { stream, direction });
            }
        } else {
            self.transmit(cx, stream, direction, parcel);
        }
    }

    fn transmit(&mut self, cx: &mut Cx<'_>, stream: StreamId, direction: Direction, parcel: Parcel) {
        if self.breaking.remove(&stream).is_some() {
            // The receiver has the first part of the frame alone.
            return self.break_stream(cx, stream);
        }
        let Some((from, to)) = self.streams.get(stream).map(|open| open.ends(direction)) else { return };
        let due_ns = self.link(from, to).frame_due_ns(cx.now_ns);
        if let Some(open) = self.streams.get(stream) {
            let due_ns = open.in_order(direction, due_ns);
            cx.agenda.at(due_ns, Due::Frame { stream, direction, parcel });
        }
    }

    /// A frame arrives, unless its stream is gone.
    pub fn frame_arrived(
        &mut self,
        cx: &mut Cx<'_>,
        stream: StreamId,
        direction: Direction,
        parcel: Parcel,
    ) -> Option<Arrived> {
        let open = self.streams.get(stream)?;
        let ((from, to), session) = (open.ends(direction), open.session);
        let Parcel { frame, content } = parcel;
        let (message, content) = (frame.kind(), Fingerprint(content));
        cx.record(to, Event::FrameDeliver { message, from, stream: StreamName(stream), content });
        Some(Arrived { to, session, frame })
    }

    /// Breaks a stream whose frames have waited too long.
    pub fn check_stall(&mut self, cx: &mut Cx<'_>, stream: StreamId, direction: Direction) {
        let stall_ns = self.streams.stall_ns();
        let Some(since_ns) = self.streams.get(stream).and_then(|open| open.stalled_since_ns(direction))
        else {
            return;
        };
        if cx.now_ns >= since_ns + stall_ns {
            self.break_stream_that_waited(cx, stream, direction);
        } else {
            cx.agenda.at(since_ns + stall_ns, Due::Stall { stream, direction });
        }
    }

    /// Sends the frames and handshakes that waited for a way that is open again.
    pub fn resume_streams(&mut self, cx: &mut Cx<'_>) {
        for (stream, direction) in self.streams.handshakes_waiting() {
            self.shake_hands(cx, stream, direction);
        }
        for (stream, direction) in self.streams.stalled() {
            let Some(open) = self.streams.get(stream) else { continue };
            let (from, to) = open.ends(direction);
            if self.cuts.is_cut(from, to) {
                continue;
            }
            let parcels = open.take_stalled(direction);
            for parcel in parcels {
                self.transmit(cx, stream, direction, parcel);
            }
        }
    }

    /// A watch response is sent.
    fn response_sent(&mut self, cx: &mut Cx<'_>, stream: StreamId, watch_stream: u64) {
        let capacity = self.streams.queue_responses();
        let Some(open) = self.streams.get(stream) else { return };
        if open.queued(watch_stream, capacity) {
            cx.counters.streams_stalled += 1;
            open.tell_server(cx, Told::Stalled { stream, watch_stream });
        }
    }

    /// The application of a client takes a watch response.
    pub fn response_taken(&mut self, cx: &mut Cx<'_>, stream: StreamId, watch_stream: u64) {
        let capacity = self.streams.queue_responses();
        let Some(open) = self.streams.get(stream) else { return };
        if open.taken(watch_stream, capacity) {
            open.tell_server(cx, Told::Flowing { stream, watch_stream });
        }
    }
}
