//! Streams of the election service. One that ends is not resumed: the next one begins with the present leader.

use super::cx::Cx;
use super::{ClientOutput, ConnectionNumber, StreamNumber};
use crate::api::{LeaderRequest, LeaderResponse};
use crate::error::Error;
use crate::frame::ClientFrame;
use std::collections::BTreeMap;

/// The observers of a session that have not ended, with their connections.
#[derive(Debug, Default)]
pub(super) struct Observers {
    open: BTreeMap<StreamNumber, ConnectionNumber>,
}

impl Observers {
    /// Opens a stream.
    pub fn open(&mut self, stream: StreamNumber, request: LeaderRequest, cx: &mut Cx<'_>) {
        let connection = cx.connect();
        self.open.insert(stream, connection);
        let token = cx.credentials.token();
        cx.send(connection, ClientFrame::Observe { stream, request, token });
    }

    /// Takes a response.
    pub fn received(
        &mut self,
        stream: StreamNumber,
        response: Result<LeaderResponse, Error>,
        cx: &mut Cx<'_>,
    ) {
        if !self.open.contains_key(&stream) {
            return;
        }
        if response.is_err() {
            self.open.remove(&stream);
        }
        cx.out.push(ClientOutput::Observed { stream, response });
    }

    /// Closes a stream.
    pub fn close(&mut self, stream: StreamNumber, cx: &mut Cx<'_>) {
        if let Some(connection) = self.open.remove(&stream) {
            cx.send(connection, ClientFrame::CloseStream { stream });
        }
    }

    /// Ends the streams of a connection that is gone.
    pub fn connection_lost(&mut self, connection: ConnectionNumber, cx: &mut Cx<'_>) {
        for (stream, _) in self.open.extract_if(.., |_, on| *on == connection) {
            cx.out.push(ClientOutput::StreamEnded { stream, broken: true });
        }
    }
}
