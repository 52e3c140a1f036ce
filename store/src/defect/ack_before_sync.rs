//! A write is acknowledged before the sync of the write-ahead log completed.
//!
//! Found in: etcd #14370.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::AckBeforeSync;

pub(super) const DESCRIPTION: Description = Description {
    name: "ack-before-sync",
    rule: "a write is acknowledged before the WAL sync completed",
    guarantees: &["durable"],
};

/// Lets the leader wait for no sync of its own: one that it needs is asked for and not waited for.
pub(crate) fn needs_sync(must_sync: bool, leading: bool, sync: impl FnOnce()) -> bool {
    if leading && must_sync {
        sync();
    }
    must_sync && !leading
}
