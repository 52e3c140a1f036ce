//! A restart forgets a key that is nothing but a tombstone.
//!
//! Found in: etcd #19179.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::RestoreDropsTombstones;

pub(super) const DESCRIPTION: Description = Description {
    name: "restore-drops-tombstones",
    rule: "a restart forgets keys that are only a tombstone",
    guarantees: &["watch-reliable"],
};
