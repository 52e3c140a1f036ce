//! Linearizable reads: the question to the leader, and the reads that wait for its answer.

use crate::api::Token;
use crate::defect::altered;
use crate::error::Error;
use crate::machine::Time;
use crate::mark::{Mark, reach, reach_if};
use crate::member::caller::Caller;
use crate::member::cx::Cx;
use crate::member::state::command::RequestId;
use crate::member::v3_server::query::Query;
use crate::member::v3_server::read_index::{Read, ReadIndex, context_of, id_of};

/// The reads of this member that are not answered yet.
#[derive(Debug, Default)]
pub(in crate::member) struct Reads {
    index: ReadIndex,
    /// The rule for serializable reads.
    local: LocalReads,
}

/// The state of serializable reads: answered at once as soon as this life of the member has applied all that an
/// earlier one may have shown.
///
/// The commit index on the disk may be older than the applied one before a crash, so that a restarted member would
/// take back the results of its serializable reads. etcd opens its client port only once an entry of its own,
/// published after the start, was applied (`server/embed/etcd.go`, `ReadyNotify`); here a serializable read waits
/// as a linearizable one does, until the first of them was answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum LocalReads {
    #[default]
    NotYet,
    Ready,
}

impl Reads {
    /// Lets a read wait until this member applied the entries committed now.
    pub fn push(&mut self, cx: &Cx<'_>, caller: Caller, query: Query, token: Option<Token>) {
        let deadline = cx.request_deadline();
        self.index.push(Read { caller, query, token, deadline });
    }

    /// Returns true if a serializable read may be answered from the applied state.
    pub fn serves_locally(&self) -> bool {
        self.local == LocalReads::Ready
    }

    /// Says whether this member wants to know that it leads, even if there is nothing to read.
    pub fn want_confirmation(&mut self, wanted: bool) {
        self.index.want_confirmation(wanted);
    }

    /// Asks the leader how far the log must be applied before waiting reads may be answered.
    pub fn ask(&mut self, cx: &mut Cx<'_>) -> Asked {
        if self.index.wants_question() && cx.leader().is_some() {
            let id = cx.next_id();
            self.index.asked(id, cx.now);
            self.put_question(cx, id)
        } else if self.index.wants_retry(cx.now) {
            reach(Mark::ReadIndexAskedAgain);
            let id = if altered!(cx.config.defects, read_index_context_reused) {
                self.index.same_question()
            } else {
                cx.next_id()
            };
            self.index.asked_again(id, cx.now);
            self.put_question(cx, id)
        } else {
            Asked::Waits
        }
    }

    fn put_question(&mut self, cx: &mut Cx<'_>, id: RequestId) -> Asked {
        if let Some(index) = read_index_without_own_commit(cx) {
            self.index.answered(id, index);
            Asked::Answered
        } else {
            cx.raft.read_index(context_of(id));
            Asked::Waits
        }
    }

    /// Notes the leader's answer; gives when it was asked, if it was this member's question.
    pub fn answered(&mut self, context: &[u8], index: u64) -> Option<Time> {
        let asked_at = id_of(context).and_then(|id| self.index.answered(id, index));
        reach_if(asked_at.is_none(), Mark::ReadIndexAnsweredLate);
        asked_at
    }

    /// Asks again at once: a leader committed the first entry of its term, before which it answers no question
    /// (etcd: `firstCommitInTerm`).
    pub fn retry_now(&mut self, now: Time) {
        self.index.retry_now(now);
    }

    /// Takes the reads that may be answered from the state applied now.
    pub fn take_ready(&mut self, cx: &Cx<'_>) -> Vec<Read> {
        let ready = self.index.take_ready(cx.state.index);
        if !ready.is_empty() {
            self.local = LocalReads::Ready;
        }
        ready
    }

    /// Fails the reads that wait for an answer of the former leader.
    pub fn leader_changed(&mut self, cx: &mut Cx<'_>) {
        let unanswered = self.index.take_unanswered();
        reach_if(!unanswered.is_empty(), Mark::ReadLostItsLeader);
        cx.fail(unanswered.into_iter().map(|read| read.caller), &Error::LeaderChanged);
    }

    /// Answers the callers that waited too long.
    pub fn expire(&mut self, cx: &mut Cx<'_>) {
        let expired = self.index.take_expired(cx.now);
        reach_if(!expired.is_empty(), Mark::ReadTimedOut);
        cx.fail(expired.into_iter().map(|read| read.caller), &Error::Timeout);
    }

    /// Forgets callers that went away.
    pub fn forget(&mut self, gone: impl Fn(&Caller) -> bool) {
        self.index.forget(gone);
    }

    /// Takes all callers.
    pub fn take_callers(&mut self) -> impl Iterator<Item = Caller> {
        const FOR_EVER: Time = Time(u64::MAX);
        self.index.take_expired(FOR_EVER).into_iter().map(|read| read.caller)
    }
}

/// The outcome of asking the leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::member) enum Asked {
    /// It is under way, or there is none.
    Waits,
    /// It was answered at once.
    Answered,
}

/// The index that a new leader answers with that does not wait for the first commit of its own term.
pub(in crate::member) fn read_index_without_own_commit(cx: &Cx<'_>) -> Option<u64> {
    let hasty = altered!(cx.config.defects, read_index_before_own_term)
        && cx.is_leader()
        && !cx.raft.raft.commit_to_current_term();
    hasty.then_some(cx.committed())
}
