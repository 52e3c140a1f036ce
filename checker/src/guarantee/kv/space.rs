//! Refusals for lack of space. Only what may put something is refused for it: what makes room goes on, and so do reads.
//!
//! More cannot be judged from what clients saw. No answer tells how full a member is; and etcd says the same of the
//! last put that it applied, so that who recorded the history may only have called it unknown
//! (etcd: `quotaApplierV3` and `applierV3Capped` in `server/etcdserver/apply`).

use crate::evidence::Evidence;
use crate::guarantee::Case;
use crate::history::{ElectionRequest, Error, LeaseRequest, LockRequest, Outcome, Request};

/// `ErrNoSpace`, but for etcd's prefix.
const NO_SPACE: &str = "mvcc: database space exceeded";

/// True if an error says that there is no space.
pub(in crate::guarantee) fn is_no_space(error: &Error) -> bool {
    error.message.ends_with(NO_SPACE)
}

/// True if a request that stores nothing was refused for lack of space.
pub(crate) fn is_false_no_space(request: &Request, error: &Error) -> bool {
    is_no_space(error) && !may_store(request)
}

/// The first such operation.
pub(super) fn false_no_space(case: &Case<'_>) -> Option<Evidence> {
    let index = case.sorts().no_space.iter().copied().find(|&index| {
        let operation = &case.history.operations[index];
        matches!(&operation.outcome, Outcome::Failed(error) if is_false_no_space(&operation.request, error))
    })?;
    let message = "there is nothing in the request that needs space".to_owned();
    Some(Evidence::new("false-no-space", message, vec![case.operation(index)]))
}

fn may_store(request: &Request) -> bool {
    match request {
        Request::Put(_) => true,
        Request::Txn(txn) => txn.branches().any(may_store),
        Request::Range(_) | Request::Delete(_) | Request::Compact(_) | Request::Auth(_) => false,
        Request::Lease(request) => matches!(request, LeaseRequest::Grant { .. }),
        Request::Lock(request) => matches!(request, LockRequest::Lock { .. }),
        Request::Election(request) => {
            matches!(request, ElectionRequest::Campaign { .. } | ElectionRequest::Proclaim { .. })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;
    use crate::verdict::Verdict;

    fn judged(request: Request) -> Verdict {
        let mut history = Builder::default();
        history.ok(0, put("a", "1"), written(2));
        history.failed(1, request, "ResourceExhausted", "etcdserver: mvcc: database space exceeded");
        super::super::linearizable::check(&Case::new(&history.build()))
    }

    #[test]
    fn accepts_that_what_stores_something_is_refused() {
        let nested = txn([], [], [txn([], [put("a", "2")], [])]);
        let grant = Request::Lease(LeaseRequest::Grant { id: 7, ttl_s: 60 });
        for request in [put("a", "2"), nested, grant] {
            let verdict = judged(request.clone());
            assert!(verdict.holds(), "{request}: {verdict}");
        }
    }

    #[test]
    fn rejects_that_what_stores_nothing_is_refused() {
        let revoke = Request::Lease(LeaseRequest::Revoke { id: 7 });
        let reading = txn([], [get("a")], [delete("a")]);
        for request in [get("a"), delete("a"), compact(2), reading, revoke] {
            let verdict = judged(request.clone());
            let evidence = verdict.evidence().unwrap_or_else(|| panic!("{request}: {verdict}"));
            assert_eq!(evidence.kind, "false-no-space");
        }
    }
}
