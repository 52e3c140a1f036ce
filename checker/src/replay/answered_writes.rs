//! The answered writes of a history, and how far they and the reads let the line go.

use super::odd::{far_beyond, newest_possible};
use crate::history::modified;
use crate::history::{History, Revision};

/// The length of the line: as far as anything but serializable reads saw, and as far as those did.
pub(super) struct Reach {
    pub(super) strong: Revision,
    pub(super) weak: Revision,
}

/// The answered writes in the order of their revisions, of equal ones the earlier answer first, and how far
/// the line goes.
pub(super) fn claims(history: &History) -> Result<(Vec<(Revision, usize)>, Reach), String> {
    let mut writes = Vec::new();
    let mut reach = Reach { strong: 1, weak: 1 };
    for (at, operation) in history.operations.iter().enumerate() {
        let Some(response) = operation.response() else { continue };
        let revision = response.header().revision;
        if revision <= 0 {
            return Err("not every response carries its revision".to_owned());
        }
        match operation.request.is_serializable() {
            true => reach.weak = reach.weak.max(revision),
            false => reach.strong = reach.strong.max(revision),
        }
        if modified(response) {
            writes.push((revision, at));
        }
    }
    let seen = || {
        let events = history.watches.iter().flat_map(|watch| watch.events());
        let leaders = history.observers.iter().flat_map(|observer| &observer.frames);
        let kvs = events.map(|(_, _, event)| &event.kv).chain(leaders.map(|leader| &leader.kv));
        kvs.map(|kv| kv.mod_revision)
    };
    if seen().any(|revision| revision > reach.strong) {
        // An event of a revision far beyond everything is wrong by itself, and says nothing of those before.
        let far = far_beyond(newest_possible(history));
        reach.strong = seen().filter(|revision| *revision <= far).fold(reach.strong, Revision::max);
    }
    writes.sort_by_key(|(revision, at)| (*revision, history.operations[*at].return_ns, *at));
    Ok((writes, reach))
}
