//! Persistence: the log and the snapshot of a member on its disk, and the messages that wait until these are durable.
//!
//! etcd: `server/storage/wal`, `server/etcdserver/api/snap`, and the loop in `server/etcdserver/raft.go`.

mod log_file;
mod queue;
mod snapshot_file;

use crate::defect::altered;
use crate::disk::{DiskOperation, DiskToken, File};
use crate::machine::MemberId;
use crate::member::Output;
use crate::member::cx::Cx;
use crate::member::event::MemberEvent;
use crate::wal::{ChainEnd, Owner, WalEntry, WalRecord};
use queue::{PersistQueue, Persisted};
use raft::eraftpb::{HardState, Message, Snapshot};

/// The disk of a member, as far as it was asked to write. See the [module](self).
#[derive(Debug)]
pub(super) struct Persistence {
    queue: PersistQueue,
    /// The voters of the new cluster, if this member was one of them.
    initial_members: Vec<MemberId>,
    /// A snapshot is to be taken as soon as the entries being applied are.
    snapshot_due: bool,
}

impl Persistence {
    /// Goes on with a log whose last record is `end`.
    pub fn after(end: ChainEnd, initial_members: Vec<MemberId>) -> Persistence {
        Persistence { queue: PersistQueue::after(end), initial_members, snapshot_due: false }
    }

    /// Lets everything wait for a sync of the files that a starting member found on its disk.
    pub fn sync_first(&mut self, cx: &mut Cx<'_>) {
        self.queue.sync_first(cx.out);
    }

    /// Puts new entries and the hard state in the log, in memory and on the disk.
    pub fn append(&mut self, cx: &mut Cx<'_>, ready: &raft::Ready) {
        let entries = ready.entries().iter().map(|entry| WalRecord::Entry(WalEntry::from(entry)));
        let state = ready.hs().map(|state| lasting(cx, state));
        self.queue.log.append(entries.chain(state), cx.out);
        cx.raft.mut_store().append(ready.entries());
        if let Some(state) = ready.hs() {
            cx.raft.mut_store().set_hard_state(state.clone());
        }
    }

    /// Keeps messages back until the entries appended with them are durable.
    pub fn push(&mut self, cx: &mut Cx<'_>, number: u64, must_sync: bool, messages: Vec<Message>) {
        let (leads, defects) = (cx.is_leader(), &cx.config.defects);
        self.queue.push(number, must_sync, messages, leads, defects, cx.out);
    }

    /// Hands out the next piece of Raft's work that is durable; starts a sync if it waits for one.
    pub fn next_persisted(&mut self, cx: &mut Cx<'_>) -> Option<Persisted> {
        self.queue.next(cx.out)
    }

    /// Notes a completed sync.
    pub fn synced(&mut self, token: DiskToken) {
        self.queue.done(token);
    }

    /// Takes a snapshot as soon as the entries being applied are.
    pub fn want_snapshot(&mut self) {
        self.snapshot_due = true;
    }

    /// Takes a snapshot if enough was applied since the last one, and cuts the log.
    pub fn take_snapshot_if_due(&mut self, cx: &mut Cx<'_>) {
        let applied = cx.state.index;
        let due = cx.raft.store().snapshot_index() + cx.config.tuning.snapshot_every_entries;
        if applied < due && !std::mem::take(&mut self.snapshot_due) {
            return;
        }
        let snapshot = cx.state.snapshot(cx.raft.store().conf_state());
        let saved = altered!(
            cx.config.defects,
            applied_index_not_atomic::saved(&snapshot, &self.last_snapshot(cx)),
            None
        );
        self.write_snapshot(cx, saved.as_ref().unwrap_or(&snapshot), None);
        cx.raft.mut_store().compact_to(snapshot, cx.config.tuning.snapshot_keep_entries);
        self.rewrite_log(cx);
        cx.report(MemberEvent::SnapshotTaken { index: applied });
    }

    /// Takes a snapshot of all that was applied: a removed member finds in it that it was.
    pub fn take_last_snapshot(&mut self, cx: &mut Cx<'_>) {
        self.snapshot_due = cx.state.index > cx.raft.store().snapshot_index();
        self.take_snapshot_if_due(cx);
    }

    /// Writes the applied state anew, in place of the snapshot. The log stays as it is: the part that the snapshot
    /// covers is cut off with the next one. Gives the name of the disk operation.
    pub fn defragment(&mut self, cx: &mut Cx<'_>) -> DiskToken {
        let token = self.queue.new_token();
        let snapshot = cx.state.snapshot(cx.raft.store().conf_state());
        let snapshot = altered!(
            cx.config.defects,
            snapshot_skips_applied_index::saved(&snapshot, &self.last_snapshot(cx)),
            snapshot
        );
        self.write_snapshot(cx, &snapshot, Some(token));
        token
    }

    /// Saves the snapshot that `choose` makes of the applied state and of the snapshot before.
    #[cfg(feature = "defects")]
    pub fn save(&mut self, cx: &mut Cx<'_>, choose: impl FnOnce(&Snapshot, &Snapshot) -> Snapshot) {
        let snapshot = cx.state.snapshot(cx.raft.store().conf_state());
        let chosen = choose(&snapshot, &self.last_snapshot(cx));
        self.write_snapshot(cx, &chosen, None);
    }

    /// Puts the leader's snapshot, which was taken over, in place of everything logged so far.
    pub fn install(&mut self, cx: &mut Cx<'_>, snapshot: Snapshot) {
        let bytes = self.snapshot_file(cx, &snapshot);
        let operation = DiskOperation::Replace { file: File::Snapshot, bytes };
        cx.out.push(Output::Disk { operation, done: None });
        cx.raft.mut_store().install(snapshot);
        self.rewrite_log(cx);
    }

    /// Writes the log anew, as it is in memory. The snapshot it relies on was handed to the disk before.
    pub fn rewrite_log(&mut self, cx: &mut Cx<'_>) {
        let log = cx.raft.store();
        let owner = Owner {
            cluster_id: cx.config.cluster_id,
            member_id: cx.config.id,
            initial_members: self.initial_members.clone(),
        };
        let (index, term) = log.start();
        let start = WalRecord::Start { index, term, snapshot_index: log.snapshot_index() };
        let entries = log.entries_from_start().map(|entry| WalRecord::Entry(WalEntry::from(entry)));
        let records: Vec<WalRecord> =
            [start, lasting(cx, log.hard_state())].into_iter().chain(entries).collect();
        self.queue.log.replace(owner, &records, cx.out);
    }
}

/// The hard state as a crash leaves it.
fn lasting(cx: &Cx<'_>, state: &HardState) -> WalRecord {
    altered!(cx.config.defects, vote_not_persisted::lasting(state), WalRecord::from(state))
}
