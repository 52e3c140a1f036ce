//! Watch streams: the watches of clients, by the connections they came on.

pub(super) mod owners;

use crate::api::{
    Event, INVALID_WATCH_ID, Token, WatchCancelRequest, WatchCreateRequest, WatchRequest, WatchResponse,
};
use crate::defect::{Defects, altered};
use crate::error::Error;
use crate::frame::{ClientStream, ServerFrame, SessionId};
use crate::machine::Time;
use crate::mark::{Mark, reach};
use crate::member::Config;
use crate::member::Output;
use crate::member::cx::Cx;
use crate::member::streams::owners::WatchOwners;
use crate::member::v3_server::auth_gate::AuthGate;
use crate::watch::{StreamId, WatchableStore};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The watch streams of a member.
#[derive(Debug)]
pub(super) struct WatchStreams {
    watchable: WatchableStore,
    owners: WatchOwners,
    by_client: BTreeMap<ClientStream, StreamId>,
    by_id: BTreeMap<StreamId, ClientStream>,
    last_id: u64,
    /// Since when the member has known no leader, as far as its ticks have seen.
    leaderless_since: Option<Time>,
    /// Responses on their way out; kept to reuse the memory.
    responses: Vec<(StreamId, WatchResponse)>,
}

impl WatchStreams {
    /// The streams of a member, none yet, for a store that is at `revision`.
    pub fn new(defects: Defects, revision: i64) -> WatchStreams {
        WatchStreams {
            watchable: WatchableStore::new(defects, revision),
            owners: WatchOwners::default(),
            by_client: BTreeMap::new(),
            by_id: BTreeMap::new(),
            last_id: 0,
            leaderless_since: None,
            responses: Vec::new(),
        }
    }

    /// A request on a stream; the first one opens the stream.
    pub fn request(
        &mut self,
        cx: &mut Cx<'_>,
        gate: &mut AuthGate,
        named: ClientStream,
        request: &WatchRequest,
        token: Option<&Token>,
    ) {
        let user = match admit(cx, gate, request, token) {
            Ok(user) => user,
            Err(error) => {
                if let WatchRequest::Create(_) = request {
                    refuse(cx, named, &error);
                }
                return;
            }
        };
        let id = self.open(cx, named);
        self.watchable.handle(id, request, &cx.state.store, &mut self.responses);
        if let Some(user) = user {
            self.owners.created(user, self.responses.last());
        }
        self.send_responses(cx);
    }

    fn open(&mut self, cx: &Cx<'_>, named: ClientStream) -> StreamId {
        if let Some(&id) = self.by_client.get(&named) {
            return id;
        }
        self.last_id += 1;
        let id = StreamId(self.last_id);
        self.by_client.insert(named, id);
        self.by_id.insert(id, named);
        let every_ms = cx.config.tuning.watch_progress_every_ms;
        let interval_ms = every_ms + progress_jitter_ms(cx.config, id, every_ms);
        self.watchable.open_stream(id, cx.now.as_millis(), interval_ms);
        id
    }

    /// The client closed a stream.
    pub fn close(&mut self, named: ClientStream) {
        if let Some(id) = self.by_client.remove(&named) {
            self.by_id.remove(&id);
            self.watchable.close_stream(id);
            self.owners.closed(id);
        }
    }

    /// Closes the streams of a connection that broke.
    pub fn close_session(&mut self, session: SessionId) {
        let (first, last) = (ClientStream { session, stream: 0 }, ClientStream { session, stream: u64::MAX });
        let own: Vec<ClientStream> = self.by_client.range(first..=last).map(|(named, _)| *named).collect();
        for named in own {
            self.close(named);
        }
    }

    /// Notes that the client does not take the responses of a stream.
    pub fn stalled(&mut self, named: ClientStream) {
        if let Some(&id) = self.by_client.get(&named) {
            self.watchable.stall(id);
        }
    }

    /// Resumes a stream whose client takes its responses again.
    pub fn flows(&mut self, cx: &mut Cx<'_>, named: ClientStream) {
        if let Some(&id) = self.by_client.get(&named) {
            self.watchable.flow(id, &cx.state.store, &mut self.responses);
            self.send_responses(cx);
        }
    }

    /// Ends streams without a leader, lets watches catch up and tells progress, as time passes.
    pub fn tick(&mut self, cx: &mut Cx<'_>) {
        self.end_leaderless(cx);
        self.watchable.pass(cx.now.as_millis(), &cx.state.store, &mut self.responses);
        self.send_responses(cx);
    }

    /// Ends the streams that asked for a leader if there was none for three election timeouts (`interceptor.go`,
    /// `maxNoLeaderCnt`).
    fn end_leaderless(&mut self, cx: &mut Cx<'_>) {
        if cx.leader().is_some() {
            self.leaderless_since = None;
            return;
        }
        let since = *self.leaderless_since.get_or_insert(cx.now);
        if cx.now - since < 3 * cx.config.election_timeout() {
            return;
        }
        let ended = self.watchable.end_leaderless(&cx.state.store, &mut self.responses);
        self.send_responses(cx);
        for id in ended {
            if let Some(named) = self.by_id.remove(&id) {
                self.by_client.remove(&named);
                self.owners.closed(id);
            }
        }
    }

    /// Tells the watches of applied changes; the store is now at `revision`.
    pub fn notify(&mut self, cx: &mut Cx<'_>, revision: i64, events: &[Event]) {
        self.watchable.notify(&cx.state.store, revision, events, &mut self.responses);
        self.send_responses(cx);
    }

    /// Notes that the store was replaced by that of a snapshot.
    pub fn restored(&mut self, cx: &Cx<'_>) {
        self.watchable.restored(&cx.state.store);
    }

    /// Cancels the watches that may no longer read their range, at this revision, after a change of permissions.
    pub fn recheck(&mut self, cx: &mut Cx<'_>) {
        let refused: Vec<(StreamId, i64, Error)> = self
            .watchable
            .watches()
            .filter_map(|(stream, watch_id, (key, range_end))| {
                let permitted = self.owners.permit(cx.state, (stream, watch_id), (&key, &range_end));
                permitted.err().map(|error| (stream, watch_id, error))
            })
            .collect();
        for (stream, watch_id, error) in refused {
            reach(Mark::WatchLostPermission);
            self.cancel(cx, stream, watch_id, &error);
        }
    }

    fn cancel(&mut self, cx: &mut Cx<'_>, stream: StreamId, watch_id: i64, error: &Error) {
        let cancel = WatchRequest::Cancel(WatchCancelRequest { watch_id });
        let mut responses = Vec::new();
        self.watchable.handle(stream, &cancel, &cx.state.store, &mut responses);
        for (stream, mut response) in responses {
            response.cancel_reason = error.to_string();
            self.send(cx, stream, response);
        }
    }

    fn send_responses(&mut self, cx: &mut Cx<'_>) {
        let mut responses = std::mem::take(&mut self.responses);
        for (id, response) in responses.drain(..) {
            self.send(cx, id, response);
        }
        self.responses = responses;
    }

    fn send(&mut self, cx: &mut Cx<'_>, id: StreamId, mut response: WatchResponse) {
        self.owners.sent(id, &response);
        let Some(&ClientStream { session, stream }) = self.by_id.get(&id) else { return };
        cx.fill_header(&mut response.header);
        cx.out.push(Output::Client { session, frame: ServerFrame::Watch { stream, response } });
    }
}

/// Checks that a request may be made; gives the user that creates a watch, if auth is on. A learner has no watches,
/// and one that asks for a leader needs one.
fn admit(
    cx: &Cx<'_>,
    gate: &mut AuthGate,
    request: &WatchRequest,
    token: Option<&Token>,
) -> Result<Option<Arc<str>>, Error> {
    if !cx.is_voter() {
        return Err(Error::NotSupportedForLearner);
    }
    let WatchRequest::Create(create) = request else { return Ok(None) };
    if create.require_leader && cx.leader().is_none() {
        return Err(Error::NoLeader);
    }
    check_form(cx, create)?;
    gate.permit_watch(cx, create, token)
}

/// The form of a request is checked before its permission (`api/v3rpc/watch.go`).
fn check_form(cx: &Cx<'_>, create: &WatchCreateRequest) -> Result<(), Error> {
    if create.start_revision < 0 && !altered!(cx.config.defects, negative_start_accepted) {
        return Err(Error::Compacted);
    }
    Ok(())
}

/// Answers a request to create a watch that is refused (etcd: the stream ends with the error).
fn refuse(cx: &mut Cx<'_>, ClientStream { session, stream }: ClientStream, error: &Error) {
    let mut response = WatchResponse {
        watch_id: INVALID_WATCH_ID,
        created: true,
        canceled: true,
        cancel_reason: error.to_string(),
        header: cx.header(),
        ..WatchResponse::default()
    };
    cx.fill_header(&mut response.header);
    cx.out.push(Output::Client { session, frame: ServerFrame::Watch { stream, response } });
}

/// A jitter of up to a tenth of the progress interval, so that streams do not all report at once.
fn progress_jitter_ms(config: &Config, stream: StreamId, every_ms: u64) -> u64 {
    let mut seed = [0; 24];
    seed[..8].copy_from_slice(&config.id.to_le_bytes());
    seed[8..16].copy_from_slice(&config.incarnation.to_le_bytes());
    seed[16..].copy_from_slice(&stream.0.to_le_bytes());
    xxhash_rust::xxh3::xxh3_64_with_seed(&seed, config.election_seed) % (every_ms / 10).max(1)
}
