//! A read index is asked for again under the same context, and a late answer releases it.
//!
//! Found in: etcd #20418.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::ReadIndexContextReused;

pub(super) const DESCRIPTION: Description = Description {
    name: "read-index-context-reused",
    rule: "a retried ReadIndex reuses its context, and a late answer releases it",
    guarantees: &["linearizable"],
};
