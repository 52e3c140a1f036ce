//! The leases of a history, and what is said of each that cannot be so together.

use super::statement::{Says, Statement, named_leases, speaks, statements};
use crate::evidence::Evidence;
use crate::guarantee::Case;
use crate::history::*;
use crate::lease_times::{LeaseTimes, Renewal};
use std::collections::BTreeMap;

/// The facts known of one lease.
#[derive(Debug, Default)]
pub(super) struct Lease {
    /// Calls that granted it, or may have.
    pub(super) makers: Vec<usize>,
    /// Calls that revoked it, or may have.
    pub(super) enders: Vec<usize>,
    pub(super) said: Vec<Statement>,
}

/// Every lease of a history.
pub(in crate::guarantee) struct Lessor<'h> {
    history: &'h History,
    pub(super) leases: BTreeMap<i64, Lease>,
    /// Calls that may have granted a lease whose id no answer tells.
    nameless: Vec<usize>,
    pub(super) times: LeaseTimes,
    /// True if the history begins with an empty store, so that no lease was granted before.
    pub(super) begins: bool,
    examined: u64,
}

impl<'h> Lessor<'h> {
    pub(in crate::guarantee) fn of(history: &'h History) -> Self {
        let mut lessor = Lessor {
            history,
            leases: BTreeMap::new(),
            nameless: Vec::new(),
            times: LeaseTimes::of(history),
            begins: begins(history),
            examined: 0,
        };
        for (index, operation) in history.operations.iter().enumerate() {
            lessor.examined += u64::from(speaks(operation));
            lessor.note_change(index, operation);
            for said in statements(history, index) {
                lessor.leases.entry(said.lease).or_default().said.push(said);
            }
        }
        lessor
    }

    fn note_change(&mut self, index: usize, operation: &Operation) {
        let is_unknown = matches!(operation.outcome, Outcome::Unknown(_));
        let is_answered = operation.response().is_some();
        match &operation.request {
            Request::Lease(LeaseRequest::Grant { id: 0, .. }) if is_unknown => self.nameless.push(index),
            Request::Lease(LeaseRequest::Grant { id, .. }) if is_unknown => {
                self.lease(*id).makers.push(index)
            }
            Request::Lease(LeaseRequest::Grant { .. }) => {
                if let Some(Response::Lease(LeaseResponse::Grant { id, .. })) = operation.response() {
                    self.lease(*id).makers.push(index);
                }
            }
            Request::Lease(LeaseRequest::Revoke { id }) if is_unknown || is_answered => {
                self.lease(*id).enders.push(index);
            }
            // One that is refused may have granted a lease before that.
            Request::Lock(LockRequest::Lock { name, lease: 0 })
            | Request::Election(ElectionRequest::Campaign { name, lease: 0, .. }) => {
                let key = match operation.response() {
                    Some(Response::Lock(LockResponse::Lock { key, .. })) => Some(key),
                    Some(Response::Election(ElectionResponse::Campaign { leader, .. })) => Some(&leader.key),
                    _ => None,
                };
                match key.and_then(|key| lease_of(name, key)) {
                    Some(lease) => self.lease(lease).makers.push(index),
                    None => self.nameless.push(index),
                }
            }
            _ => {}
        }
    }

    fn lease(&mut self, id: i64) -> &mut Lease {
        self.leases.entry(id).or_default()
    }

    /// The number of operations that say something of a lease.
    pub(super) fn examined(&self) -> u64 {
        self.examined
    }

    fn of_id(&self, id: i64) -> Option<&Lease> {
        self.leases.get(&id)
    }

    fn operation(&self, index: usize) -> &'h Operation {
        &self.history.operations[index]
    }

    /// True if one operation certainly took effect before another.
    pub(in crate::guarantee) fn is_before(&self, one: usize, other: usize) -> bool {
        let (first, second) = (self.operation(one), self.operation(other));
        if one == other || matches!(first.outcome, Outcome::Unknown(_)) {
            return false;
        }
        let in_time = first.return_ns.is_some_and(|return_ns| {
            return_ns < second.invoke_ns || first.client == second.client && return_ns <= second.invoke_ns
        });
        in_time || in_log(first).zip(in_log(second)).is_some_and(|(one, other)| one.is_before(other))
    }

    /// The calls that may have granted a lease before an operation was over, and not before another one. One without a
    /// known id is among them only where no call names the lease: the cluster gives no id twice.
    pub(in crate::guarantee) fn makers(&self, id: i64, until: usize, after: Option<usize>) -> Vec<usize> {
        let end_ns = self.operation(until).return_ns.unwrap_or(u64::MAX);
        let named = self.of_id(id).map_or(&[][..], |lease| &lease.makers);
        let nameless = if named.is_empty() && id > 0 { &self.nameless[..] } else { &[] };
        let may_have = |maker: &usize| {
            *maker != until
                && self.operation(*maker).invoke_ns <= end_ns
                && !self.is_before(until, *maker)
                && after.is_none_or(|after| !self.is_before(*maker, after))
        };
        named.iter().chain(nameless).copied().filter(may_have).collect()
    }

    /// The statement that kept a lease alive all the time that an operation was open, if any: a grant or a keepalive
    /// that was answered before, whose TTL is not over, and after which no request may have revoked the lease.
    pub(in crate::guarantee) fn kept_alive(&self, id: i64, during: usize) -> Option<Renewal> {
        let bounds = &self.times.bounds;
        let end_ns = self.operation(during).return_ns?;
        let renewals = &self.times.leases.get(&id)?.renewals;
        let alive = |renewal: &&Renewal| {
            let until_ns = renewal.invoke_ns.saturating_add(bounds.at_least(renewal.ttl_ns));
            self.is_before(renewal.operation, during)
                && until_ns > end_ns
                && !self.may_be_revoked(id, renewal.operation, during)
        };
        renewals.iter().rev().find(alive).copied()
    }

    /// True if a lease may have been revoked after one operation and before another was over.
    pub(in crate::guarantee) fn may_be_revoked(&self, id: i64, after: usize, until: usize) -> bool {
        let end_ns = self.operation(until).return_ns.unwrap_or(u64::MAX);
        let enders = self.of_id(id).map_or(&[][..], |lease| &lease.enders);
        enders.iter().any(|ender| {
            *ender != until
                && self.operation(*ender).invoke_ns <= end_ns
                && !self.is_before(*ender, after)
                && !self.is_before(until, *ender)
        })
    }
}

/// True if the first revision of the store is in the history.
fn begins(history: &History) -> bool {
    // A member's own state may be that of long ago.
    let binding = history.operations.iter().filter(|operation| !operation.request.is_serializable());
    binding.filter_map(Operation::response).any(|response| {
        let revision = response.header().revision;
        revision == 1 || revision == 2 && modified(response)
    })
}

/// The position of a log entry by the revision in its answer.
#[derive(Clone, Copy)]
struct InLog {
    revision: Revision,
    /// True if it made the revision; otherwise it came after whatever made it, and before the next.
    is_maker: bool,
}

impl InLog {
    fn is_before(self, other: InLog) -> bool {
        self.revision < other.revision || self.revision == other.revision && self.is_maker && !other.is_maker
    }
}

/// Of a revocation it is not said whether it made its revision or came after it: that leaves it before what made a
/// later one, and after what made this one if it did not itself.
fn in_log(operation: &Operation) -> Option<InLog> {
    let response = operation.response()?;
    let revision = response.header().revision;
    let is_maker = modified(response);
    let is_entry = is_maker
        || matches!(
            operation.request,
            Request::Lease(LeaseRequest::Grant { .. } | LeaseRequest::Revoke { .. })
        );
    (is_entry && revision > 0).then_some(InLog { revision, is_maker })
}

/// Checks the statements on each lease against each other.
pub(super) fn check(case: &Case<'_>, lessor: &Lessor<'_>) -> Option<Evidence> {
    lessor
        .leases
        .iter()
        .find_map(|(id, lease)| {
            let said = lease.said.iter().filter(|said| said.says != Says::Granted);
            let granted = lease.said.iter().filter(|said| said.says == Says::Granted);
            let lives = said.clone().filter(|said| said.says != Says::Gone);
            let of_none = lives.clone().find_map(|said| of_no_lease(case, lessor, *id, *said));
            of_none
                .or_else(|| lives.clone().find_map(|said| after_end(case, lessor, lease, *id, *said)))
                .or_else(|| too_many_ends(case, lessor, lease, *id))
                .or_else(|| said.clone().find_map(|said| denied(case, lessor, *id, *said)))
                .or_else(|| granted.clone().find_map(|said| granted_twice(case, lessor, *id, *said)))
        })
        .or_else(|| denied_of_several(case, lessor))
}

/// The action of an operation on an existing lease.
fn deed(operation: &Operation) -> (&'static str, &'static str) {
    match &operation.request {
        Request::Lease(LeaseRequest::Grant { .. }) => ("refused-as-used", "was refused to a grant as used"),
        Request::Lease(LeaseRequest::Revoke { .. }) => ("revoked", "was revoked"),
        Request::Lease(LeaseRequest::KeepAlive { .. }) => ("renewed", "was kept alive"),
        Request::Lease(_) => ("shown", "was said to live"),
        Request::Lock(_) => ("locked", "took a lock"),
        Request::Election(_) => ("elected", "stood for a leadership"),
        _ => ("attached", "got a key"),
    }
}

/// A lease that is there although no request may have granted it.
fn of_no_lease(case: &Case<'_>, lessor: &Lessor<'_>, id: i64, said: Statement) -> Option<Evidence> {
    if !lessor.begins || !lessor.makers(id, said.operation, None).is_empty() {
        return None;
    }
    let (kind, what) = deed(lessor.operation(said.operation));
    let message = format!("lease {} {what}, and nobody had asked for it to be granted", LeaseId(id));
    Some(Evidence::new(&format!("{kind}-ungranted"), message, vec![case.operation(said.operation)]))
}

/// A lease that is there although it was gone before, and no request may have granted it since.
fn after_end(
    case: &Case<'_>,
    lessor: &Lessor<'_>,
    lease: &Lease,
    id: i64,
    said: Statement,
) -> Option<Evidence> {
    let of = lessor.operation(said.operation);
    // A key that is there from before the history may be there without its lease.
    if !lessor.begins && matches!(of.request, Request::Lock(_) | Request::Election(_)) {
        return None;
    }
    let ends = lease.said.iter().filter(|end| matches!(end.says, Says::Revoked | Says::Gone));
    let end = ends.into_iter().find(|end| {
        lessor.is_before(end.operation, said.operation)
            && lessor.makers(id, said.operation, Some(end.operation)).is_empty()
    })?;
    let (kind, what) = deed(of);
    let (after, gone) = match end.says {
        Says::Revoked => ("after-revoke", "after it was revoked"),
        _ => ("after-end", "after it was said to be gone"),
    };
    let kind = if (kind, after) == ("revoked", "after-revoke") {
        "revoked-twice"
    } else {
        &format!("{kind}-{after}")
    };
    let message = format!("lease {} {what} {gone}", LeaseId(id));
    Some(Evidence::new(kind, message, vec![case.operation(said.operation), case.operation(end.operation)]))
}

/// More revocations that succeeded than grants that may have.
fn too_many_ends(case: &Case<'_>, lessor: &Lessor<'_>, lease: &Lease, id: i64) -> Option<Evidence> {
    let ends: Vec<usize> =
        lease.said.iter().filter(|said| said.says == Says::Revoked).map(|said| said.operation).collect();
    let last = *ends.iter().max_by_key(|end| lessor.operation(**end).return_ns)?;
    // One may have been granted before the history.
    let granted = lessor.makers(id, last, None).len() + usize::from(!lessor.begins);
    if ends.len() <= granted {
        return None;
    }
    let message = format!("lease {} was revoked {} times and granted {granted}", LeaseId(id), ends.len());
    let others = ends.iter().filter(|end| **end != last).map(|end| case.operation(*end));
    Some(Evidence::new(
        "revoked-twice",
        message,
        std::iter::once(case.operation(last)).chain(others).collect(),
    ))
}

/// A lease that is said to be gone, and was alive all the time.
fn denied(case: &Case<'_>, lessor: &Lessor<'_>, id: i64, said: Statement) -> Option<Evidence> {
    if said.says != Says::Gone {
        return None;
    }
    let renewal = lessor.kept_alive(id, said.operation)?;
    let message = format!("lease {} was alive, and said not to exist", LeaseId(id));
    let exhibits = vec![case.operation(said.operation), case.operation(renewal.operation)];
    Some(Evidence::new("denied-while-alive", message, exhibits))
}

/// A request that was refused for one of several leases, all of which were alive.
fn denied_of_several(case: &Case<'_>, lessor: &Lessor<'_>) -> Option<Evidence> {
    case.history.operations.iter().enumerate().find_map(|(index, operation)| {
        let leases = named_leases(operation).filter(|leases| leases.len() > 1)?;
        let renewals: Option<Vec<_>> = leases.iter().map(|lease| lessor.kept_alive(*lease, index)).collect();
        let message = "a request was refused because one of its leases did not exist, and all were alive";
        let kept = renewals?.into_iter().map(|renewal| case.operation(renewal.operation));
        let exhibits = std::iter::once(case.operation(index)).chain(kept).collect();
        Some(Evidence::new("denied-while-alive", message, exhibits))
    })
}

/// A lease that was granted although it was there all the time.
fn granted_twice(case: &Case<'_>, lessor: &Lessor<'_>, id: i64, said: Statement) -> Option<Evidence> {
    let renewal = lessor.kept_alive(id, said.operation)?;
    let message = format!("lease {} was granted although it was there", LeaseId(id));
    let exhibits = vec![case.operation(said.operation), case.operation(renewal.operation)];
    Some(Evidence::new("granted-while-alive", message, exhibits))
}
