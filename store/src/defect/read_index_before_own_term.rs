//! A new leader answers a read index before an entry of its own term is committed.
//!
//! Found in: etcd #7331.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::ReadIndexBeforeOwnTerm;

pub(super) const DESCRIPTION: Description = Description {
    name: "read-index-before-own-term",
    rule: "ReadIndex is answered before an entry of the leader's own term is committed",
    guarantees: &["linearizable"],
};
