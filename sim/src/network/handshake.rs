//! The beginning and the end of a stream: it belongs to one start of the process at either end.
//!
//! The client's request travels to the server as any frame does, and waits while the way is cut. The process that runs
//! at its *arrival* takes the stream; if none runs, the stream is refused. Until the client knows that it was taken,
//! nothing is sent on it. When the process at either end is gone, so is the stream, with all in flight: the other
//! end is told over the network, or finds out by itself where the way is cut (gRPC keepalive).

use super::Network;
use super::stream::{Direction, Opening, StreamId};
use crate::cx::Cx;
use crate::due::{Due, Told};
use crate::trace::{Event, NodeName, StreamName};

impl Network {
    /// Opens a stream. Its client will be told if no process takes it.
    pub fn open_stream(&mut self, cx: &mut Cx<'_>, opening: Opening) -> StreamId {
        let Opening { client, server, .. } = opening;
        let stream = self.streams.open(opening);
        cx.record(client, Event::StreamOpen { to: server, stream: StreamName(stream) });
        self.shake_hands(cx, stream, Direction::ToServer);
        let patience_ns = self.streams.stall_ns();
        cx.agenda.at(cx.now_ns + patience_ns, Due::NotEstablished { stream });
        stream
    }

    /// Sends a half of the handshake: the request, or that it was taken. Where the way is cut it waits.
    pub(super) fn shake_hands(&mut self, cx: &mut Cx<'_>, stream: StreamId, direction: Direction) {
        let Some(open) = self.streams.get(stream) else { return };
        let (from, to) = open.ends(direction);
        let cut = self.cuts.is_cut(from, to);
        if let Some(open) = self.streams.get(stream) {
            open.handshake_waits = cut.then_some(direction);
        }
        if !cut {
            let due_ns = self.link(from, to).frame_due_ns(cx.now_ns);
            cx.agenda.at(due_ns, Due::Handshake { stream, direction });
        }
    }

    /// The request for a stream arrives at the server, where this start of its process runs, if any does.
    pub fn request_arrived(&mut self, cx: &mut Cx<'_>, stream: StreamId, running: Option<u64>) {
        let Some(open) = self.streams.get(stream) else { return };
        let (client, server) = (open.client, open.server);
        let Some(incarnation) = running else { return self.refuse(cx, stream, client, server) };
        open.taken_by = Some(incarnation);
        cx.record(server, Event::StreamTaken { client, stream: StreamName(stream), incarnation });
        self.shake_hands(cx, stream, Direction::ToClient);
    }

    /// The client learns that its stream was taken.
    pub fn acceptance_arrived(&mut self, cx: &mut Cx<'_>, stream: StreamId) {
        let Some(open) = self.streams.get(stream) else { return };
        open.established = true;
        for parcel in std::mem::take(&mut open.unsent) {
            self.forward(cx, stream, Direction::ToServer, parcel);
        }
    }

    /// Refuses a stream that no process takes. While the way back is cut the client does not learn it, and asks again
    /// once ways are open.
    fn refuse(&mut self, cx: &mut Cx<'_>, stream: StreamId, client: NodeName, server: NodeName) {
        if self.cuts.is_cut(server, client) {
            if let Some(open) = self.streams.get(stream) {
                open.handshake_waits = Some(Direction::ToServer);
            }
            return;
        }
        let due_ns = self.link(server, client).frame_due_ns(cx.now_ns);
        if let Some(gone) = self.streams.remove(stream) {
            let session = gone.session;
            cx.agenda.at(due_ns, Due::BrokenAtClient { client, session, stream, refused: true });
        }
    }

    /// The client has waited long enough for a stream to be established.
    pub fn give_up_handshake(&mut self, cx: &mut Cx<'_>, stream: StreamId) {
        if self.streams.get(stream).is_some_and(|open| !open.established) {
            self.break_stream_that_waited(cx, stream, Direction::ToServer);
        }
    }

    /// The client closes a stream; the process that took it will notice.
    pub fn close_stream_at_client(&mut self, cx: &mut Cx<'_>, stream: StreamId) {
        let Some(gone) = self.streams.remove(stream) else { return };
        let (client, server) = (gone.client, gone.server);
        if let Some(incarnation) = gone.taken_by {
            let due_ns = self.noticed_ns(cx, client, server);
            cx.agenda.at(due_ns, Due::Tell { node: server, incarnation, told: Told::ClientGone { stream } });
        }
    }

    /// Breaks every stream with an end at the process of a node.
    pub fn break_streams_of(&mut self, cx: &mut Cx<'_>, node: NodeName) {
        for stream in self.streams.of_node(node) {
            self.break_stream(cx, stream);
        }
    }

    /// Breaks a stream: all in flight is lost, and either end notices.
    pub fn break_stream(&mut self, cx: &mut Cx<'_>, stream: StreamId) {
        self.sever(cx, stream, None);
    }

    /// Breaks a stream because a frame in this direction has waited too long: its sender knows at once.
    pub(super) fn break_stream_that_waited(
        &mut self,
        cx: &mut Cx<'_>,
        stream: StreamId,
        direction: Direction,
    ) {
        self.sever(cx, stream, Some(direction));
    }

    fn sever(&mut self, cx: &mut Cx<'_>, stream: StreamId, waited: Option<Direction>) {
        let Some(gone) = self.streams.remove(stream) else { return };
        cx.record(gone.client, Event::StreamBreak { with: gone.server, stream: StreamName(stream) });
        cx.counters.streams_broken += 1;
        let (client, server, session) = (gone.client, gone.server, gone.session);
        if let Some(incarnation) = gone.taken_by {
            let to_server = match waited {
                Some(Direction::ToClient) => cx.now_ns,
                _ => self.noticed_ns(cx, client, server),
            };
            cx.agenda
                .at(to_server, Due::Tell { node: server, incarnation, told: Told::ClientGone { stream } });
        }
        let to_client = match waited {
            Some(Direction::ToServer) => cx.now_ns,
            _ => self.noticed_ns(cx, server, client),
        };
        let refused = !gone.established;
        cx.agenda.at(to_client, Due::BrokenAtClient { client, session, stream, refused });
    }

    /// The time at which `to` notices that a stream with `from` is gone: no word of it passes where the way is cut.
    fn noticed_ns(&mut self, cx: &Cx<'_>, from: NodeName, to: NodeName) -> u64 {
        if self.cuts.is_cut(from, to) {
            cx.now_ns + self.streams.stall_ns()
        } else {
            self.link(from, to).frame_due_ns(cx.now_ns)
        }
    }
}
