//! The TTLs that keepalives and time-to-live answer, held against what was granted and how long ago.

use super::lessor::Lessor;
use crate::evidence::Evidence;
use crate::guarantee::Case;
use crate::history::*;
use crate::lease_times::Renewal;

const SECOND_NS: u64 = 1_000_000_000;

/// By how much a new leader may let a lease live longer than its TTL where nothing is declared: the longest election
/// timeout that etcd takes (`server/embed/config.go`, `maxElectionMs`).
const EXTENSION_NS_MAX: u64 = 50 * SECOND_NS;

/// An answer that tells another TTL than was granted, more than can be left of it, or less than must be.
pub(super) fn check(case: &Case<'_>, lessor: &Lessor<'_>) -> Option<Evidence> {
    (0..case.history.operations.len()).find_map(|index| {
        let Response::Lease(response) = case.history.operations[index].response()? else { return None };
        match response {
            LeaseResponse::KeepAlive { id, ttl_s, .. } if *ttl_s > 0 => {
                another(case, lessor, index, *id, *ttl_s)
            }
            LeaseResponse::TimeToLive { id, ttl_s, granted_ttl_s, .. }
                if *ttl_s >= 0 || *granted_ttl_s != 0 =>
            {
                another(case, lessor, index, *id, *granted_ttl_s)
                    .or_else(|| above(case, lessor, index, *id, (*ttl_s, *granted_ttl_s)))
                    .or_else(|| below(case, lessor, index, *id, *ttl_s))
            }
            _ => None,
        }
    })
}

/// A TTL that no grant that it may be of was answered with.
fn another(case: &Case<'_>, lessor: &Lessor<'_>, index: usize, id: i64, ttl_s: i64) -> Option<Evidence> {
    let mut makers = lessor.makers(id, index, None);
    // What was granted before another grant that was answered in time is over.
    let over: Vec<usize> = makers
        .iter()
        .copied()
        .filter(|maker| {
            makers.iter().any(|other| lessor.is_before(*maker, *other) && lessor.is_before(*other, index))
        })
        .collect();
    makers.retain(|maker| !over.contains(maker));
    let granted: Option<Vec<i64>> = makers.iter().map(|maker| granted_s(case, *maker)).collect();
    let granted = granted.filter(|granted| !granted.is_empty())?;
    let is_told = lessor.begins || makers.iter().any(|maker| lessor.is_before(*maker, index));
    if !is_told || granted.contains(&ttl_s) {
        return None;
    }
    let message =
        format!("lease {} was granted for {} s, and {ttl_s} s was answered", LeaseId(id), granted[0]);
    let exhibits = std::iter::once(index).chain(makers).map(|index| case.operation(index)).collect();
    Some(Evidence::new("another-ttl", message, exhibits))
}

/// The TTL that a grant was answered with, if it was.
fn granted_s(case: &Case<'_>, maker: usize) -> Option<i64> {
    match case.history.operations[maker].response()? {
        Response::Lease(LeaseResponse::Grant { ttl_s, .. }) => Some(*ttl_s),
        _ => None,
    }
}

/// More than was granted, or more than can be left since it was granted or kept alive last.
fn above(
    case: &Case<'_>,
    lessor: &Lessor<'_>,
    index: usize,
    id: i64,
    (ttl_s, granted_s): (i64, i64),
) -> Option<Evidence> {
    let shown = |kind: &str, most_s: u64, last: Option<Renewal>| {
        let message =
            format!("{ttl_s} s were said to be left of lease {}, and {most_s} s can be", LeaseId(id));
        let last = last.map(|renewal| case.operation(renewal.operation));
        Evidence::new(kind, message, std::iter::once(case.operation(index)).chain(last).collect())
    };
    let is_above = |most_s: u64| u64::try_from(ttl_s).is_ok_and(|ttl_s| ttl_s > most_s);
    // A clock that jumps back makes it more.
    let jump_ns = lessor.times.bounds.clock_jump_ns;
    let granted_s = u64::try_from(granted_s).unwrap_or(0).saturating_add(jump_ns.div_ceil(SECOND_NS));
    let of = &case.history.operations[index];
    let bounds = &lessor.times.bounds;
    let lease = lessor.times.leases.get(&id);
    let renewals: Vec<&Renewal> = lease
        .into_iter()
        .flat_map(|lease| &lease.renewals)
        .filter(|renewal| !lessor.is_before(index, renewal.operation))
        .collect();
    let term = |operation: usize| {
        case.history.operations[operation].response().map(|response| response.header().term)
    };
    let own = term(index).filter(|term| *term > 0);
    // A leader that comes into office gives every lease an election timeout more.
    if own.is_none() || renewals.is_empty() || renewals.iter().any(|renewal| term(renewal.operation) != own) {
        let extension_ns = EXTENSION_NS_MAX.max(bounds.leader_slack_ns.unwrap_or(0));
        let most_s = granted_s.saturating_add(extension_ns.div_ceil(SECOND_NS));
        return is_above(most_s)
            .then(|| shown("above-the-granted", most_s, renewals.last().copied().copied()));
    }
    let last = renewals.last().copied().copied();
    if is_above(granted_s) {
        return Some(shown("above-the-granted", granted_s, last));
    }
    let is_told = lease.is_some_and(|lease| {
        lease.loose_ns.iter().all(|at_ns| of.return_ns.is_some_and(|end_ns| *at_ns > end_ns))
    });
    let left = |renewal: &Renewal| {
        let passed_ns = bounds.passed_at_least(of.invoke_ns.saturating_sub(renewal.return_ns));
        (renewal.ttl_ns.saturating_add(jump_ns).saturating_sub(passed_ns), *renewal)
    };
    let (left_ns, renewal) =
        renewals.iter().map(|renewal| left(renewal)).max_by_key(|(left_ns, _)| *left_ns)?;
    // Another grant of the id that nobody was answered may have come since.
    let may_be_anew =
        lessor.makers(id, index, Some(renewal.operation)).iter().any(|maker| *maker != renewal.operation);
    // An answer tells the term when it was given: the change itself may be of the term before.
    let extension_ns = bounds.leader_slack_ns.unwrap_or(EXTENSION_NS_MAX);
    let most_s = left_ns.saturating_add(extension_ns) / SECOND_NS;
    (is_told && !may_be_anew && is_above(most_s)).then(|| shown("more-left", most_s, Some(renewal)))
}

/// Less than must be left of a lease that was alive all the time.
fn below(case: &Case<'_>, lessor: &Lessor<'_>, index: usize, id: i64, ttl_s: i64) -> Option<Evidence> {
    let renewal = lessor.kept_alive(id, index)?;
    let passed_ns = case.history.operations[index].return_ns?.saturating_sub(renewal.invoke_ns);
    let left_ns = renewal.ttl_ns.saturating_sub(lessor.times.bounds.passed_at_most(passed_ns));
    let least_s = i64::try_from(left_ns / SECOND_NS).unwrap_or(i64::MAX);
    if ttl_s >= least_s {
        return None;
    }
    let message = format!("{ttl_s} s were said to be left of lease {}, and {least_s} s must be", LeaseId(id));
    let exhibits = vec![case.operation(index), case.operation(renewal.operation)];
    Some(Evidence::new("less-left", message, exhibits))
}
