//! What happens as time passes.

use super::Member;
use crate::error::Error;
use crate::machine::Output;
use raft::SnapshotStatus;

impl Member {
    pub(super) fn tick(&mut self, out: &mut Vec<Output>) {
        // It could not campaign: its vote would wait for the disk behind the snapshot.
        if !self.is_taking_over_snapshot() {
            self.core.raft.tick();
            self.set_election_timeout();
        }
        self.look_at_leases();
        self.check_corruption(out);
        self.expire_waiting(out);
        self.expire_changes(out);
        self.expire_early(out);
        self.tick_services(out);
        self.retry_lost_snapshots();
        self.storage_work.compact(&mut self.core.cx(out));
        self.end_leaderless_streams(out);
        self.pass_watches(out);
    }

    fn expire_waiting(&mut self, out: &mut Vec<Output>) {
        self.writes.expire(&mut self.core.cx(out));
        let reads = self.reads.take_expired(self.core.now).into_iter().map(|read| read.caller);
        for caller in reads {
            self.reply(caller, Err(Error::Timeout), out);
        }
        let now = self.core.now;
        for call in self.lease_calls.extract_if(.., |call| call.has_expired(now)).collect::<Vec<_>>() {
            let leaderless = self.core.raft.raft.leader_id == raft::INVALID_ID && !call.was_sent();
            let error = if leaderless { Error::NoLeader } else { Error::Timeout };
            if let Some(caller) = call.caller() {
                self.reply(caller, Err(error), out);
            }
        }
        self.transfers.expire(&mut self.core.cx(out));
    }

    /// Raft sends nothing more to a follower that was sent a snapshot until it hears what became of it.
    /// A datagram that got lost tells nothing, so silence counts as failure.
    fn retry_lost_snapshots(&mut self) {
        let now = self.core.now;
        let lost: Vec<_> =
            self.snapshots_sent.extract_if(.., |_, lost_at| now >= *lost_at).map(|(to, _)| to).collect();
        for to in lost {
            self.core.raft.report_snapshot(to, SnapshotStatus::Failure);
        }
    }
}
