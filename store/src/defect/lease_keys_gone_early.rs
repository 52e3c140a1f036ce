//! A key that was put again with another lease goes with its former lease, too, while the new one is alive.
//!
//! Found in: etcd #14758, #21389: keys attached to a lease were deleted, and the lease had time left.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::LeaseKeysGoneEarly;

pub(super) const DESCRIPTION: Description = Description {
    name: "lease-keys-gone-early",
    rule: "a put with another lease leaves the key attached to its former one, too",
    guarantees: &["lease-alive"],
};

/// The lease that a key is detached from when it is put: none.
pub(crate) fn detached_from() -> i64 {
    0
}
