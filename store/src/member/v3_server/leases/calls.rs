//! Keepalives, and how long a lease still lives: the leader's to answer. The other members ask it
//! (etcd: `server/etcdserver/v3_server.go`, `LeaseRenew` and `LeaseTimeToLive`).

use crate::api::{LeaseKeepAliveResponse, LeaseResponse, LeaseTimeToLiveResponse, ResponseHeader, Token};
use crate::defect::altered;
use crate::error::Error;
use crate::frame::Reply;
use crate::lease::{Lease, LeaseAnswer, LeaseCheckpoint, LeaseContent, LeaseMessage, LeaseQuestion};
use crate::machine::{MemberId, Time};
use crate::mark::{Mark, reach, reach_if};
use crate::member::Output;
use crate::member::caller::Caller;
use crate::member::cx::Cx;
use crate::member::v3_server::auth_gate::AuthGate;
use crate::member::v3_server::leases::clock::{LeaseClock, LessorRole};
use crate::peer::PeerMessage;
use std::time::Duration;

/// A question to the leader that was not answered is sent again after this long: it, or the answer, was a
/// datagram. (etcd asks over a connection, and again when that broke.)
const ASK_AGAIN_AFTER: Duration = Duration::from_millis(500);

/// The questions about leases that wait for the leader's answer: of clients here, and of peers at their leader.
#[derive(Debug, Default)]
pub(in crate::member) struct LeaseCalls(Vec<LeaseCall>);

/// A question about a lease that waits for its answer.
#[derive(Debug)]
struct LeaseCall {
    asker: Asker,
    question: LeaseQuestion,
    name: QuestionName,
    /// The revision here when it came.
    revision: i64,
    deadline: Time,
    sent: Option<Sent>,
    /// The commit index when this leader looked at it first.
    committed: Option<CommittedThen>,
    /// The TTL of the lease to renew, once this leader found it.
    ttl_found_s: Option<i64>,
    /// The token of the client, and the auth revision here when it was found that the client may ask.
    token: Option<Token>,
    auth_revision: u64,
}

/// The name of a question among those of the member that was asked by a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct QuestionName {
    incarnation: u64,
    sequence: u64,
}

/// The leader that a question was sent to last, and when to send it again.
#[derive(Clone, Copy, Debug)]
struct Sent {
    to: MemberId,
    again_at: Time,
}

/// The commit index of a leader in its term.
#[derive(Clone, Copy, Debug)]
struct CommittedThen {
    term: u64,
    index: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asker {
    Client(Caller),
    Peer(MemberId),
}

impl LeaseCalls {
    /// Adds a question of a client that may ask it.
    pub fn push(&mut self, cx: &mut Cx<'_>, caller: Caller, question: LeaseQuestion, token: Option<Token>) {
        let id = cx.next_id();
        let name = QuestionName { incarnation: id.incarnation, sequence: id.sequence };
        let call = LeaseCall::new(cx, Asker::Client(caller), question, name, cx.request_deadline());
        self.0.push(LeaseCall { token, ..call });
    }

    /// A peer asks this member as its leader, or answers as this member's.
    pub fn message(
        &mut self,
        cx: &mut Cx<'_>,
        clock: &LeaseClock,
        gate: &mut AuthGate,
        message: LeaseMessage,
    ) {
        let name = QuestionName { incarnation: message.incarnation, sequence: message.sequence };
        match message.content {
            LeaseContent::Question(question) => {
                let asker = Asker::Peer(message.from);
                // One that leads and is not promoted yet can answer soon.
                let leads = cx.is_leader() || clock.role(cx) != LessorRole::Demoted;
                // It asks again.
                let repeated = self.0.iter().any(|call| call.asker == asker && call.name == name);
                reach_if(repeated, Mark::LeaseQuestionRepeated);
                if leads && !repeated {
                    let deadline = cx.now + cx.config.election_timeout();
                    self.0.push(LeaseCall::new(cx, asker, question, name, deadline));
                }
            }
            LeaseContent::Answer(answer) => {
                let asked = |call: &LeaseCall| call.caller().is_some() && call.name == name;
                if let Some(at) = self.0.iter().position(asked) {
                    let call = self.0.remove(at);
                    call.answer(cx, gate, answer);
                }
            }
        }
    }

    /// Answers the questions that can be answered now, and asks the leader those it can; true if this member leads and
    /// has to make sure that it does.
    pub fn advance(&mut self, cx: &mut Cx<'_>, clock: &mut LeaseClock, gate: &mut AuthGate) -> bool {
        let mut unconfirmed = false;
        for mut call in std::mem::take(&mut self.0) {
            let role = clock.role(cx);
            let answer = match role {
                LessorRole::Primary => call.find_answer(cx, clock),
                LessorRole::Unconfirmed => None,
                LessorRole::Demoted if call.caller().is_none() && !cx.is_leader() => continue,
                LessorRole::Demoted => {
                    call.ask_leader(cx);
                    None
                }
            };
            unconfirmed |= role == LessorRole::Unconfirmed;
            match answer {
                Some(answer) => call.answer(cx, gate, answer),
                None => self.0.push(call),
            }
        }
        // A leader that hands over need not ask: it waits for the end of it.
        unconfirmed && !cx.is_transferring()
    }

    /// Answers the callers that waited too long. A question that was sent may have renewed its lease.
    pub fn expire(&mut self, cx: &mut Cx<'_>) {
        let now = cx.now;
        for call in self.0.extract_if(.., |call| now >= call.deadline) {
            let leaderless = cx.leader().is_none() && call.sent.is_none();
            let error = if leaderless { Error::NoLeader } else { Error::Timeout };
            if let Some(caller) = call.caller() {
                cx.reply(caller, Err(error));
            }
        }
    }

    /// Forgets callers that went away.
    pub fn forget(&mut self, gone: impl Fn(&Caller) -> bool) {
        self.0.retain(|call| !call.caller().is_some_and(|caller| gone(&caller)));
    }

    /// Takes all callers.
    pub fn take_callers(&mut self) -> impl Iterator<Item = Caller> {
        self.0.drain(..).filter_map(|call| call.caller())
    }
}

impl LeaseCall {
    fn new(
        cx: &Cx<'_>,
        asker: Asker,
        question: LeaseQuestion,
        name: QuestionName,
        deadline: Time,
    ) -> LeaseCall {
        LeaseCall {
            asker,
            question,
            name,
            revision: cx.state.store.revision(),
            deadline,
            sent: None,
            committed: None,
            ttl_found_s: None,
            token: None,
            auth_revision: cx.state.auth.revision(),
        }
    }

    /// The client that asked here.
    fn caller(&self) -> Option<Caller> {
        match self.asker {
            Asker::Client(caller) => Some(caller),
            Asker::Peer(_) => None,
        }
    }

    /// The leader's answer, unless something has to come first.
    fn find_answer(&mut self, cx: &mut Cx<'_>, clock: &mut LeaseClock) -> Option<LeaseAnswer> {
        let term = cx.term();
        // A revoke may be committed and not applied.
        let committed = self.committed.filter(|committed| committed.term == term);
        let committed = committed.unwrap_or(CommittedThen { term, index: cx.committed() });
        self.committed = Some(committed);
        if cx.state.index < committed.index {
            reach(Mark::RenewalWaitsForApply);
            return None;
        }
        let primary = clock.primary_mut()?;
        let id = self.question.id();
        let Some(lease) = cx.state.store.leases().get(id) else {
            return Some(self.answer_without_lease(cx));
        };
        match self.question {
            LeaseQuestion::TimeToLive { keys, .. } => Some(LeaseAnswer::TimeToLive {
                // One that expired and is not yet revoked has 0 left: less would say that it does not exist.
                ttl_s: i64::try_from(primary.remaining(id, cx.lease_now()).as_secs()).unwrap_or(i64::MAX),
                granted_ttl_s: lease.granted_ttl_s,
                keys: if keys { lease.keys.iter().cloned().collect() } else { Vec::new() },
            }),
            LeaseQuestion::Renew { .. } => {
                let &Lease { granted_ttl_s, remaining_ttl_s, .. } = lease;
                self.ttl_found_s = Some(granted_ttl_s);
                reach_if(primary.is_expired(id, cx.lease_now()), Mark::RenewalOfExpired);
                if primary.is_expired(id, cx.lease_now()) || primary.is_clearing(id) {
                    return None;
                }
                // The next leader must not go by an earlier remaining TTL.
                if remaining_ttl_s != 0 || primary.is_checkpointing(id) {
                    reach(Mark::RenewalWaitsForCheckpoint);
                    clock.propose_checkpoints(cx, vec![LeaseCheckpoint { id, remaining_ttl_s: 0 }]);
                    return None;
                }
                primary.renewed(id, granted_ttl_s, cx.lease_now());
                Some(LeaseAnswer::Renewed { ttl_s: granted_ttl_s })
            }
        }
    }

    /// The answer without such a lease; a renewal that waited may have found it before.
    fn answer_without_lease(&self, cx: &Cx<'_>) -> LeaseAnswer {
        match (self.question, self.ttl_found_s) {
            (LeaseQuestion::Renew { .. }, Some(ttl_s)) if altered!(cx.config.defects, renew_after_revoke) => {
                LeaseAnswer::Renewed { ttl_s }
            }
            (LeaseQuestion::Renew { .. }, _) => LeaseAnswer::Renewed { ttl_s: 0 },
            (LeaseQuestion::TimeToLive { .. }, _) => {
                LeaseAnswer::TimeToLive { ttl_s: -1, granted_ttl_s: 0, keys: Vec::new() }
            }
        }
    }

    fn ask_leader(&mut self, cx: &mut Cx<'_>) {
        let Some(leader) = cx.leader().filter(|&leader| leader != cx.config.id) else { return };
        if self.sent.is_some_and(|sent| sent.to == leader && cx.now < sent.again_at) {
            return;
        }
        reach_if(self.sent.is_some(), Mark::LeaseQuestionSentAgain);
        self.sent = Some(Sent { to: leader, again_at: cx.now + ASK_AGAIN_AFTER });
        self.send(cx, leader, LeaseContent::Question(self.question));
    }

    fn answer(&self, cx: &mut Cx<'_>, gate: &mut AuthGate, answer: LeaseAnswer) {
        match self.asker {
            Asker::Peer(peer) => self.send(cx, peer, LeaseContent::Answer(answer)),
            Asker::Client(caller) => {
                let permitted = self.permit_answer(cx, gate, &answer);
                let result = permitted.map(|()| Reply::Lease(self.response(cx, answer)));
                cx.reply(caller, result);
            }
        }
    }

    /// Checks the keys of an answer: permissions may have changed since it was asked, and so may the keys of the lease.
    fn permit_answer(&self, cx: &Cx<'_>, gate: &mut AuthGate, answer: &LeaseAnswer) -> Result<(), Error> {
        match answer {
            LeaseAnswer::TimeToLive { keys, .. } if cx.state.auth.is_enabled() && !keys.is_empty() => {
                if self.auth_revision != cx.state.auth.revision() {
                    return Err(Error::AuthOldRevision);
                }
                gate.permit_keys_shown(cx, self.token.as_ref(), keys)
            }
            LeaseAnswer::TimeToLive { .. } | LeaseAnswer::Renewed { .. } => Ok(()),
        }
    }

    fn response(&self, cx: &Cx<'_>, answer: LeaseAnswer) -> LeaseResponse {
        let id = self.question.id();
        match answer {
            LeaseAnswer::Renewed { ttl_s } => {
                // Not that of now: the lease may have been revoked since it was renewed.
                let header = ResponseHeader::at(self.revision);
                LeaseResponse::KeepAlive(LeaseKeepAliveResponse { header, id, ttl_s })
            }
            LeaseAnswer::TimeToLive { ttl_s, granted_ttl_s, keys } => {
                let header = cx.header();
                LeaseResponse::TimeToLive(LeaseTimeToLiveResponse { header, id, ttl_s, granted_ttl_s, keys })
            }
        }
    }

    fn send(&self, cx: &mut Cx<'_>, to: MemberId, content: LeaseContent) {
        let (from, QuestionName { incarnation, sequence }) = (cx.config.id, self.name);
        let message = LeaseMessage { from, to, incarnation, sequence, content };
        cx.out.push(Output::Peer(PeerMessage::of_lease(message)));
    }
}
