//! The corruption check: while the cluster runs, the leader compares the hashes of the members with its own (etcd:
//! `server/etcdserver/corrupt.go`, `PeriodicCheck`).

use crate::api::AlarmKind;
use crate::machine::{MemberId, Time};
use crate::member::Output;
use crate::member::cx::Cx;
use crate::member::event::MemberEvent;
use crate::mvcc::HashKv;
use crate::peer::{HashContent, HashMessage, PeerMessage};
use std::collections::BTreeSet;
use std::time::Duration;

/// The rounds of the check at a leader, and the questions of leaders.
#[derive(Debug, Default)]
pub(super) struct CorruptionCheck {
    /// The time of this leader's next question.
    due_at: Option<Time>,
    /// The last round of this leader, and its own answer.
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

impl CorruptionCheck {
    /// Asks all other members, if it is time to.
    pub fn tick(&mut self, cx: &mut Cx<'_>) {
        let every = Duration::from_millis(cx.config.tuning.corruption_check_every_ms);
        if every.is_zero() || !cx.is_leader() {
            self.due_at = None;
            self.asked = None;
            return;
        }
        let due_at = *self.due_at.get_or_insert(cx.now + every);
        // One that stands has to be disarmed first.
        if cx.now < due_at || cx.state.alarms.any(AlarmKind::Corrupt) {
            return;
        }
        self.due_at = Some(cx.now + every);
        let (id, own) = (cx.next_id(), cx.state.hash());
        let round = (id.incarnation, id.sequence);
        self.asked = Some((round, own));
        let others: BTreeSet<MemberId> = cx.raft.raft.prs().iter().map(|(&id, _)| id).collect();
        for to in others.into_iter().filter(|&to| to != cx.config.id) {
            let content = HashContent::Question { revision: own.revision, index: cx.state.index };
            let message = HashMessage { from: cx.config.id, to, round, content };
            cx.out.push(Output::Peer(PeerMessage::of_hash(message)));
        }
    }

    /// A leader asks, or a member answers.
    pub fn message(&mut self, cx: &mut Cx<'_>, message: HashMessage) {
        let HashMessage { from, round, .. } = message;
        match message.content {
            HashContent::Question { revision, index } => {
                self.questions.retain(|question| question.from != from);
                self.questions.push(Question { from, round, revision, index });
            }
            HashContent::Answer { revision: known, hash, compact_revision } => {
                let Some((_, asked)) = self.asked.filter(|(asked, _)| *asked == round) else {
                    return;
                };
                let revision = asked.revision;
                let differs = if known < revision {
                    true
                } else {
                    let Some(own) = own_hash_at(cx, asked, compact_revision) else { return };
                    own != hash
                };
                cx.report(MemberEvent::Compared { member: from, revision });
                if differs {
                    // If that goes nowhere, the next round shows it again.
                    cx.raise_alarm(from, AlarmKind::Corrupt);
                }
            }
        }
    }

    /// Answers the questions about revisions that are applied by now.
    pub fn answer(&mut self, cx: &mut Cx<'_>) {
        if self.questions.is_empty() {
            return;
        }
        let applied = cx.state.index;
        let ready: Vec<Question> =
            self.questions.extract_if(.., |question| question.index <= applied).collect();
        for question in ready {
            // Nothing can be compared behind a compaction.
            let revision = question.revision.min(cx.state.store.revision());
            let Ok(kv) = cx.state.store.hash_by_revision(revision) else { continue };
            let (hash, compact_revision) = (kv.hash, kv.compact_revision);
            let content = HashContent::Answer { revision, hash, compact_revision };
            let (from, to, round) = (cx.config.id, question.from, question.round);
            cx.out.push(Output::Peer(PeerMessage::of_hash(HashMessage { from, to, round, content })));
        }
    }
}

/// This member's hash at the revision it asked about, if it can be compared with one at `compact_revision`.
fn own_hash_at(cx: &Cx<'_>, asked: HashKv, compact_revision: i64) -> Option<u32> {
    if asked.compact_revision == compact_revision {
        return Some(asked.hash);
    }
    // Both compacted since.
    let now = cx.state.store.hash_by_revision(asked.revision).ok()?;
    (now.compact_revision == compact_revision).then_some(now.hash)
}
