//! The channel to the cluster: one connection at a time, to one endpoint after the other. A client session has one, and
//! so has a proxy.

use super::ConnectionNumber;
use crate::frame::{ClientFrame, ServerFrame};
use crate::namespace::Namespace;

/// The endpoints, and the connection to one of them. Keys on it have the prefix of the namespace.
#[derive(Debug)]
pub(crate) struct Channel {
    endpoints: usize,
    next_endpoint: usize,
    current: Option<Connection>,
    /// The newest connection.
    last: ConnectionNumber,
    namespace: Option<Namespace>,
}

/// A connection to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Connection {
    pub number: ConnectionNumber,
    pub endpoint: usize,
}

impl Channel {
    /// A channel to so many endpoints, which begins with `first_endpoint`, counted from 0 and around.
    pub fn new(endpoints: usize, first_endpoint: usize, namespace: Option<Namespace>) -> Channel {
        let next_endpoint = first_endpoint % endpoints;
        Channel { endpoints, next_endpoint, current: None, last: 0, namespace }
    }

    /// The number of endpoints.
    pub fn endpoints(&self) -> usize {
        self.endpoints
    }

    /// The number of the connection in use.
    pub fn current(&self) -> Option<ConnectionNumber> {
        self.current.map(|connection| connection.number)
    }

    /// Takes a new connection to the next endpoint into use; `None` if there is one.
    pub fn connect(&mut self) -> Option<Connection> {
        if self.current.is_some() {
            return None;
        }
        self.last += 1;
        self.current = Some(Connection { number: self.last, endpoint: self.next_endpoint });
        self.current
    }

    /// A frame as it travels to an endpoint.
    pub fn outgoing(&self, mut frame: ClientFrame) -> ClientFrame {
        if let Some(namespace) = &self.namespace {
            namespace.request(&mut frame);
        }
        frame
    }

    /// A frame as it is meant for this side; `None` if it did not come on the connection in use.
    pub fn incoming(&self, connection: ConnectionNumber, mut frame: ServerFrame) -> Option<ServerFrame> {
        if self.current() != Some(connection) {
            return None;
        }
        if let Some(namespace) = &self.namespace {
            namespace.response(&mut frame);
        }
        Some(frame)
    }

    /// Gives up the connection in use; the next one goes to the next endpoint.
    pub fn fail_over(&mut self) -> Option<Connection> {
        let lost = self.current.take()?;
        self.next_endpoint = (self.next_endpoint + 1) % self.endpoints;
        Some(lost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_connection_is_a_new_one_to_the_next_endpoint() {
        let mut channel = Channel::new(2, 3, None);
        assert_eq!(channel.connect(), Some(Connection { number: 1, endpoint: 1 }));
        assert_eq!(channel.connect(), None, "there is one");
        assert_eq!(channel.fail_over().map(|lost| lost.number), Some(1));
        assert_eq!((channel.fail_over(), channel.current()), (None, None));
        assert_eq!(channel.connect(), Some(Connection { number: 2, endpoint: 0 }));
    }
}
