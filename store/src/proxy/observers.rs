//! Streams that show the leaders of an election. Each has one of its own upstream, and ends with it: a new one
//! begins with the leader of that time.

use super::cx::Cx;
use crate::api::{LeaderRequest, LeaderResponse, Token};
use crate::error::Error;
use crate::frame::{ClientFrame, ClientStream, ServerFrame, SessionId};
use std::collections::BTreeMap;

/// The observers of elections, by the numbers of their streams upstream.
#[derive(Debug, Default)]
pub(super) struct Observers {
    open: BTreeMap<u64, ClientStream>,
}

impl Observers {
    /// Opens a stream.
    pub fn open(
        &mut self,
        cx: &mut Cx<'_>,
        observer: ClientStream,
        request: LeaderRequest,
        token: Option<Token>,
    ) {
        if self.open.values().any(|open| *open == observer) {
            return;
        }
        if cx.upstream.is_down() {
            return respond(cx, observer, Err(Error::NoLeader));
        }
        let stream = cx.upstream.next_stream();
        self.open.insert(stream, observer);
        cx.send_up(ClientFrame::Observe { stream, request, token });
    }

    /// Takes a response from upstream.
    pub fn received(&mut self, cx: &mut Cx<'_>, stream: u64, response: Result<LeaderResponse, Error>) {
        let Some(&observer) = self.open.get(&stream) else { return };
        if response.is_err() {
            self.open.remove(&stream);
        }
        respond(cx, observer, response);
    }

    /// Ends all streams: the connection they were on is gone.
    pub fn connection_lost(&mut self, cx: &mut Cx<'_>) {
        for observer in std::mem::take(&mut self.open).into_values() {
            respond(cx, observer, Err(Error::Stopped));
        }
    }

    /// Closes a stream, if it is one of an observer.
    pub fn close(&mut self, cx: &mut Cx<'_>, observer: ClientStream) {
        self.close_those(cx, |open| open == observer);
    }

    /// Closes the streams of a client that is gone.
    pub fn close_session(&mut self, cx: &mut Cx<'_>, session: SessionId) {
        self.close_those(cx, |open| open.session == session);
    }

    fn close_those(&mut self, cx: &mut Cx<'_>, closes: impl Fn(ClientStream) -> bool) {
        for (stream, _) in self.open.extract_if(.., |_, open| closes(*open)) {
            cx.send_up(ClientFrame::CloseStream { stream });
        }
    }
}

fn respond(cx: &mut Cx<'_>, observer: ClientStream, response: Result<LeaderResponse, Error>) {
    cx.send_down(observer.session, ServerFrame::Observe { stream: observer.stream, response });
}
