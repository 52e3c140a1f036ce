//! The progress of a watch is not noted before the store is replaced by a snapshot.
//!
//! Its next revision stays where it was when the watch was last unsynced.
//!
//! Found in: etcd #15271.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::WatchNotAdvancedBeforeRestore;

pub(super) const DESCRIPTION: Description = Description {
    name: "watch-not-advanced-before-restore",
    rule: "a synced watch's next revision is stale when a snapshot is restored",
    guarantees: &["watch-ordered", "watch-unique"],
};
