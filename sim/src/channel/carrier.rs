//! The way of a session's frames through the world.

use crate::client_host::{ChannelHost, Inbound};
use crate::parcel::StreamId;
use crate::state::Shared;
use crate::trace::NodeName;
use revline_rpc::session::{self, Carrier, Lost, Session};
use revline_store::frame::{ClientFrame, ServerFrame};
use revline_store::machine::MemberId;
use std::fmt;

/// A connection of a client's channel to a server.
pub(super) struct WorldCarrier {
    world: Shared,
    node: NodeName,
    connection: StreamId,
}

impl fmt::Debug for WorldCarrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorldCarrier").field("connection", &self.connection).finish_non_exhaustive()
    }
}

impl Inbound for session::Inbound {
    fn received(&self, frame: ServerFrame) {
        session::Inbound::received(self, frame);
    }

    fn lost(&self, refused: bool) {
        session::Inbound::lost(self, if refused { Lost::Refused } else { Lost::Broken });
    }
}

impl WorldCarrier {
    /// A session over a new connection to a server.
    pub fn connect(world: &Shared, node: NodeName, server: MemberId) -> Session<WorldCarrier> {
        Session::new(|inbound| {
            let connection = world
                .lock()
                .with_channel(node, |host, around| host.connect(around, server, Box::new(inbound)))
                .expect("the channel of a client has a host");
            WorldCarrier { world: world.clone(), node, connection }
        })
    }

    fn with_host(&self, act: impl FnOnce(&mut ChannelHost, &mut crate::around::Around<'_>)) {
        // A panic may have happened with the world locked.
        if !std::thread::panicking() {
            self.world.lock().with_channel(self.node, act);
        }
    }
}

impl Carrier for WorldCarrier {
    fn send(&self, frame: ClientFrame) {
        self.with_host(|host, around| host.send(around, self.connection, frame));
    }

    fn taken(&self, stream: u64) {
        self.with_host(|host, around| host.response_taken(around, self.connection, stream));
    }

    fn close(&self) {
        self.with_host(|host, around| host.close(around, self.connection));
    }
}
