//! What comes from peers, and what of it is not for Raft.

use super::Member;
use super::membership::MembershipChange;
use crate::machine::Output;
use crate::peer::{PeerContent, PeerMessage};
use raft::eraftpb::{EntryType, Message, MessageType};

impl Member {
    pub(super) fn peer_message(&mut self, message: PeerMessage, out: &mut Vec<Output>) {
        let campaign = message.asks_to_campaign();
        if campaign && self.is_taking_over_snapshot() {
            return;
        }
        // etcd's peers close their streams to a removed member. Only its last word as the leader counts.
        if self.is_gone(message.from()) && !campaign {
            return;
        }
        self.heard.insert(message.from(), self.core.now);
        match message.into_content() {
            PeerContent::Raft(message) => self.raft_message(*message, out),
            PeerContent::Lease(message) => self.lease_message(*message, out),
            PeerContent::Hash(message) => self.hash_message(*message, out),
        }
    }

    fn raft_message(&mut self, mut message: Message, out: &mut Vec<Output>) {
        if !self.admits_forwarded(&message) {
            return;
        }
        if message.get_msg_type() == MessageType::MsgReadIndex
            && let Some(index) = self.read_index_without_own_commit()
        {
            out.push(Output::Peer(PeerMessage::of_raft(self.read_index_answer(message, index))));
            return;
        }
        self.limit_commit(&mut message);
        // An error means that the message does not concern this member, or not any more.
        let _ = self.core.raft.step(message);
        self.set_election_timeout();
    }

    /// A change of members that a follower forwards passes the same checks as one of the leader's own, and
    /// waits for its turn: the follower proposes it again until it times out. (Raft would put an empty entry in
    /// its place, which looks like the first one of a term.)
    fn admits_forwarded(&self, message: &Message) -> bool {
        message.get_msg_type() != MessageType::MsgPropose
            || !self.is_leader()
            || message
                .entries
                .iter()
                .filter(|entry| entry.get_entry_type() == EntryType::EntryConfChangeV2)
                .filter_map(|entry| MembershipChange::decode(entry).1)
                .all(|change| self.can_propose_change() && self.admit_change(&change.change).is_ok())
    }

    /// A leader never tells of a commit beyond what this member acknowledged, unless the member lost that.
    /// Raft ends the process then, and so would etcd. Here the member goes on, so that it is the judge who
    /// finds what is wrong.
    fn limit_commit(&self, message: &mut Message) {
        if message.get_msg_type() == MessageType::MsgHeartbeat {
            message.commit = message.commit.min(self.core.raft.raft.raft_log.last_index());
        }
    }

    /// The answer to a follower's question that does not go through Raft.
    fn read_index_answer(&self, question: Message, index: u64) -> Message {
        let mut answer = Message {
            from: self.core.config.id,
            to: question.from,
            term: self.core.raft.raft.term,
            index,
            entries: question.entries,
            ..Message::default()
        };
        answer.set_msg_type(MessageType::MsgReadIndexResp);
        answer
    }
}
