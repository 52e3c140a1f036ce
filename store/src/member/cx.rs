//! The context in which the parts of a member take their steps: the clock, the configuration, Raft, the applied
//! state, and where outputs go.

use super::Config;
use super::caller::Caller;
use super::command::{Action, RequestId};
use super::event::MemberEvent;
use super::log_store::LogStore;
use super::services::ServiceAnswers;
use super::state::AppliedState;
use crate::api::{AlarmAction, AlarmKind, AlarmRequest, ResponseHeader};
use crate::auth::Actor;
use crate::error::Error;
use crate::machine::{MemberId, Output, Reply, ServerFrame, Time};
use raft::{RawNode, StateRole};

/// The state that the steps of all parts have in common.
pub(super) struct Core {
    pub config: Config,
    pub now: Time,
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
        let Core { config, now, raft, state, last_sequence, service_answers } = self;
        Cx { now: *now, config, raft, state, last_sequence, service_answers, out }
    }
}

/// The context of one step of a part. A part reads the clock, proposes to Raft, looks at the applied state, answers
/// callers and pushes outputs through it; it reaches no other part.
pub(super) struct Cx<'a> {
    pub now: Time,
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

    /// When a request that comes now has waited long enough for the cluster.
    pub fn request_deadline(&self) -> Time {
        self.now + self.config.request_timeout()
    }

    /// The current term.
    pub fn term(&self) -> u64 {
        self.raft.raft.term
    }

    /// Whether this member leads, as far as it knows.
    pub fn is_leader(&self) -> bool {
        self.raft.raft.state == StateRole::Leader
    }

    /// The leader, as far as this member knows one.
    pub fn leader(&self) -> Option<MemberId> {
        Some(self.raft.raft.leader_id).filter(|&leader| leader != raft::INVALID_ID)
    }

    /// Whether leadership is being handed over: Raft takes no proposals meanwhile.
    pub fn is_transferring(&self) -> bool {
        self.raft.raft.lead_transferee.is_some()
    }

    /// The index up to which this member knows the log to be committed.
    pub fn committed(&self) -> u64 {
        self.raft.raft.raft_log.committed
    }

    /// Whether the voters are being changed.
    pub fn is_joint(&self) -> bool {
        !self.raft.store().conf_state().voters_outgoing.is_empty()
    }

    /// Whether a member was removed, and has no part in a joint configuration either.
    pub fn is_gone(&self, id: MemberId) -> bool {
        self.state.membership.was_removed(id) && !self.raft.store().conf_state().voters_outgoing.contains(&id)
    }

    /// Whether this member is a voter.
    pub fn is_voter(&self) -> bool {
        self.state.membership.get(self.config.id).is_some_and(|member| !member.is_learner)
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

    /// Answers every caller with the same error.
    pub fn fail(&mut self, callers: impl IntoIterator<Item = Caller>, error: &Error) {
        for caller in callers {
            self.reply(caller, Err(error.clone()));
        }
    }
}
