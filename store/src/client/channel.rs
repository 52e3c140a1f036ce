//! The channel to the cluster: one connection at a time, to one endpoint after the other.

use super::{ClientOutput, ConnectionNumber, SessionConfig};
use crate::machine::{ClientFrame, ServerFrame};
use crate::namespace::Namespace;

/// The endpoints, and the connection to one of them. Keys on it have the prefix of the namespace.
#[derive(Debug)]
pub(super) struct Channel {
    endpoints: usize,
    next_endpoint: usize,
    current: Option<ConnectionNumber>,
    /// The newest connection.
    last: ConnectionNumber,
    namespace: Option<Namespace>,
}

impl Channel {
    pub fn new(config: &SessionConfig) -> Channel {
        let namespace = config.namespace.clone().map(Namespace::new);
        Channel {
            endpoints: config.endpoints,
            next_endpoint: config.first_endpoint % config.endpoints,
            current: None,
            last: 0,
            namespace: namespace.map(|namespace| namespace.with_defects(config.defects)),
        }
    }

    /// The connection in use.
    pub fn current(&self) -> Option<ConnectionNumber> {
        self.current
    }

    /// The connection in use, or a new one to the next endpoint.
    pub fn connect(&mut self, out: &mut Vec<ClientOutput>) -> ConnectionNumber {
        if let Some(connection) = self.current {
            return connection;
        }
        self.last += 1;
        let (connection, endpoint) = (self.last, self.next_endpoint);
        self.current = Some(connection);
        out.push(ClientOutput::Connect { connection, endpoint });
        connection
    }

    /// Sends a frame on a connection, if that is the one in use.
    pub fn send(&self, connection: ConnectionNumber, mut frame: ClientFrame, out: &mut Vec<ClientOutput>) {
        if self.current != Some(connection) {
            return;
        }
        if let Some(namespace) = &self.namespace {
            namespace.request(&mut frame);
        }
        out.push(ClientOutput::Send { connection, frame });
    }

    /// Takes a frame that came on a connection; `None` if that is not the one in use.
    pub fn receive(&self, connection: ConnectionNumber, mut frame: ServerFrame) -> Option<ServerFrame> {
        if self.current != Some(connection) {
            return None;
        }
        if let Some(namespace) = &self.namespace {
            namespace.response(&mut frame);
        }
        Some(frame)
    }

    /// Gives up the connection in use; the next one goes to the next endpoint.
    pub fn fail_over(&mut self) -> Option<ConnectionNumber> {
        let lost = self.current.take()?;
        self.next_endpoint = (self.next_endpoint + 1) % self.endpoints;
        Some(lost)
    }
}
