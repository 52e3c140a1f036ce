//! Watch streams: which one belongs to which client connection.

use super::Member;
use crate::api::{Event, INVALID_WATCH_ID, ResponseHeader, Token, WatchRequest, WatchResponse};
use crate::defect::Defect;
use crate::error::Error;
use crate::machine::{Output, ServerFrame, SessionId, Time};
use crate::watch::{PROGRESS_INTERVAL_MS, StreamId};
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Streams {
    by_client: BTreeMap<(SessionId, u64), StreamId>,
    by_id: BTreeMap<StreamId, (SessionId, u64)>,
    next: u64,
    /// Since when the member has known no leader, as far as its ticks have seen.
    leaderless_since: Option<Time>,
    /// Responses of the watch hub on their way out; kept to reuse its memory.
    responses: Vec<(StreamId, WatchResponse)>,
}

impl Member {
    pub(super) fn watch_request(
        &mut self,
        session: SessionId,
        stream: u64,
        request: WatchRequest,
        token: Option<&Token>,
        out: &mut Vec<Output>,
    ) {
        if !self.is_voter() {
            return self.refuse_watch(session, stream, &request, Error::NotSupportedForLearner, out);
        }
        let requires_leader = matches!(&request, WatchRequest::Create(create) if create.require_leader);
        if requires_leader && self.core.raft.raft.leader_id == raft::INVALID_ID {
            return self.refuse_watch(session, stream, &request, Error::NoLeader, out);
        }
        let mut user = None;
        if let WatchRequest::Create(create) = &request {
            // As of a malformed request, nobody asks who sent it (`api/v3rpc/watch.go`).
            if create.start_revision < 0 && !self.core.config.defects.has(Defect::NegativeStartAccepted) {
                return self.refuse_watch(session, stream, &request, Error::Compacted, out);
            }
            match self.permit_watch(create, token) {
                Ok(permitted) => user = permitted,
                Err(error) => return self.refuse_watch(session, stream, &request, error, out),
            }
        }
        let id = match self.streams.by_client.get(&(session, stream)) {
            Some(&id) => id,
            None => {
                self.streams.next += 1;
                let id = StreamId(self.streams.next);
                self.streams.by_client.insert((session, stream), id);
                self.streams.by_id.insert(id, (session, stream));
                let jitter_ms = self.progress_jitter_ms(id);
                self.hub.open_stream(id, self.core.now.as_millis(), PROGRESS_INTERVAL_MS + jitter_ms);
                id
            }
        };
        self.hub.handle(id, &request, &self.core.state.store, &mut self.streams.responses);
        if let Some(user) = user {
            self.watch_owners.created(user, self.streams.responses.last());
        }
        self.send_watch_responses(out);
    }

    /// A learner has no watches, nor has who may not read the keys, nor has one without a leader a watch that asks
    /// for one (etcd: the stream ends with the error).
    fn refuse_watch(
        &mut self,
        session: SessionId,
        stream: u64,
        request: &WatchRequest,
        error: Error,
        out: &mut Vec<Output>,
    ) {
        if !matches!(request, WatchRequest::Create(_)) {
            return;
        }
        let mut response = WatchResponse {
            watch_id: INVALID_WATCH_ID,
            created: true,
            canceled: true,
            cancel_reason: error.to_string(),
            header: ResponseHeader::at(self.core.state.store.revision()),
            ..WatchResponse::default()
        };
        self.core.cx(out).fill_header(&mut response.header);
        out.push(Output::Client { session, frame: ServerFrame::Watch { stream, response } });
    }

    /// Up to a tenth of the progress interval, so that streams do not all report at once.
    fn progress_jitter_ms(&self, stream: StreamId) -> u64 {
        let mut seed = [0; 24];
        seed[..8].copy_from_slice(&self.core.config.id.to_le_bytes());
        seed[8..16].copy_from_slice(&self.core.config.incarnation.to_le_bytes());
        seed[16..].copy_from_slice(&stream.0.to_le_bytes());
        xxhash_rust::xxh3::xxh3_64_with_seed(&seed, self.core.config.election_seed)
            % (PROGRESS_INTERVAL_MS / 10)
    }

    pub(super) fn close_stream(&mut self, session: SessionId, stream: u64) {
        self.close_observer(session, stream);
        if let Some(id) = self.streams.by_client.remove(&(session, stream)) {
            self.streams.by_id.remove(&id);
            self.hub.close_stream(id);
            self.watch_owners.closed(id);
        }
    }

    pub(super) fn close_streams_of(&mut self, session: SessionId) {
        let streams: Vec<u64> =
            self.streams.by_client.range((session, 0)..=(session, u64::MAX)).map(|(key, _)| key.1).collect();
        for stream in streams {
            self.close_stream(session, stream);
        }
        self.close_observers_of(session);
    }

    pub(super) fn stream_stalled(&mut self, session: SessionId, stream: u64) {
        if let Some(&id) = self.streams.by_client.get(&(session, stream)) {
            self.hub.stall(id);
        }
    }

    pub(super) fn stream_flows(&mut self, session: SessionId, stream: u64, out: &mut Vec<Output>) {
        if let Some(&id) = self.streams.by_client.get(&(session, stream)) {
            self.hub.flow(id, &self.core.state.store, &mut self.streams.responses);
            self.send_watch_responses(out);
        }
    }

    /// Streams that asked for a leader end when there was none for three election timeouts
    /// (`interceptor.go`, `maxNoLeaderCnt`).
    pub(super) fn end_leaderless_streams(&mut self, out: &mut Vec<Output>) {
        if self.core.raft.raft.leader_id != raft::INVALID_ID {
            self.streams.leaderless_since = None;
            return;
        }
        let since = *self.streams.leaderless_since.get_or_insert(self.core.now);
        if self.core.now - since < 3 * self.core.config.election_timeout() {
            return;
        }
        let ended = self.hub.end_leaderless(&self.core.state.store, &mut self.streams.responses);
        self.send_watch_responses(out);
        for id in ended {
            if let Some(named) = self.streams.by_id.remove(&id) {
                self.streams.by_client.remove(&named);
                self.watch_owners.closed(id);
            }
        }
    }

    pub(super) fn notify_watches(&mut self, revision: i64, events: &[Event], out: &mut Vec<Output>) {
        self.hub.notify(&self.core.state.store, revision, events, &mut self.streams.responses);
        self.send_watch_responses(out);
        self.notify_services(events, out);
    }

    pub(super) fn pass_watches(&mut self, out: &mut Vec<Output>) {
        self.hub.pass(self.core.now.as_millis(), &self.core.state.store, &mut self.streams.responses);
        self.send_watch_responses(out);
    }

    fn send_watch_responses(&mut self, out: &mut Vec<Output>) {
        let mut responses = std::mem::take(&mut self.streams.responses);
        for (id, response) in responses.drain(..) {
            self.send_watch_response(id, response, out);
        }
        self.streams.responses = responses;
    }

    pub(super) fn send_watch_response(
        &mut self,
        id: StreamId,
        mut response: WatchResponse,
        out: &mut Vec<Output>,
    ) {
        self.watch_owners.sent(id, &response);
        let Some(&(session, stream)) = self.streams.by_id.get(&id) else { return };
        self.core.cx(out).fill_header(&mut response.header);
        out.push(Output::Client { session, frame: ServerFrame::Watch { stream, response } });
    }
}
