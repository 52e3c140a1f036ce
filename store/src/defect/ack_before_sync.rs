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
