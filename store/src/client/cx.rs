//! The context in which a part of a session takes a step.

use super::channel::{Channel, Connection};
use super::credentials::Credentials;
use super::{ClientOutput, ConnectionNumber, SessionConfig, StreamNumber};
use crate::api::WatchRequest;
use crate::frame::ClientFrame;
use crate::machine::Time;

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
        if let Some(Connection { number: connection, endpoint }) = self.channel.connect() {
            self.out.push(ClientOutput::Connect { connection, endpoint });
            return connection;
        }
        self.channel.current().unwrap_or_default()
    }

    /// Sends a frame on a connection, if that is the one in use.
    pub fn send(&mut self, connection: ConnectionNumber, frame: ClientFrame) {
        if self.channel.current() == Some(connection) {
            self.out.push(ClientOutput::Send { connection, frame: self.channel.outgoing(frame) });
        }
    }

    /// Sends a message on a watch stream.
    pub fn send_watch(&mut self, connection: ConnectionNumber, stream: StreamNumber, request: WatchRequest) {
        let token = self.credentials.token();
        self.send(connection, ClientFrame::Watch { stream, request, token });
    }
}
