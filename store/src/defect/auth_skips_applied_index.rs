//! Auth changes are saved without the applied index, so that a restart applies them again.
//!
//! Found in: etcd #11651.

use super::{Defect, Description};
use crate::member::mix_auth;
use raft::eraftpb::Snapshot;

/// The defect of this file.
pub const DEFECT: Defect = Defect::AuthSkipsAppliedIndex;

pub(super) const DESCRIPTION: Description = Description {
    name: "auth-skips-applied-index",
    rule: "auth changes are saved without the applied index",
    guarantees: &["member-agreement"],
};

/// Saves users and roles and leaves the index as it was: changes get applied twice.
pub(crate) fn saved(snapshot: &Snapshot, last: &Snapshot) -> Snapshot {
    mix_auth(last, snapshot)
}

/// Lets a member save after a change of auth.
pub(crate) fn after_change(save: impl FnOnce(fn(&Snapshot, &Snapshot) -> Snapshot)) {
    save(saved);
}
