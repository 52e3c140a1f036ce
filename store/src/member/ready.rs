//! What Raft hands out: messages, entries to append, entries to apply, a snapshot to take over.

use super::Member;
use super::event::MemberEvent;
use super::state::AppliedState;
use crate::defect::Defect;
use crate::machine::{DiskOperation, File, Output};
use crate::peer::PeerMessage;
use crate::wal::{Owner, WalEntry, WalRecord};
use raft::eraftpb::{HardState, Message, MessageType, Snapshot};

impl Member {
    /// Takes everything Raft has ready.
    pub(super) fn handle_ready(&mut self, out: &mut Vec<Output>) {
        while self.core.raft.has_ready() {
            let mut ready = self.core.raft.ready();
            // A leader may send before its own disk is done (Raft thesis, 10.2.1).
            self.send(ready.take_messages(), out);
            if !ready.snapshot().is_empty() {
                self.install_snapshot(ready.snapshot().clone(), out);
            }
            self.append(&ready, out);
            for read in ready.take_read_states() {
                self.read_index_answered(&read.request_ctx, read.index);
            }
            let committed = ready.take_committed_entries();
            let (number, must_sync) = (ready.number(), ready.must_sync());
            let persisted_messages = self.send_hastily(ready.take_persisted_messages(), out);
            self.core.raft.advance_append_async(ready);
            self.apply_entries(committed, out);
            self.raft_applied();
            self.persist.push(
                number,
                must_sync,
                persisted_messages,
                self.is_leader(),
                &self.core.config.defects,
                out,
            );
            self.answer_ready_reads(out);
            self.take_snapshot_if_due(out);
        }
    }

    /// Tells Raft what became durable; false if nothing did.
    pub(super) fn release_persisted(&mut self, out: &mut Vec<Output>) -> bool {
        let mut released = false;
        while let Some(persisted) = self.persist.next(out) {
            released = true;
            self.send(persisted.messages, out);
            self.core.raft.on_persist_ready(persisted.number);
            self.raft_applied();
        }
        released
    }

    /// Tells Raft what was applied. A snapshot that was taken over counts once it is durable.
    fn raft_applied(&mut self) {
        let log = &self.core.raft.raft.raft_log;
        if self.core.state.index > log.applied && self.core.state.index <= log.committed.min(log.persisted) {
            let last = log.last_index();
            self.core.raft.advance_apply_to(self.core.state.index);
            // The end of a joint configuration, which the crate appends and does not send.
            if self.core.raft.raft.raft_log.last_index() > last {
                self.core.raft.raft.bcast_append();
            }
        }
    }

    /// Whether a snapshot that was taken over is not durable yet. Raft does not count it as applied before,
    /// and looks through all entries that are committed and not applied when it campaigns: they are gone.
    pub(super) fn is_taking_over_snapshot(&self) -> bool {
        self.core.raft.raft.raft_log.applied < self.core.raft.store().start().0
    }

    fn send(&mut self, messages: Vec<Message>, out: &mut Vec<Output>) {
        for message in messages {
            if message.get_msg_type() == MessageType::MsgSnapshot {
                let lost_at = self.core.now + self.core.config.election_timeout();
                self.snapshots_sent.insert(message.to, lost_at);
            }
            out.push(Output::Peer(PeerMessage::of_raft(message)));
        }
    }

    /// Sends what does not wait for the disk; the rest does.
    fn send_hastily(&mut self, messages: Vec<Message>, out: &mut Vec<Output>) -> Vec<Message> {
        let hasty = self.core.config.defects.has(Defect::AppendAckBeforeSync);
        let is_sent = |message: &Message| hasty && message.get_msg_type() == MessageType::MsgAppendResponse;
        let (sent, waiting) = messages.into_iter().partition(is_sent);
        self.send(sent, out);
        waiting
    }

    /// What of the hard state a crash leaves.
    fn lasting(&self, state: &HardState) -> WalRecord {
        if self.core.config.defects.has(Defect::VoteNotPersisted) {
            return WalRecord::HardState { term: 0, vote: raft::INVALID_ID, commit: state.commit };
        }
        WalRecord::from(state)
    }

    /// Puts new entries and the hard state in the log, in memory and on the disk.
    fn append(&mut self, ready: &raft::Ready, out: &mut Vec<Output>) {
        let entries = ready.entries().iter().map(|entry| WalRecord::Entry(WalEntry::from(entry)));
        let state = ready.hs().map(|state| self.lasting(state));
        self.persist.log.append(entries.chain(state), out);
        self.core.raft.mut_store().append(ready.entries());
        if let Some(state) = ready.hs() {
            self.core.raft.mut_store().set_hard_state(state.clone());
        }
    }

    /// Takes over the leader's snapshot in place of everything applied and logged so far.
    fn install_snapshot(&mut self, snapshot: Snapshot, out: &mut Vec<Output>) {
        let index = snapshot.get_metadata().index;
        assert!(index > self.core.state.index, "a snapshot never takes the state back");
        let before = self.core.state.store.revision();
        let permissions = self.core.state.auth.take_cache();
        self.core.state = AppliedState::from_snapshot(&snapshot, permissions, &self.core.config.defects)
            .expect("a leader's snapshot is whole: it was read from its own state");
        self.hub.restored(&self.core.state.store);
        // First: nobody may be shown what was skipped who may not see it any more.
        self.auth_restored(out);
        self.services_restored(before, out);
        let bytes = self.snapshot_file(&snapshot);
        out.push(Output::Disk {
            operation: DiskOperation::Replace { file: File::Snapshot, bytes },
            done: None,
        });
        self.core.raft.mut_store().install(snapshot);
        self.rewrite_log(out);
        let revision = self.core.state.store.revision();
        out.push(Output::Event(MemberEvent::SnapshotInstalled { index, revision }));
    }

    /// Writes the log anew, as it is in memory. The snapshot it relies on was handed to the disk before.
    pub(super) fn rewrite_log(&mut self, out: &mut Vec<Output>) {
        let log = self.core.raft.store();
        let owner = Owner {
            cluster_id: self.core.config.cluster_id,
            member_id: self.core.config.id,
            founders: self.founders.clone(),
        };
        let (index, term) = log.start();
        let start = WalRecord::Start { index, term, snapshot_index: log.snapshot_index() };
        let entries = log.entries_from_start().map(|entry| WalRecord::Entry(WalEntry::from(entry)));
        let records: Vec<WalRecord> =
            [start, self.lasting(log.hard_state())].into_iter().chain(entries).collect();
        self.persist.log.replace(owner, &records, out);
    }
}
