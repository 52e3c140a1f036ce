//! What happens as time passes.

use super::Member;
use crate::error::Error;
use crate::machine::{Output, Reply};
use crate::mvcc::COMPACTION_BATCH;
use raft::SnapshotStatus;

/// etcd removes a batch every 10 ms; a tick is 100 ms long.
const COMPACTION_BATCHES_PER_TICK: usize = 10;

impl Member {
    pub(super) fn tick(&mut self, out: &mut Vec<Output>) {
        // It could not campaign: its vote would wait for the disk behind the snapshot.
        if !self.is_taking_over_snapshot() {
            self.raft.tick();
            self.set_election_timeout();
        }
        self.look_at_leases();
        self.check_corruption(out);
        self.expire_waiting(out);
        self.expire_changes(out);
        self.expire_early(out);
        self.tick_services(out);
        self.retry_lost_snapshots();
        self.state.store.compact_step(COMPACTION_BATCHES_PER_TICK * COMPACTION_BATCH);
        self.answer_compactions(out);
        self.end_leaderless_streams(out);
        self.pass_watches(out);
    }

    fn expire_waiting(&mut self, out: &mut Vec<Output>) {
        for caller in self.waiting.take_expired_held(self.now) {
            self.reply(caller, Err(Error::NoLeader), out);
        }
        let expired = self.waiting.take_expired(self.now);
        let reads = self.reads.take_expired(self.now).into_iter().map(|read| read.caller);
        for caller in expired.into_iter().chain(reads) {
            self.reply(caller, Err(Error::Timeout), out);
        }
        let now = self.now;
        for call in self.lease_calls.extract_if(.., |call| call.has_expired(now)).collect::<Vec<_>>() {
            let leaderless = self.raft.raft.leader_id == raft::INVALID_ID && !call.was_sent();
            let error = if leaderless { Error::NoLeader } else { Error::Timeout };
            if let Some(caller) = call.caller() {
                self.reply(caller, Err(error), out);
            }
        }
        let transfers: Vec<_> =
            self.waiting.transfers.extract_if(.., |transfer| now >= transfer.deadline).collect();
        for transfer in transfers {
            self.reply(transfer.caller, Err(Error::Timeout), out);
        }
    }

    fn answer_compactions(&mut self, out: &mut Vec<Output>) {
        let finished = self.state.store.finished_compact_revision();
        let done: Vec<_> =
            self.waiting.compactions.extract_if(.., |waiting| waiting.revision <= finished).collect();
        for compaction in done {
            self.reply(compaction.caller, Ok(Reply::Kv(compaction.response)), out);
        }
    }

    /// Raft sends nothing more to a follower that was sent a snapshot until it hears what became of it.
    /// A datagram that got lost tells nothing, so silence counts as failure.
    fn retry_lost_snapshots(&mut self) {
        let now = self.now;
        let lost: Vec<_> =
            self.snapshots_sent.extract_if(.., |_, lost_at| now >= *lost_at).map(|(to, _)| to).collect();
        for to in lost {
            self.raft.report_snapshot(to, SnapshotStatus::Failure);
        }
    }
}
