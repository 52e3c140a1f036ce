//! The read index: a linearizable read waits until this member applied the entries committed when it came.
//!
//! etcd: `server/etcdserver/v3_server.go`, `linearizableReadLoop`. One question to the leader is under way
//! at a time; reads that come meanwhile share the next one. A question is repeated under a *fresh* id:
//! Raft's queue of questions releases a prefix, so a late answer to an id used twice would release reads
//! that came after it. A leader that is answered also knows that it still led when it asked. Without a leader, Raft
//! drops the question.

use crate::api::Token;
use crate::machine::{MemberId, Time};
use crate::mark::{Mark, reach_if};
use crate::member::caller::Caller;
use crate::member::state::command::RequestId;
use crate::member::v3_server::query::Query;
use std::time::Duration;

/// A question without an answer is repeated after this long (etcd: `readIndexRetryTime`).
const RETRY: Duration = Duration::from_millis(500);

/// A read that waits.
#[derive(Debug)]
pub(in crate::member) struct Read {
    pub caller: Caller,
    pub query: Query,
    /// The token of the client. Looked at when it is answered.
    pub token: Option<Token>,
    pub deadline: Time,
}

#[derive(Debug)]
struct Question {
    id: RequestId,
    asked_at: Time,
    retry_at: Time,
    reads: Vec<Read>,
}

/// The question under way, the reads that share it, and those before and after it.
#[derive(Debug, Default)]
pub(in crate::member) struct ReadIndex {
    waiting: Vec<Read>,
    question: Option<Question>,
    /// Reads whose index is known, and that wait until it is applied.
    confirmed: Vec<(u64, Vec<Read>)>,
    /// True if this member wants a confirmation that it leads, even without a read.
    confirmation_wanted: bool,
}

impl ReadIndex {
    pub fn push(&mut self, read: Read) {
        self.waiting.push(read);
    }

    /// Sets whether this member wants to know that it leads.
    pub fn want_confirmation(&mut self, wanted: bool) {
        if self.confirmation_wanted != wanted {
            self.confirmation_wanted = wanted;
            self.drop_empty();
        }
    }

    /// Returns true if a question should be asked now: there is something to ask for, and none is under way.
    pub fn wants_question(&self) -> bool {
        self.question.is_none() && (!self.waiting.is_empty() || self.confirmation_wanted)
    }

    /// Notes that `id` asks for every read that waits.
    pub fn asked(&mut self, id: RequestId, now: Time) {
        debug_assert!(self.wants_question());
        let reads = std::mem::take(&mut self.waiting);
        self.question = Some(Question { id, asked_at: now, retry_at: now + RETRY, reads });
    }

    /// Returns true if the question under way has waited long enough to be repeated.
    pub fn wants_retry(&self, now: Time) -> bool {
        self.question.as_ref().is_some_and(|question| now >= question.retry_at)
    }

    /// The id of the question under way, which the reads that came meanwhile now share.
    pub fn same_question(&mut self) -> RequestId {
        let question = self.question.as_mut().expect("a question that is asked again is under way");
        question.reads.append(&mut self.waiting);
        question.id
    }

    /// Notes that the question under way was asked again as `id`.
    pub fn asked_again(&mut self, id: RequestId, now: Time) {
        if let Some(question) = &mut self.question {
            question.id = id;
            question.asked_at = now;
            question.retry_at = now + RETRY;
        }
    }

    /// A leader committed the first entry of its term. Before, it answered no question
    /// (etcd: `firstCommitInTerm`).
    pub fn retry_now(&mut self, now: Time) {
        if let Some(question) = &mut self.question {
            question.retry_at = now;
        }
    }

    /// Takes the reads that waited too long.
    pub fn take_expired(&mut self, now: Time) -> Vec<Read> {
        let mut expired = Vec::new();
        for reads in self.lists() {
            expired.extend(reads.extract_if(.., |read| now >= read.deadline));
        }
        self.drop_empty();
        expired
    }

    /// Takes the reads of the question under way: the leader changed, and it will not be answered.
    pub fn take_unanswered(&mut self) -> Vec<Read> {
        self.question.take().map(|question| question.reads).unwrap_or_default()
    }

    /// Takes an answer: the reads of question `id` may be answered once `index` is applied. Gives the time it was
    /// asked.
    pub fn answered(&mut self, id: RequestId, index: u64) -> Option<Time> {
        let question = self.question.take_if(|question| question.id == id)?;
        if !question.reads.is_empty() {
            self.confirmed.push((index, question.reads));
        }
        Some(question.asked_at)
    }

    /// The reads that may be answered when `applied` is applied.
    pub fn take_ready(&mut self, applied: u64) -> Vec<Read> {
        let mut ready = Vec::new();
        self.confirmed.retain_mut(|(index, reads)| {
            reach_if(*index > applied, Mark::ReadWaitsForApply);
            if *index <= applied {
                ready.append(reads);
            }
            *index > applied
        });
        ready
    }

    /// Forgets the reads of callers that went away.
    pub fn forget(&mut self, gone: impl Fn(&Caller) -> bool) {
        for reads in self.lists() {
            reads.retain(|read| !gone(&read.caller));
        }
        self.drop_empty();
    }

    fn lists(&mut self) -> impl Iterator<Item = &mut Vec<Read>> {
        let asked = self.question.iter_mut().map(|question| &mut question.reads);
        let confirmed = self.confirmed.iter_mut().map(|(_, reads)| reads);
        std::iter::once(&mut self.waiting).chain(asked).chain(confirmed)
    }

    /// A question without reads must not hold up the next one.
    fn drop_empty(&mut self) {
        let wanted = self.confirmation_wanted;
        self.question.take_if(|question| question.reads.is_empty() && !wanted);
        self.confirmed.retain(|(_, reads)| !reads.is_empty());
    }
}

/// The id as Raft carries it.
pub(in crate::member) fn context_of(id: RequestId) -> Vec<u8> {
    let mut context = Vec::with_capacity(24);
    context.extend_from_slice(&id.member.to_le_bytes());
    context.extend_from_slice(&id.incarnation.to_le_bytes());
    context.extend_from_slice(&id.sequence.to_le_bytes());
    context
}

/// The id in an answer; `None` if it is not one of ours.
pub(in crate::member) fn id_of(context: &[u8]) -> Option<RequestId> {
    let number =
        |at: usize| context.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes);
    let member: MemberId = number(0)?;
    Some(RequestId { member, incarnation: number(8)?, sequence: number(16)? })
}
