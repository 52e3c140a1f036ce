//! A new cluster out of a saved snapshot (etcd: `etcdutl/snapshot/v3_snapshot.go`, `Restore`).

use crate::auth::PermissionCache;
use crate::defect::Defects;
use crate::disk::DiskImage;
use crate::machine::{ClusterId, MemberId};
use crate::member::state::saved_snapshot::{RestoreError, decode};
use crate::member::state::{AppliedState, SnapshotOrigin, encode_file};
use crate::wal::{ChainEnd, Owner, WalRecord};
use raft::eraftpb::{ConfState, Snapshot};

/// The index at which the log of the new cluster begins: after the entry etcd would have written, its list of
/// members.
const FIRST_INDEX: u64 = 1;
const FIRST_TERM: u64 = 1;

/// Makes the disk of a new member, so that it starts with the keys, leases, users and alarms of a snapshot that was
/// saved with [`MaintenanceRequest::Snapshot`](crate::api::MaintenanceRequest::Snapshot), at the same revision.
///
/// `id` is one of `members`, the voters of the new cluster. It remembers nothing of the cluster that the snapshot
/// was taken of: not its members, its log, or its terms. All members have to be restored from the same bytes, with
/// the same `cluster_id` and `members`. Old watches do not go on: writes after the snapshot are gone, and their
/// revisions will be given to other changes. (etcd can raise the revision for that; here it stays.)
pub fn restore_snapshot(
    bytes: &[u8],
    cluster_id: ClusterId,
    id: MemberId,
    members: &[MemberId],
) -> Result<DiskImage, RestoreError> {
    if !members.contains(&id) {
        return Err(RestoreError::NotAMember { member: id });
    }
    let saved = decode(bytes)?;
    let taken = Snapshot { data: saved.state.into(), ..Snapshot::default() };
    let old = AppliedState::from_snapshot(&taken, PermissionCache::default(), &Defects::NONE)?;
    let found = old.store.revision();
    if found != saved.revision {
        return Err(RestoreError::Revision { said: saved.revision, found });
    }
    let new = AppliedState {
        store: old.store,
        alarms: old.alarms,
        auth: old.auth,
        index: FIRST_INDEX,
        term: FIRST_TERM,
        ..AppliedState::new(members, &Defects::NONE)
    };
    let snapshot = new.snapshot(&ConfState::from((members.to_vec(), Vec::new())));
    // Term and commit index follow from the snapshot; no vote was given.
    let start = WalRecord::Start { index: FIRST_INDEX, term: FIRST_TERM, snapshot_index: FIRST_INDEX };
    let mut log = ChainEnd::default();
    let wal = log.replace(Owner { cluster_id, member_id: id, initial_members: members.to_vec() }, &[start]);
    let origin = SnapshotOrigin { cluster_id, member_id: id, log };
    Ok(DiskImage { wal: Some(wal), snapshot: Some(encode_file(&snapshot, origin)) })
}
