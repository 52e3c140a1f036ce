//! The lease at fault where keys are gone that were not attached to it.

use crate::bytes::Bytes;
use crate::evidence::Exhibit;
use crate::guarantee::Case;
use crate::history::{LeaseId, LeaseRequest, Operation, Request, Revision};
use crate::lease_times::LeaseTimes;
use crate::replay::{Line, seen_in};
use std::collections::BTreeMap;

/// A lease that took a key away that was not attached to it.
pub(super) struct Taken {
    pub(super) message: String,
    /// Its revocation; of one that ran out, its grant.
    pub(super) exhibit: Option<Exhibit>,
}

/// The lease that took a key away which was written at one revision and is absent at another: the only one that ended
/// since the key was last seen. `None` where the key was attached to it, or there is more than one.
pub(super) fn taker(
    case: &Case<'_>,
    line: &Line,
    key: &Bytes,
    written: Revision,
    absent: Revision,
) -> Option<Taken> {
    let kv = line.change(written, key)?.after.as_ref()?;
    let last = last_seen(case, key, written, absent);
    let ended = (last + 1..=absent).filter_map(|revision| Some((revision, ended_at(case, line, revision)?)));
    let mut ended = ended.filter(|(_, (lease, _))| *lease != kv.lease);
    let ((revision, (lease, revocation)), None) = (ended.next()?, ended.next()) else { return None };
    let times = LeaseTimes::of(case.history);
    let granted = times.leases.get(&lease).and_then(|lease| lease.grants.first().copied());
    let message = format!(
        "lease {} ended at revision {revision}, and {key} of revision {written} went with it, which was not attached to it",
        LeaseId(lease)
    );
    Some(Taken { message, exhibit: revocation.or(granted).map(|index| case.operation(index)) })
}

/// The highest revision, of those from `written` to before `absent`, at which a key was still shown as that left it.
fn last_seen(case: &Case<'_>, key: &Bytes, written: Revision, absent: Revision) -> Revision {
    let shown = case.history.operations.iter().filter(|operation| !operation.request.is_serializable());
    let shown = shown.filter_map(|operation| {
        let response = operation.response()?;
        let revision = response.header().revision;
        let mut is_shown = false;
        seen_in(&operation.request, response, &mut |kv, _| {
            is_shown |= kv.key == *key && kv.mod_revision == written;
        });
        (is_shown && revision < absent).then_some(revision)
    });
    shown.fold(written, Revision::max)
}

/// The lease that ended at a revision, with its revocation if there is one.
fn ended_at(case: &Case<'_>, line: &Line, revision: Revision) -> Option<(i64, Option<usize>)> {
    if let Some(lease) = line.run_out().get(&revision) {
        return Some((*lease, None));
    }
    let writer = line.writer(revision)?;
    revoked(&case.history.operations[writer]).map(|lease| (lease, Some(writer)))
}

fn revoked(operation: &Operation) -> Option<i64> {
    match operation.request {
        Request::Lease(LeaseRequest::Revoke { id }) => Some(id),
        _ => None,
    }
}

/// The answered revocation of a lease with keys whose answer carries a revision: it made it.
pub(super) fn revoked_at(case: &Case<'_>, line: &Line, revision: Revision) -> Option<(usize, i64)> {
    let operations = case.history.operations.iter().enumerate();
    let mut revocations = operations.filter_map(|(index, operation)| {
        (operation.response()?.header().revision == revision).then_some((index, revoked(operation)?))
    });
    let (found, None) = (revocations.next()?, revocations.next()) else { return None };
    let mut attached: BTreeMap<&Bytes, i64> = BTreeMap::new();
    for before in 1..revision {
        for change in line.changes(before) {
            attached.insert(&change.key, change.after.as_ref().map_or(0, |kv| kv.lease));
        }
    }
    attached.values().any(|lease| *lease == found.1).then_some(found)
}

/// The evidence that a revision is not the doing of its maker, the one at fault first: a revocation that took other
/// keys than its own, or else what saw it otherwise.
pub(super) fn first(case: &Case<'_>, maker: usize, seen: Exhibit) -> Vec<Exhibit> {
    let operation = case.operation(maker);
    match revoked(&case.history.operations[maker]) {
        Some(_) => vec![operation, seen],
        None => vec![seen, operation],
    }
}
