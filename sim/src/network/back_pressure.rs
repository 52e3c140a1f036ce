//! Telling a server that a client does not take what it is sent.
//!
//! Between the two there is room for so many responses of a watch stream ([`StreamConfig::queue_responses`]). A real
//! connection fills from the client's end; here the world sees both ends, and tells the server at once. A proxy takes
//! what it is sent when it arrives, and keeps count of its own clients.
//!
//! [`StreamConfig::queue_responses`]: super::StreamConfig::queue_responses

use super::stream::StreamId;
use crate::machine_slot::Incoming;
use crate::state::{State, member_of};
use crate::trace::NodeName;
use revline_store::machine::Input;
use revline_store::proxy::ProxyInput;

impl State {
    /// A watch response is sent.
    pub fn response_sent(&mut self, connection: StreamId, stream: u64) {
        let capacity = self.network.streams.queue_responses();
        let Some(open) = self.network.streams.get(connection) else { return };
        let server = open.server;
        if !open.client.is_proxy() && open.queued(stream, capacity) {
            self.counters.streams_stalled += 1;
            self.tell_server(
                server,
                Input::Stalled { session: connection, stream },
                ProxyInput::Stalled { session: connection, stream },
            );
        }
    }

    /// The application of a client takes a watch response.
    pub fn response_taken(&mut self, connection: StreamId, stream: u64) {
        let capacity = self.network.streams.queue_responses();
        let Some(open) = self.network.streams.get(connection) else { return };
        let server = open.server;
        if open.taken(stream, capacity) {
            self.tell_server(
                server,
                Input::Flowing { session: connection, stream },
                ProxyInput::Flowing { session: connection, stream },
            );
        }
    }

    fn tell_server(&mut self, server: NodeName, member: Input, proxy: ProxyInput) {
        if server.is_proxy() {
            self.tell_proxy(server, proxy);
        } else {
            self.push_incoming(member_of(server), Incoming::Step(member));
        }
    }
}
