//! Lock answers without looking at its own key again after it waited.
//!
//! Found in: etcd #11456, Jepsen 2020.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::LockWithoutOwnershipCheck;

pub(super) const DESCRIPTION: Description = Description {
    name: "lock-without-ownership-check",
    rule: "a lock is said to be owned although its own key is gone by then",
    guarantees: &["lock-exclusive"],
};
