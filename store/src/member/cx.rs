//! The context in which the parts of a member take their steps: the clock, the configuration, Raft, the applied
//! state, and where outputs go.

use crate::api::{AlarmAction, AlarmKind, AlarmRequest, ResponseHeader};
use crate::auth::{Actor, TokenTime};
use crate::defect::altered;
use crate::error::Error;
use crate::frame::{Reply, ServerFrame, Status};
use crate::machine::{MemberId, Time};
use crate::member::Config;
use crate::member::Output;
use crate::member::caller::Caller;
use crate::member::election_timeout::election_timeout_ticks;
use crate::member::event::MemberEvent;
use crate::member::log_store::LogStore;
use crate::member::membership::ClusterRole;
use crate::member::services::{ServiceAnswers, ServiceCall};
use crate::member::state::AppliedState;
use crate::member::state::command::{Action, RequestId};
use crate::mvcc::HashKv;
use raft::{RawNode, StateRole};

/// The state that the steps of all parts have in common.
pub(super) struct Core {
    pub config: Config,
    pub now: Time,
    /// See [`Config::wall_ahead_ms`].
    pub wall_ahead_ms: i64,
    pub raft: RawNode<LogStore>,
    pub state: AppliedState,
    /// The sequence of the last request id given out.
    pub last_sequence: u64,
    /// Answers to the services of this member, which are callers as clients are.
    pub service_answers: ServiceAnswers,
}

impl Core {
    /// The context of one step.
    pub fn cx<'a>(&'a mut self, out: &'a mut Vec<Output>) -> Cx<'a> {
        let Core { config, now, wall_ahead_ms, raft, state, last_sequence, service_answers } = self;
        Cx {
            now: *now,
            wall_ahead_ms: *wall_ahead_ms,
            config,
            raft,
            state,
            last_sequence,
            service_answers,
            out,
        }
    }

    /// The status of this member.
    pub fn status(&self) -> Status {
        Status {
            member: self.config.id,
            leader: self.raft.raft.leader_id,
            term: self.raft.raft.term,
            applied_index: self.state.index,
            commit_index: self.raft.raft.raft_log.committed,
            revision: self.state.store.revision(),
            compact_revision: self.state.store.compact_revision(),
            db_size_bytes: self.state.store.size_bytes(),
            db_size_in_use_bytes: self.state.store.size_in_use_bytes(),
        }
    }
}

/// The context of one step of a part. A part reads the clock, proposes to Raft, looks at the applied state, answers
/// callers and pushes outputs through it; it reaches no other part.
pub(super) struct Cx<'a> {
    pub now: Time,
    wall_ahead_ms: i64,
    pub config: &'a Config,
    pub raft: &'a mut RawNode<LogStore>,
    pub state: &'a mut AppliedState,
    pub out: &'a mut Vec<Output>,
    last_sequence: &'a mut u64,
    service_answers: &'a mut ServiceAnswers,
}

impl Cx<'_> {
    /// The next id of a request of this member.
    pub fn next_id(&mut self) -> RequestId {
        *self.last_sequence += 1;
        RequestId {
            member: self.config.id,
            incarnation: self.config.incarnation,
            sequence: *self.last_sequence,
        }
    }

    /// The time as tokens know it.
    pub fn token_time(&self) -> TokenTime {
        TokenTime { monotonic: self.now, wall_s: wall_ms(self.now, self.wall_ahead_ms) / 1_000 }
    }

    /// The time by which leases run: the monotonic one, as a lease lasts for some time.
    pub fn lease_now(&self) -> Time {
        altered!(
            self.config.defects,
            clock_jump_expires_leases::lease_now(wall_ms(self.now, self.wall_ahead_ms)),
            self.now
        )
    }

    /// The deadline of a request that comes now and waits for the cluster.
    pub fn request_deadline(&self) -> Time {
        self.now + self.config.request_timeout()
    }

    /// Reports the members. `changed`: by the last entry applied.
    pub fn report_members(&mut self, changed: bool) {
        let members = self.state.membership.response().members;
        self.report(MemberEvent::Members { index: self.state.index, changed, members });
    }

    /// The current term.
    pub fn term(&self) -> u64 {
        self.raft.raft.term
    }

    /// Returns true if this member leads, as far as it knows.
    pub fn is_leader(&self) -> bool {
        self.raft.raft.state == StateRole::Leader
    }

    /// The leader, as far as this member knows one.
    pub fn leader(&self) -> Option<MemberId> {
        Some(self.raft.raft.leader_id).filter(|&leader| leader != raft::INVALID_ID)
    }

    /// Returns true if leadership is being handed over: Raft takes no proposals meanwhile.
    pub fn is_transferring(&self) -> bool {
        self.raft.raft.lead_transferee.is_some()
    }

    /// The index up to which this member knows the log to be committed.
    pub fn committed(&self) -> u64 {
        self.raft.raft.raft_log.committed
    }

    /// Draws the election timeout anew, for the term as it is now.
    pub fn set_election_timeout(&mut self) {
        let ticks = election_timeout_ticks(self.config, self.now, self.term());
        self.raft.raft.set_randomized_election_timeout(ticks);
    }

    /// Returns true if a snapshot that was taken over is not durable yet. Raft does not count it as applied before,
    /// and looks through all entries that are committed and not applied when it campaigns: they are gone.
    pub fn is_taking_over_snapshot(&self) -> bool {
        self.raft.raft.raft_log.applied < self.raft.store().start().0
    }

    /// Returns true if this member is the only one with a vote, and what it appended is not durable yet. Raft lets it win a
    /// campaign at once, and takes for granted that it has nothing to wait for.
    pub fn would_lead_before_its_disk(&self) -> bool {
        let (log, conf) = (&self.raft.raft.raft_log, self.raft.store().conf_state());
        let is_alone = conf.voters == [self.config.id] && conf.voters_outgoing.is_empty();
        is_alone && !self.is_leader() && log.last_index() > log.persisted
    }

    /// Tells Raft the applied index. A snapshot that was taken over counts once it is durable.
    pub fn advance_applied(&mut self) {
        let log = &self.raft.raft.raft_log;
        if self.state.index > log.applied && self.state.index <= log.committed.min(log.persisted) {
            let last = log.last_index();
            self.raft.advance_apply_to(self.state.index);
            // The end of a joint configuration, which the crate appends and does not send.
            if self.raft.raft.raft_log.last_index() > last {
                self.raft.raft.bcast_append();
            }
        }
    }

    /// Returns true if the voters are being changed.
    pub fn is_joint(&self) -> bool {
        !self.raft.store().conf_state().voters_outgoing.is_empty()
    }

    /// Returns true if a member was removed, and has no part in a joint configuration either.
    pub fn is_gone(&self, id: MemberId) -> bool {
        self.state.membership.role_of(id) == ClusterRole::Removed
            && !self.raft.store().conf_state().voters_outgoing.contains(&id)
    }

    /// Returns true if this member is a voter.
    pub fn is_voter(&self) -> bool {
        self.state.membership.role_of(self.config.id) == ClusterRole::Voter
    }

    /// Proposes an action of the member itself, which has no caller; false if it went nowhere.
    pub fn propose_own(&mut self, action: Action) -> bool {
        let id = self.next_id();
        self.raft.propose(Vec::new(), action.of(id, Actor::Member).encode()).is_ok()
    }

    /// Proposes to raise an alarm; false if it went nowhere.
    pub fn raise_alarm(&mut self, member: MemberId, alarm: AlarmKind) -> bool {
        if self.leader().is_none() || self.is_transferring() {
            return false;
        }
        self.propose_own(Action::Alarm(AlarmRequest { action: AlarmAction::Activate, member, alarm }))
    }

    /// A response header at the current revision. Cluster, member and term are filled in when it is sent.
    pub fn header(&self) -> ResponseHeader {
        ResponseHeader::at(self.state.store.revision())
    }

    /// Fills in the cluster, the member and its term.
    pub fn fill_header(&self, header: &mut ResponseHeader) {
        header.cluster_id = self.config.cluster_id;
        header.member_id = self.config.id;
        header.raft_term = self.raft.raft.term;
    }

    /// Reports an event to observers.
    pub fn report(&mut self, event: MemberEvent) {
        self.out.push(Output::Event(event));
    }

    /// Reports a digest of everything applied at the indexes that are configured.
    pub fn report_digest(&mut self) {
        let every = self.config.digest_every_entries;
        if every > 0 && self.state.index.is_multiple_of(every) {
            let AppliedState { index, term, digest, .. } = *self.state;
            self.report(MemberEvent::Digest { index, term, digest });
        }
    }

    /// Reports the hash of the store when its revision passes a multiple of the configured distance.
    pub fn report_hash(&mut self, revision_before: i64) {
        let every = self.config.hash_every_revisions;
        let revision = self.state.store.revision();
        if every > 0 && revision / every > revision_before / every {
            let HashKv { hash, compact_revision, .. } = self.state.hash();
            self.report(MemberEvent::Hash { revision, compact_revision, hash });
        }
    }

    /// Answers a caller.
    pub fn reply(&mut self, caller: Caller, mut result: Result<Reply, Error>) {
        let (session, call) = match caller {
            Caller::Client { session, call } => (session, call),
            Caller::Service(call) => return self.service_answers.push_back((call, result)),
        };
        match &mut result {
            Ok(Reply::Kv(response)) => self.fill_header(response.header_mut()),
            Ok(Reply::Lease(response)) => self.fill_header(response.header_mut()),
            Ok(Reply::Lock(response)) => self.fill_header(response.header_mut()),
            Ok(Reply::Election(response)) => self.fill_header(response.header_mut()),
            Ok(Reply::Cluster(response)) => self.fill_header(&mut response.header),
            Ok(Reply::Maintenance(response)) => self.fill_header(response.header_mut()),
            Ok(Reply::Auth(response)) => self.fill_header(response.header_mut()),
            Ok(Reply::MovedLeader | Reply::Status(_)) | Err(_) => {}
        }
        let frame = ServerFrame::Reply { call, result };
        self.out.push(Output::Client { session, frame });
    }

    /// Takes the next answer to a service of this member.
    pub fn next_service_answer(&mut self) -> Option<(ServiceCall, Result<Reply, Error>)> {
        self.service_answers.pop_front()
    }

    /// Answers every caller with the same error.
    pub fn fail(&mut self, callers: impl IntoIterator<Item = Caller>, error: &Error) {
        for caller in callers {
            self.reply(caller, Err(*error));
        }
    }
}

/// The time of a wall clock that is so far ahead of a monotonic one, in milliseconds.
fn wall_ms(now: Time, ahead_ms: i64) -> u64 {
    now.as_millis().saturating_add_signed(ahead_ms)
}
