//! Streams that show the leaders of an election. Each has one of its own upstream, and ends with it: a new one
//! begins with the leader of that time.

use super::ProxyOutput;
use super::machine::{Proxy, send_down};
use crate::api::{LeaderRequest, LeaderResponse, Token};
use crate::error::Error;
use crate::frame::{ClientFrame, ServerFrame, SessionId};
use std::collections::BTreeMap;

/// Streams of clients, by their names upstream.
#[derive(Debug, Default)]
pub(super) struct Observers {
    open: BTreeMap<u64, (SessionId, u64)>,
}

impl Proxy {
    pub(super) fn observe(
        &mut self,
        session: SessionId,
        stream: u64,
        request: LeaderRequest,
        token: Option<Token>,
        out: &mut Vec<ProxyOutput>,
    ) {
        if self.observers.open.values().any(|open| *open == (session, stream)) {
            return;
        }
        if self.links.is_down() {
            let response = Err(Error::NoLeader);
            return send_down(session, ServerFrame::Observe { stream, response }, out);
        }
        let up = self.broadcasts.next_stream();
        self.observers.open.insert(up, (session, stream));
        self.send_up(ClientFrame::Observe { stream: up, request, token }, out);
    }

    pub(super) fn observed(
        &mut self,
        up: u64,
        response: Result<LeaderResponse, Error>,
        out: &mut Vec<ProxyOutput>,
    ) {
        let Some(&(session, stream)) = self.observers.open.get(&up) else { return };
        if response.is_err() {
            self.observers.open.remove(&up);
        }
        send_down(session, ServerFrame::Observe { stream, response }, out);
    }

    pub(super) fn observers_lost(&mut self, out: &mut Vec<ProxyOutput>) {
        for (session, stream) in std::mem::take(&mut self.observers.open).into_values() {
            let response = Err(Error::Stopped);
            send_down(session, ServerFrame::Observe { stream, response }, out);
        }
    }

    pub(super) fn close_observer(&mut self, session: SessionId, stream: u64, out: &mut Vec<ProxyOutput>) {
        self.close_observers(|open| open == (session, stream), out);
    }

    pub(super) fn close_observers_of(&mut self, session: SessionId, out: &mut Vec<ProxyOutput>) {
        self.close_observers(|open| open.0 == session, out);
    }

    fn close_observers(&mut self, closed: impl Fn((SessionId, u64)) -> bool, out: &mut Vec<ProxyOutput>) {
        let gone = self.observers.open.extract_if(.., |_, open| closed(*open));
        for stream in gone.map(|(up, _)| up).collect::<Vec<_>>() {
            self.send_up(ClientFrame::CloseStream { stream }, out);
        }
    }
}
