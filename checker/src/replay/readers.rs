//! The operations that must show the state of a revision.

use super::past_range::past_ranges;
use crate::history::modified;
use crate::history::{
    ElectionRequest, History, LeaseRequest, LockRequest, Operation, Outcome, Request, Revision,
};

/// An operation that must show the state of a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reader {
    pub(super) revision: Revision,
    pub(super) operation: usize,
    /// One of its ranges at revisions of their own; `None` for the operation as a whole.
    pub(super) part: Option<usize>,
}

/// Operations by the revision whose state they show.
pub(super) struct Readers(Vec<Reader>);

impl Readers {
    /// The readers in a history.
    pub(super) fn of(history: &History) -> Self {
        let mut readers = readers(history);
        readers.sort_unstable();
        Readers(readers)
    }

    /// The readers of a revision.
    pub(super) fn at(&self, revision: Revision) -> &[Reader] {
        let first = self.0.partition_point(|reader| reader.revision < revision);
        let count = self.0[first..].partition_point(|reader| reader.revision == revision);
        &self.0[first..first + count]
    }
}

/// The readers of each revision.
fn readers(history: &History) -> Vec<Reader> {
    let mut readers = Vec::new();
    for (at, operation) in history.operations.iter().enumerate() {
        if let Some(revision) = reads_at(operation) {
            readers.push(Reader { revision, operation: at, part: None });
        }
        if matches!(operation.request, Request::Txn(_)) {
            let parts = past_ranges(operation).into_iter().enumerate();
            readers.extend(parts.map(|(part, range)| Reader {
                revision: range.request.revision,
                operation: at,
                part: Some(part),
            }));
        }
    }
    readers
}

/// The revision whose state an answered operation that changed nothing must show.
fn reads_at(operation: &Operation) -> Option<Revision> {
    let Outcome::Ok(response) = &operation.outcome else { return None };
    match &operation.request {
        Request::Range(range) if range.revision > 0 => Some(range.revision),
        _ if modified(response) => None,
        // Who queues is in the state some time before, and what is told of leases is not in it.
        Request::Lock(LockRequest::Lock { .. }) | Request::Election(ElectionRequest::Campaign { .. }) => None,
        Request::Lease(lease) if !matches!(lease, LeaseRequest::Revoke { .. }) => None,
        Request::Auth(_) => None,
        _ => Some(response.header().revision),
    }
}
