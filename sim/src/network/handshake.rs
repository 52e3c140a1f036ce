//! The beginning and the end of a stream: it belongs to one start of the process at either end.
//!
//! The client's request travels to the server as any frame does, and waits where the way is cut. The process that runs
//! when it *arrives* takes the stream; where none runs, the stream is refused. Until the client knows that it was taken,
//! nothing is sent on it. When the process at either end is gone, so is the stream, with what was in flight: the other
//! end is told over the network, or finds out by itself where the way is cut (gRPC keepalive).

use super::stream::{Direction, StreamId};
use crate::state::{Due, State};
use crate::trace::{Kind, NodeName};
use revline_store::machine::SessionId;

impl State {
    /// Opens a stream. If nobody takes it, the client will be told.
    pub fn open_stream(&mut self, client: NodeName, server: NodeName, session: SessionId) -> StreamId {
        let stream = self.network.streams.open(client, server, session);
        self.record(Kind::StreamOpen, client, [server.0, stream, 0]);
        self.shake_hands(stream, Direction::ToServer);
        let patience_ns = self.network.streams.stall_ns();
        self.agenda.at(self.now_ns + patience_ns, Due::NotEstablished { stream });
        stream
    }

    /// Sends a half of the handshake: the request, or that it was taken. Where the way is cut it waits.
    pub fn shake_hands(&mut self, stream: StreamId, direction: Direction) {
        let Some(open) = self.network.streams.get(stream) else { return };
        let (from, to) = open.ends(direction);
        let cut = self.network.cuts.is_cut(from, to);
        if let Some(open) = self.network.streams.get(stream) {
            open.handshake_waits = cut.then_some(direction);
        }
        if !cut {
            let due_ns = self.network.link(from, to).frame_due_ns(self.now_ns);
            self.agenda.at(due_ns, Due::Handshake { stream, direction });
        }
    }

    pub fn handshake_arrived(&mut self, stream: StreamId, direction: Direction) {
        let Some((client, server)) = self.network.streams.get(stream).map(|open| (open.client, open.server))
        else {
            return;
        };
        match direction {
            Direction::ToServer if !self.is_running(server) => self.refuse(stream, client, server),
            Direction::ToServer => {
                let incarnation = self.process(server).incarnation;
                if let Some(open) = self.network.streams.get(stream) {
                    open.taken_by = Some(incarnation);
                }
                self.record(Kind::StreamTaken, server, [client.0, stream, incarnation]);
                self.shake_hands(stream, Direction::ToClient);
            }
            Direction::ToClient => {
                let Some(open) = self.network.streams.get(stream) else { return };
                open.established = true;
                for parcel in std::mem::take(&mut open.unsent) {
                    self.forward(stream, Direction::ToServer, parcel);
                }
            }
        }
    }

    /// No process is there to take a stream. Where the way back is cut the client does not learn it, and asks again
    /// once ways are open.
    fn refuse(&mut self, stream: StreamId, client: NodeName, server: NodeName) {
        if self.network.cuts.is_cut(server, client) {
            if let Some(open) = self.network.streams.get(stream) {
                open.handshake_waits = Some(Direction::ToServer);
            }
            return;
        }
        let due_ns = self.network.link(server, client).frame_due_ns(self.now_ns);
        if let Some(gone) = self.network.streams.remove(stream) {
            let session = gone.session;
            self.agenda.at(due_ns, Due::BrokenAtClient { client, session, stream, refused: true });
        }
    }

    /// The client has waited long enough for a stream to be established.
    pub fn give_up_handshake(&mut self, stream: StreamId) {
        if self.network.streams.get(stream).is_some_and(|open| !open.established) {
            self.break_stream_that_waited(stream, Direction::ToServer);
        }
    }

    /// The client closes a stream; the process that took it will notice.
    pub fn close_stream_at_client(&mut self, client: NodeName, server: NodeName, stream: StreamId) {
        let Some(gone) = self.network.streams.remove(stream) else { return };
        if let Some(incarnation) = gone.taken_by {
            let due_ns = self.noticed_ns(client, server);
            self.agenda.at(due_ns, Due::BrokenAtServer { server, incarnation, stream });
        }
    }

    /// Breaks a stream: what is in flight is lost, and either end notices.
    pub fn break_stream(&mut self, stream: StreamId) {
        self.sever(stream, None);
    }

    /// As [`State::break_stream`], because what was to go in this direction has waited too long: its sender knows.
    pub fn break_stream_that_waited(&mut self, stream: StreamId, direction: Direction) {
        self.sever(stream, Some(direction));
    }

    fn sever(&mut self, stream: StreamId, waited: Option<Direction>) {
        let Some(gone) = self.network.streams.remove(stream) else { return };
        self.record(Kind::StreamBreak, gone.client, [gone.server.0, stream, 0]);
        self.counters.streams_broken += 1;
        let (client, server, session) = (gone.client, gone.server, gone.session);
        if let Some(incarnation) = gone.taken_by {
            let to_server = match waited {
                Some(Direction::ToClient) => self.now_ns,
                _ => self.noticed_ns(client, server),
            };
            self.agenda.at(to_server, Due::BrokenAtServer { server, incarnation, stream });
        }
        let to_client = match waited {
            Some(Direction::ToServer) => self.now_ns,
            _ => self.noticed_ns(server, client),
        };
        let refused = !gone.established;
        self.agenda.at(to_client, Due::BrokenAtClient { client, session, stream, refused });
    }

    /// The time at which `to` notices that a stream with `from` is gone: no word of it passes where the way is cut.
    fn noticed_ns(&mut self, from: NodeName, to: NodeName) -> u64 {
        if self.network.cuts.is_cut(from, to) {
            self.now_ns + self.network.streams.stall_ns()
        } else {
            self.network.link(from, to).frame_due_ns(self.now_ns)
        }
    }
}
