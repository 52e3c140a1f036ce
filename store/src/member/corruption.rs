//! The corruption check: while the cluster runs, the leader compares what the members hold with what it holds itself
//! (etcd: `server/etcdserver/corrupt.go`, `PeriodicCheck`).

use super::Member;
use super::event::MemberEvent;
use crate::api::AlarmKind;
use crate::machine::{MemberId, Output, Time};
use crate::mvcc::HashKv;
use crate::peer::PeerMessage;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::time::Duration;

/// A question for a hash, or the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HashMessage {
    pub from: MemberId,
    pub to: MemberId,
    /// The start of the member that asks, and which of its questions it is.
    pub round: (u64, u64),
    pub content: HashContent,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum HashContent {
    /// The hash up to this revision is wanted, once the log is applied up to this index.
    Question { revision: i64, index: u64 },
    /// It is this, at this compacted revision. `revision` is lower than asked for where that index led no further:
    /// etcd's check takes no notice of such a member.
    Answer { revision: i64, hash: u32, compact_revision: i64 },
}

/// Where the check stands.
#[derive(Debug, Default)]
pub(super) struct CorruptionCheck {
    /// When this leader asks next.
    due_at: Option<Time>,
    /// What this leader asked last, and its own answer.
    asked: Option<((u64, u64), HashKv)>,
    /// Questions of leaders that this member cannot answer yet.
    questions: Vec<Question>,
}

#[derive(Debug)]
struct Question {
    from: MemberId,
    round: (u64, u64),
    revision: i64,
    index: u64,
}

impl Member {
    /// Asks everybody, if it is time to.
    pub(super) fn check_corruption(&mut self, out: &mut Vec<Output>) {
        let every = Duration::from_millis(self.config.corruption_check_every_ms);
        if every.is_zero() || !self.is_leader() {
            self.corruption.due_at = None;
            self.corruption.asked = None;
            return;
        }
        let due_at = *self.corruption.due_at.get_or_insert(self.now + every);
        // One that stands has to be disarmed first.
        if self.now < due_at || self.state.alarms.any(AlarmKind::Corrupt) {
            return;
        }
        self.corruption.due_at = Some(self.now + every);
        let (id, own) = (self.next_id(), self.hash());
        let round = (id.incarnation, id.sequence);
        self.corruption.asked = Some((round, own));
        let others: BTreeSet<MemberId> = self.raft.raft.prs().iter().map(|(&id, _)| id).collect();
        for to in others.into_iter().filter(|&to| to != self.config.id) {
            let content = HashContent::Question { revision: own.revision, index: self.state.index };
            let message = HashMessage { from: self.config.id, to, round, content };
            out.push(Output::Peer(PeerMessage::of_hash(message)));
        }
    }

    /// A leader asks, or a member answers.
    pub(super) fn hash_message(&mut self, message: HashMessage, out: &mut Vec<Output>) {
        let HashMessage { from, round, .. } = message;
        match message.content {
            HashContent::Question { revision, index } => {
                self.corruption.questions.retain(|question| question.from != from);
                self.corruption.questions.push(Question { from, round, revision, index });
            }
            HashContent::Answer { revision: known, hash, compact_revision } => {
                let Some((_, asked)) = self.corruption.asked.filter(|(asked, _)| *asked == round) else {
                    return;
                };
                let revision = asked.revision;
                let differs = if known < revision {
                    true
                } else {
                    let Some(own) = self.own_hash_at(asked, compact_revision) else { return };
                    own != hash
                };
                out.push(Output::Event(MemberEvent::Compared { member: from, revision }));
                if differs {
                    // If that goes nowhere, the next round shows it again.
                    self.raise_alarm(from, AlarmKind::Corrupt);
                }
            }
        }
    }

    /// This member's hash at the revision it asked about, if it can be compared with one at `compact_revision`.
    fn own_hash_at(&self, asked: HashKv, compact_revision: i64) -> Option<u32> {
        if asked.compact_revision == compact_revision {
            return Some(asked.hash);
        }
        // Both compacted since.
        let now = self.state.store.hash_by_revision(asked.revision).ok()?;
        (now.compact_revision == compact_revision).then_some(now.hash)
    }

    /// Answers the questions about what was applied by now.
    pub(super) fn answer_hash_questions(&mut self, out: &mut Vec<Output>) {
        if self.corruption.questions.is_empty() {
            return;
        }
        let applied = self.state.index;
        let ready: Vec<Question> =
            self.corruption.questions.extract_if(.., |question| question.index <= applied).collect();
        for question in ready {
            // Nothing can be compared behind a compaction.
            let revision = question.revision.min(self.state.store.revision());
            let Ok(kv) = self.state.store.hash_by_revision(revision) else { continue };
            let (hash, compact_revision) = (kv.hash, kv.compact_revision);
            let content = HashContent::Answer { revision, hash, compact_revision };
            let (from, to, round) = (self.config.id, question.from, question.round);
            out.push(Output::Peer(PeerMessage::of_hash(HashMessage { from, to, round, content })));
        }
    }
}
