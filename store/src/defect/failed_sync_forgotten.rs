//! A sync that failed is tried again, and its success is taken for both.
//!
//! Found in: PostgreSQL 2018 ("fsyncgate"), CockroachDB: after a failed fsync the kernel marks the pages as clean, and
//! the next one succeeds without having written them.

use super::{Defect, Description};
use crate::disk::{DiskFailure, DiskOperation, DiskWork};
use crate::member::Output;

/// The defect of this file.
pub const DEFECT: Defect = Defect::FailedSyncForgotten;

pub(super) const DESCRIPTION: Description = Description {
    name: "failed-sync-forgotten",
    rule: "a sync that failed is tried again, and its success is taken for both",
    guarantees: &["durable"],
};

/// Asks for a failed sync once more; false if something else failed.
pub(crate) fn retry(failure: &DiskFailure, out: &mut Vec<Output>) -> bool {
    let is_sync = failure.work == DiskWork::Sync;
    if is_sync {
        let operation = DiskOperation::Sync { file: failure.file };
        out.push(Output::Disk { operation, done: failure.token });
    }
    is_sync
}
