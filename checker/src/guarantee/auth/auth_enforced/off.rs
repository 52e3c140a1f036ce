//! Refusals for want of a permission, where nobody needs one.

use crate::evidence::Evidence;
use crate::guarantee::Case;
use crate::guarantee::auth::permission::Changes;
use crate::history::{AuthRequest, AuthResponse, Operation, Outcome, Request, Response};

/// The errors that a cluster gives to any operation, and only while auth is on (etcd: `isOpPermitted` and `AuthInfoFromCtx` in
/// `server/auth/store.go`).
const OF_AUTH: [&str; 2] = ["etcdserver: permission denied", "etcdserver: invalid auth token"];

/// The error that a lease's time to live is refused with only while auth is on (etcd: `LeaseTimeToLive` in
/// `server/etcdserver/v3_server.go`). Reads are refused with it also without auth, where certificates name users.
const OLD_REVISION: &str = "etcdserver: revision of auth store is old";

/// An operation that was refused as if auth were on, among changes of users and roles, where nobody ever asked to turn it on.
pub(super) fn refused(case: &Case<'_>, changes: &Changes<'_>) -> Option<Evidence> {
    let operations = &case.recorded.operations;
    // Where no change is recorded, those may be left out that turned it on.
    if changes.are_none() || operations.iter().any(shows_that_it_is_on) {
        return None;
    }
    let refused = operations.iter().enumerate().filter(|(_, one)| is_refused_by_auth(one));
    let (index, _) = refused.min_by_key(|(_, one)| (one.invoke_ns, one.return_ns, one.client))?;
    let message = "an operation was refused as only auth refuses, which was never turned on".to_owned();
    Some(Evidence::new("refused-without-auth", message, vec![case.operation(index)]))
}

fn is_refused_by_auth(operation: &Operation) -> bool {
    let Outcome::Failed(error) = &operation.outcome else { return false };
    let is_of_lease = matches!(operation.request, Request::Lease(_));
    OF_AUTH.contains(&error.message.as_str()) || (is_of_lease && error.message == OLD_REVISION)
}

/// True if nobody is answered like this while auth is off: what turned it on was not recorded, or before.
fn shows_that_it_is_on(operation: &Operation) -> bool {
    match (&operation.request, operation.response()) {
        (Request::Auth(AuthRequest::Authenticate { .. }), Some(_)) => true,
        (_, Some(Response::Auth(AuthResponse::Status { enabled, .. }))) => *enabled,
        _ => false,
    }
}
