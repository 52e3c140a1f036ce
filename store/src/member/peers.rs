//! The peers of a member: when each was last heard from, and the snapshots on their way to them
//! (etcd: `server/etcdserver/api/rafthttp`, `activeSince`).

use crate::defect::altered;
use crate::machine::{MemberId, Time};
use crate::member::Output;
use crate::member::cx::Cx;
use crate::member::membership::MembershipChange;
use crate::member::membership::changes::takes_forwarded;
use crate::member::v3_server::reads::read_index_without_own_commit;
use crate::peer::PeerMessage;
use raft::SnapshotStatus;
use raft::eraftpb::{EntryType, Message, MessageType};
use std::collections::BTreeMap;

/// The ways to the peers, as far as a member knows them.
#[derive(Debug, Default)]
pub(super) struct Peers {
    /// The time each peer was last heard from.
    heard_at: BTreeMap<MemberId, Time>,
    /// Followers that were sent a snapshot, and when to take it for lost.
    snapshots_lost_at: BTreeMap<MemberId, Time>,
}

impl Peers {
    /// A message of a peer arrived.
    pub fn heard_from(&mut self, id: MemberId, now: Time) {
        self.heard_at.insert(id, now);
    }

    /// Returns true if a member was heard from within an election timeout, or is this one.
    pub fn is_active(&self, cx: &Cx<'_>, id: MemberId) -> bool {
        let recently = |heard_at: &Time| cx.now - *heard_at < cx.config.election_timeout();
        id == cx.config.id || self.heard_at.get(&id).is_some_and(recently)
    }

    /// Sends messages of Raft.
    pub fn send(&mut self, cx: &mut Cx<'_>, messages: Vec<Message>) {
        for message in messages {
            if message.get_msg_type() == MessageType::MsgSnapshot {
                let lost_at = cx.now + cx.config.election_timeout();
                self.snapshots_lost_at.insert(message.to, lost_at);
            }
            cx.out.push(Output::Peer(PeerMessage::of_raft(message)));
        }
    }

    /// Sends the messages that do not wait for the disk; gives back the rest, which do.
    pub fn send_hastily(&mut self, cx: &mut Cx<'_>, messages: Vec<Message>) -> Vec<Message> {
        let (sent, waiting) =
            altered!(cx.config.defects, append_ack_before_sync::split(messages), (Vec::new(), messages));
        self.send(cx, sent);
        waiting
    }

    /// Steps Raft with a message of a peer. An error means that this member lost what it had acknowledged.
    pub fn step_raft(&mut self, cx: &mut Cx<'_>, mut message: Message) -> Result<(), ForgottenEntries> {
        if !self.admits_forwarded(cx, &message) {
            return Ok(());
        }
        if message.get_msg_type() == MessageType::MsgReadIndex
            && let Some(index) = read_index_without_own_commit(cx)
        {
            let answer = read_index_answer(cx, message, index);
            cx.out.push(Output::Peer(PeerMessage::of_raft(answer)));
            return Ok(());
        }
        limit_commit(cx, &mut message)?;
        // An error means that the message does not concern this member, or not any more.
        let _ = cx.raft.step(message);
        cx.set_election_timeout();
        Ok(())
    }

    /// A change of members that a follower forwards passes the same checks as one of the leader's own, and
    /// waits for its turn: the follower proposes it again until it times out. (Raft would put an empty entry in
    /// its place, which looks like the first one of a term.)
    fn admits_forwarded(&self, cx: &Cx<'_>, message: &Message) -> bool {
        message.get_msg_type() != MessageType::MsgPropose
            || !cx.is_leader()
            || message
                .entries
                .iter()
                .filter(|entry| entry.get_entry_type() == EntryType::EntryConfChangeV2)
                .filter_map(|entry| MembershipChange::decode(entry).1)
                .all(|change| takes_forwarded(cx, self, &change.change))
    }

    /// Reports lost snapshots as failed: Raft sends nothing more to a follower that was sent a snapshot until the
    /// outcome is reported. A datagram that got lost tells nothing, so silence counts as failure.
    pub fn retry_lost_snapshots(&mut self, cx: &mut Cx<'_>) {
        let now = cx.now;
        for (to, _) in self.snapshots_lost_at.extract_if(.., |_, lost_at| now >= *lost_at) {
            cx.raft.report_snapshot(to, SnapshotStatus::Failure);
        }
    }
}

/// Entries that this member acknowledged, and does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ForgottenEntries {
    /// The commit index that a leader told.
    pub commit: u64,
    /// The last index of this member.
    pub last_index: u64,
}

/// Checks the commit index of a heartbeat. A leader never tells of a commit beyond the acknowledged entries of this
/// member, unless the member lost some of them. Raft ends the process then, and so would etcd ("tocommit is out of
/// range"). Under a defect the member goes on, so that the judge finds the violation.
fn limit_commit(cx: &Cx<'_>, message: &mut Message) -> Result<(), ForgottenEntries> {
    let (commit, last_index) = (message.commit, cx.raft.raft.raft_log.last_index());
    // A leader of an earlier term may have told it before this member took part in another history.
    let is_heartbeat = message.get_msg_type() == MessageType::MsgHeartbeat && message.term >= cx.term();
    if !is_heartbeat || commit <= last_index {
        return Ok(());
    }
    if cx.config.defects.is_empty() {
        return Err(ForgottenEntries { commit, last_index });
    }
    message.commit = last_index;
    Ok(())
}

/// The answer to a follower's question that does not go through Raft.
fn read_index_answer(cx: &Cx<'_>, question: Message, index: u64) -> Message {
    let mut answer = Message {
        from: cx.config.id,
        to: question.from,
        term: cx.term(),
        index,
        entries: question.entries,
        ..Message::default()
    };
    answer.set_msg_type(MessageType::MsgReadIndexResp);
    answer
}
