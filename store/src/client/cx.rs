//! The context in which a part of a session takes a step.

use super::channel::Channel;
use super::credentials::Credentials;
use super::{ClientOutput, ConnectionNumber, SessionConfig, StreamNumber};
use crate::api::WatchRequest;
use crate::machine::{ClientFrame, Time};

/// The parts that all others use.
pub(super) struct Cx<'a> {
    pub now: Time,
    pub config: &'a SessionConfig,
    pub channel: &'a mut Channel,
    pub credentials: &'a Credentials,
    pub out: &'a mut Vec<ClientOutput>,
}

impl Cx<'_> {
    /// The connection in use, or a new one.
    pub fn connect(&mut self) -> ConnectionNumber {
        self.channel.connect(self.out)
    }

    /// Sends a frame on a connection, if that is the one in use.
    pub fn send(&mut self, connection: ConnectionNumber, frame: ClientFrame) {
        self.channel.send(connection, frame, self.out);
    }

    /// Sends a message on a watch stream.
    pub fn send_watch(&mut self, connection: ConnectionNumber, stream: StreamNumber, request: WatchRequest) {
        let token = self.credentials.token();
        self.send(connection, ClientFrame::Watch { stream, request, token });
    }
}
