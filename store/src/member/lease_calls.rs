//! What clients ask of leases. Grants and revokes go through the log; keepalives, and how long a lease still
//! lives, are the leader's to answer, and the others ask it (etcd: `server/etcdserver/v3_server.go`,
//! `LeaseRenew` and `LeaseTimeToLive`).

use super::Member;
use super::caller::Caller;
use super::command::{Action, RequestId};
use super::leases::LeaseStanding;
use crate::api::{
    LeaseKeepAliveResponse, LeaseLeasesResponse, LeaseRequest, LeaseResponse, LeaseTimeToLiveResponse,
    ResponseHeader, Token,
};
use crate::defect::Defect;
use crate::error::Error;
use crate::lease::{
    self, LeaseAction, LeaseAnswer, LeaseCheckpoint, LeaseContent, LeaseMessage, LeaseQuestion,
};
use crate::machine::{MemberId, Output, Reply, Time};
use crate::peer::PeerMessage;
use std::time::Duration;

/// A question to the leader that was not answered is sent again after this long: it, or the answer, was a
/// datagram. (etcd asks over a connection, and again when that broke.)
const ASK_AGAIN_AFTER: Duration = Duration::from_millis(500);

/// A question about a lease that waits for its answer.
#[derive(Debug)]
pub(super) struct LeaseCall {
    asker: Asker,
    question: LeaseQuestion,
    /// Names the question among those of the member that was asked by a client.
    incarnation: u64,
    sequence: u64,
    /// The revision here when it came.
    revision: i64,
    deadline: Time,
    /// The leader it was sent to last, and when to send it again.
    sent: Option<(MemberId, Time)>,
    /// The term in which this leader looked at it first, and what was committed then.
    committed: Option<(u64, u64)>,
    /// The TTL of the lease to renew, once this leader found it.
    ttl_found_s: Option<i64>,
    /// Who asks, and the auth revision here when it was found that it may.
    token: Option<Token>,
    auth_revision: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asker {
    Client(Caller),
    Peer(MemberId),
}

impl LeaseCall {
    /// Whether another leader may have acted upon it.
    pub fn was_sent(&self) -> bool {
        self.sent.is_some()
    }

    /// The client that asked here.
    pub fn caller(&self) -> Option<Caller> {
        match self.asker {
            Asker::Client(caller) => Some(caller),
            Asker::Peer(_) => None,
        }
    }

    pub fn has_expired(&self, now: Time) -> bool {
        now >= self.deadline
    }
}

impl Member {
    pub(super) fn lease_call(
        &mut self,
        caller: Caller,
        request: LeaseRequest,
        token: Option<Token>,
    ) -> Result<(), Error> {
        match request {
            LeaseRequest::Grant(grant) => {
                let actor = self.actor_of(token.as_ref())?;
                let id = self.next_id();
                let grant = lease::settle(&grant, self.core.config.min_lease_ttl_s(), self.draw_lease_id(id));
                let deadline = self.core.now + self.core.config.request_timeout();
                self.write_as(id, caller, actor, Action::Lease(LeaseAction::Grant(grant)), deadline)?;
            }
            LeaseRequest::Revoke(revoke) => {
                let actor = self.actor_of(token.as_ref())?;
                self.write(caller, actor, Action::Lease(LeaseAction::Revoke(revoke)))?;
            }
            LeaseRequest::KeepAlive(request) => {
                self.push_lease_call(caller, LeaseQuestion::Renew { id: request.id }, token);
            }
            LeaseRequest::TimeToLive(request) => {
                let question = LeaseQuestion::TimeToLive { id: request.id, keys: request.keys };
                self.push_lease_call(caller, question, token);
            }
            LeaseRequest::Leases(_) => unreachable!("a list of leases is read as keys are"),
        }
        Ok(())
    }

    fn draw_lease_id(&self, request: RequestId) -> i64 {
        lease::draw_id(self.core.config.election_seed, request.member, request.incarnation, request.sequence)
    }

    /// A question of a client that may ask it.
    pub(super) fn push_lease_call(&mut self, caller: Caller, question: LeaseQuestion, token: Option<Token>) {
        let id = self.next_id();
        let deadline = self.core.now + self.core.config.request_timeout();
        let asker = Asker::Client(caller);
        let call = self.new_lease_call(asker, question, (id.incarnation, id.sequence), deadline);
        self.lease_calls.push(LeaseCall { token, ..call });
    }

    fn new_lease_call(
        &self,
        asker: Asker,
        question: LeaseQuestion,
        (incarnation, sequence): (u64, u64),
        deadline: Time,
    ) -> LeaseCall {
        LeaseCall {
            asker,
            question,
            incarnation,
            sequence,
            revision: self.core.state.store.revision(),
            deadline,
            sent: None,
            committed: None,
            ttl_found_s: None,
            token: None,
            auth_revision: self.core.state.auth.revision(),
        }
    }

    /// All leases, as far as they were applied here.
    pub(super) fn list_leases(&self) -> LeaseResponse {
        let header = ResponseHeader::at(self.core.state.store.revision());
        let leases = self.core.state.store.leases().iter().map(|(id, _)| id).collect();
        LeaseResponse::Leases(LeaseLeasesResponse { header, leases })
    }

    /// A peer asks this member as its leader, or answers as this member's.
    pub(super) fn lease_message(&mut self, message: LeaseMessage, out: &mut Vec<Output>) {
        let name = (message.incarnation, message.sequence);
        match message.content {
            LeaseContent::Question(question) => {
                let asker = Asker::Peer(message.from);
                let known =
                    |call: &LeaseCall| call.asker == asker && (call.incarnation, call.sequence) == name;
                // One that leads and is not promoted yet can answer soon.
                let leads = self.is_leader() || self.lease_standing() != LeaseStanding::Follower;
                if leads && !self.lease_calls.iter().any(known) {
                    // It asks again.
                    let deadline = self.core.now + self.core.config.election_timeout();
                    self.lease_calls.push(self.new_lease_call(asker, question, name, deadline));
                }
            }
            LeaseContent::Answer(answer) => {
                let asked =
                    |call: &LeaseCall| call.caller().is_some() && (call.incarnation, call.sequence) == name;
                if let Some(at) = self.lease_calls.iter().position(asked) {
                    let call = self.lease_calls.remove(at);
                    self.answer_lease_call(&call, answer, out);
                }
            }
        }
    }

    /// Answers the questions about leases that can be answered now, and asks the leader those it can.
    pub(super) fn advance_lease_calls(&mut self, out: &mut Vec<Output>) {
        let mut unconfirmed = false;
        for mut call in std::mem::take(&mut self.lease_calls) {
            let standing = self.lease_standing();
            let answer = match standing {
                LeaseStanding::Primary => self.lease_answer(&mut call),
                LeaseStanding::Unconfirmed => None,
                LeaseStanding::Follower if call.caller().is_none() && !self.is_leader() => continue,
                LeaseStanding::Follower => {
                    self.ask_leader(&mut call, out);
                    None
                }
            };
            unconfirmed |= standing == LeaseStanding::Unconfirmed;
            match answer {
                Some(answer) => self.answer_lease_call(&call, answer, out),
                None => self.lease_calls.push(call),
            }
        }
        // A leader that hands over need not ask: it waits for the end of it.
        self.reads.want_confirmation(unconfirmed && self.core.raft.raft.lead_transferee.is_none());
    }

    /// The leader's answer, unless something has to come first.
    fn lease_answer(&mut self, call: &mut LeaseCall) -> Option<LeaseAnswer> {
        let now = self.core.now;
        let log = &self.core.raft.raft.raft_log;
        let (term, id) = (self.core.raft.raft.term, call.question.id());
        // A revoke may be committed and not applied.
        let committed = call.committed.filter(|committed| committed.0 == term).map(|committed| committed.1);
        let committed = committed.unwrap_or(log.committed);
        call.committed = Some((term, committed));
        if self.core.state.index < committed {
            return None;
        }
        let primary = self.primary.as_mut()?;
        let Some(lease) = self.core.state.store.leases().get(id) else {
            return Some(self.answer_without_lease(call));
        };
        let ttl_s = lease.granted_ttl_s;
        match call.question {
            LeaseQuestion::TimeToLive { keys, .. } => Some(LeaseAnswer::TimeToLive {
                // One that expired and is not yet revoked has 0 left: less would say that it does not exist.
                ttl_s: i64::try_from(primary.remaining(id, now).as_secs()).unwrap_or(i64::MAX),
                granted_ttl_s: ttl_s,
                keys: if keys { lease.keys.iter().cloned().collect() } else { Vec::new() },
            }),
            LeaseQuestion::Renew { .. } => {
                call.ttl_found_s = Some(ttl_s);
                if primary.is_expired(id, now) || primary.is_clearing(id) {
                    return None;
                }
                // The next leader must not go by what was left before.
                if lease.remaining_ttl_s != 0 || primary.is_checkpointing(id) {
                    self.propose_checkpoints(vec![LeaseCheckpoint { id, remaining_ttl_s: 0 }]);
                    return None;
                }
                primary.renewed(id, ttl_s, now);
                Some(LeaseAnswer::Renewed { ttl_s })
            }
        }
    }

    /// There is no such lease; a renewal that waited may have found it before.
    fn answer_without_lease(&self, call: &LeaseCall) -> LeaseAnswer {
        match (call.question, call.ttl_found_s) {
            (LeaseQuestion::Renew { .. }, Some(ttl_s))
                if self.core.config.defects.has(Defect::RenewAfterRevoke) =>
            {
                LeaseAnswer::Renewed { ttl_s }
            }
            (LeaseQuestion::Renew { .. }, _) => LeaseAnswer::Renewed { ttl_s: 0 },
            (LeaseQuestion::TimeToLive { .. }, _) => {
                LeaseAnswer::TimeToLive { ttl_s: -1, granted_ttl_s: 0, keys: Vec::new() }
            }
        }
    }

    fn ask_leader(&self, call: &mut LeaseCall, out: &mut Vec<Output>) {
        let leader = self.core.raft.raft.leader_id;
        let waits = call.sent.is_some_and(|(to, again_at)| to == leader && self.core.now < again_at);
        if leader == raft::INVALID_ID || leader == self.core.config.id || waits {
            return;
        }
        call.sent = Some((leader, self.core.now + ASK_AGAIN_AFTER));
        self.send_lease_message(leader, call, LeaseContent::Question(call.question), out);
    }

    fn answer_lease_call(&mut self, call: &LeaseCall, answer: LeaseAnswer, out: &mut Vec<Output>) {
        match call.asker {
            Asker::Peer(peer) => self.send_lease_message(peer, call, LeaseContent::Answer(answer), out),
            Asker::Client(caller) => {
                let permitted = self.permit_lease_answer(call, &answer);
                let result = permitted.map(|()| Reply::Lease(self.lease_response(call, answer)));
                self.reply(caller, result, out);
            }
        }
    }

    /// What was permitted when it was asked may not be any more, and the lease may have got other keys since.
    fn permit_lease_answer(&mut self, call: &LeaseCall, answer: &LeaseAnswer) -> Result<(), Error> {
        match answer {
            LeaseAnswer::TimeToLive { keys, .. } if self.core.state.auth.is_enabled() && !keys.is_empty() => {
                if call.auth_revision != self.core.state.auth.revision() {
                    return Err(Error::AuthOldRevision);
                }
                self.permit_keys_shown(call.token.as_ref(), keys)
            }
            LeaseAnswer::TimeToLive { .. } | LeaseAnswer::Renewed { .. } => Ok(()),
        }
    }

    fn lease_response(&self, call: &LeaseCall, answer: LeaseAnswer) -> LeaseResponse {
        let id = call.question.id();
        match answer {
            LeaseAnswer::Renewed { ttl_s } => {
                // Not that of now: the lease may have been revoked since it was renewed.
                let header = ResponseHeader::at(call.revision);
                LeaseResponse::KeepAlive(LeaseKeepAliveResponse { header, id, ttl_s })
            }
            LeaseAnswer::TimeToLive { ttl_s, granted_ttl_s, keys } => {
                let header = ResponseHeader::at(self.core.state.store.revision());
                LeaseResponse::TimeToLive(LeaseTimeToLiveResponse { header, id, ttl_s, granted_ttl_s, keys })
            }
        }
    }

    fn send_lease_message(
        &self,
        to: MemberId,
        call: &LeaseCall,
        content: LeaseContent,
        out: &mut Vec<Output>,
    ) {
        let (from, incarnation, sequence) = (self.core.config.id, call.incarnation, call.sequence);
        let message = LeaseMessage { from, to, incarnation, sequence, content };
        out.push(Output::Peer(PeerMessage::of_lease(message)));
    }
}
