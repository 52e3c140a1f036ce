//! True if what the line says of the keys under a name is more than one explanation among several.
//!
//! For a revision whose maker is open, the line takes one that agrees with all that was answered and seen. Who held
//! a lock is no part of that: another maker might agree with it as well, and with the holders better.

use crate::bytes::Bytes;
use crate::guarantee::Case;
use crate::history::modified;
use crate::history::{ElectionResponse, Response, Revision};
use crate::replay::{Line, Span};

/// True if the changes that `first..=last` made to the keys under a name are known, or if every way to fill their gaps
/// contradicts an answer.
pub(super) fn is_certain(
    case: &Case<'_>,
    line: &Line,
    name: &Bytes,
    first: Revision,
    last: Revision,
) -> bool {
    let prefix = prefix_of(name);
    if line.is_disowned(last) {
        return true;
    }
    (first.max(2)..=last).all(|revision| {
        revision <= line.end()
            && (line.is_certain(revision)
                || is_answered(case, line, revision)
                || was_seen(line, revision)
                || is_watched(case, line, &prefix, revision))
    })
}

/// The prefix of the keys under a name.
fn prefix_of(name: &Bytes) -> Vec<u8> {
    [name.as_slice(), b"/"].concat()
}

/// True if an answer says that its request made the revision.
fn is_answered(case: &Case<'_>, line: &Line, revision: Revision) -> bool {
    let writer = line.writer(revision).and_then(|writer| case.history.operations[writer].response());
    writer.is_some_and(|response| match response {
        Response::Election(ElectionResponse::Campaign { leader, .. }) => leader.rev == revision,
        response => modified(response) && response.header().revision == revision,
    })
}

/// True if all that the revision changed was seen.
fn was_seen(line: &Line, revision: Revision) -> bool {
    /// More keys of one revision are not told apart.
    const COUNTED_AT_MOST: usize = 8;
    let changed = line.changes(revision).len();
    changed > 0 && line.is_sole(revision) && line.seen(revision) >= changed.min(COUNTED_AT_MOST)
}

/// True if a watch answers for every change of the keys at the revision.
fn is_watched(case: &Case<'_>, line: &Line, prefix: &[u8], revision: Revision) -> bool {
    line.coverages.iter().zip(&case.history.watches).any(|(coverage, watch)| {
        let is_whole = !watch.request.no_put && !watch.request.no_delete;
        is_whole
            && coverage.is_some_and(|coverage| coverage.contains(revision))
            && Span::of_watch(&watch.request).contains_prefix(prefix)
    })
}
