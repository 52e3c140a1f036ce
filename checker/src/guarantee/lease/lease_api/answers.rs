//! Answers about leases that are wrong by themselves, whatever else happened.

use super::lessor::Lessor;
use crate::evidence::Evidence;
use crate::guarantee::Case;
use crate::history::*;

/// The longest TTL that is granted, in seconds (etcd: `lease.MaxLeaseTTL`).
const TTL_S_MAX: i64 = 9_000_000_000;

const TOO_LARGE: &str = "too large lease TTL";

/// An answer about another lease than the one asked for, a TTL that is not what was asked for, keys that were not asked
/// for, or a TTL that was refused as too large and is not.
pub(super) fn check(case: &Case<'_>, _: &Lessor<'_>) -> Option<Evidence> {
    case.history.operations.iter().enumerate().find_map(|(index, operation)| {
        let Request::Lease(request) = &operation.request else { return None };
        let (kind, message) = match &operation.outcome {
            Outcome::Ok(Response::Lease(response)) => answered(request, response)?,
            Outcome::Failed(error) if error.message.ends_with(TOO_LARGE) => refused(request)?,
            _ => return None,
        };
        Some(Evidence::new(kind, message, vec![case.operation(index)]))
    })
}

fn answered(request: &LeaseRequest, response: &LeaseResponse) -> Option<(&'static str, String)> {
    let another = |asked: i64, got: i64| {
        let message = format!("lease {} was asked for, and {} was answered", LeaseId(asked), LeaseId(got));
        (asked != got).then_some(("another-id", message))
    };
    match (request, response) {
        (LeaseRequest::Grant { id: 0, ttl_s }, LeaseResponse::Grant { id, ttl_s: granted_s, .. }) => {
            let message = format!("a lease was granted with the id {id}: one that is chosen is above 0");
            (*id <= 0).then_some(("another-id", message)).or_else(|| granted(*ttl_s, *granted_s))
        }
        (LeaseRequest::Grant { id, ttl_s }, LeaseResponse::Grant { id: got, ttl_s: granted_s, .. }) => {
            another(*id, *got).or_else(|| granted(*ttl_s, *granted_s))
        }
        (LeaseRequest::KeepAlive { id }, LeaseResponse::KeepAlive { id: got, .. }) => another(*id, *got),
        (LeaseRequest::TimeToLive { id, keys }, LeaseResponse::TimeToLive { id: got, keys: shown, .. }) => {
            let unasked = || ("keys-unasked", "keys of a lease were shown and not asked for".to_owned());
            another(*id, *got).or_else(|| (!keys && !shown.is_empty()).then(unasked))
        }
        _ => None,
    }
}

fn granted(asked_s: i64, granted_s: i64) -> Option<(&'static str, String)> {
    if granted_s < asked_s {
        return Some((
            "shorter-than-asked",
            format!("{asked_s} s were asked for, and {granted_s} s granted"),
        ));
    }
    let message = format!("{asked_s} s were granted: above {TTL_S_MAX} s must be refused");
    (asked_s > TTL_S_MAX).then_some(("too-long", message))
}

fn refused(request: &LeaseRequest) -> Option<(&'static str, String)> {
    let LeaseRequest::Grant { ttl_s, .. } = request else { return None };
    let message = format!("{ttl_s} s were refused as too large, and up to {TTL_S_MAX} s are granted");
    (*ttl_s <= TTL_S_MAX).then_some(("false-refusal", message))
}
