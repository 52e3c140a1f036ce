//! A member that goes on from a snapshot, its own or its leader's, has forgotten the alarms that stand.
//!
//! etcd keeps alarms in a bucket of its own beside the keys, and reads them back when a snapshot was taken over
//! (`restoreAlarms` in `server/etcdserver/server.go`).

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::AlarmForgottenBySnapshot;

pub(super) const DESCRIPTION: Description = Description {
    name: "alarm-forgotten-by-snapshot",
    rule: "a member that goes on from a snapshot forgets the alarms that stand",
    guarantees: &["alarm-respected"],
};
