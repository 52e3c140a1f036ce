//! The ops of one txn get two revisions.

use super::{Defect, Description};
use crate::api::Event;
use crate::mvcc::Revision;

/// The defect of this file.
pub const DEFECT: Defect = Defect::TxnTwoRevisions;

pub(super) const DESCRIPTION: Description = Description {
    name: "txn-two-revisions",
    rule: "the ops of one txn get two revisions",
    guarantees: &["revision", "txn-atomic"],
};

/// The revision of the next change after an operation of the request: another one, where all changes so far share
/// theirs.
pub(crate) fn next(next: Revision, changes: &[Event]) -> Revision {
    match changes.first() {
        Some(first) if first.kv.mod_revision == next.main => Revision::first_of(next.main + 1),
        _ => next,
    }
}
