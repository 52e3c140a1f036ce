//! Refusals for want of a permission, where nobody needs one.

use crate::evidence::Evidence;
use crate::guarantee::Case;
use crate::guarantee::auth::permission::Changes;
use crate::history::Outcome;

/// The ends of the errors that only a cluster gives on which auth is on (etcd: `isOpPermitted` and `AuthInfoFromCtx` in
/// `server/auth/store.go`, `LeaseTimeToLive` in `server/etcdserver/v3_server.go`).
const OF_AUTH: [&str; 3] = ["permission denied", "revision of auth store is old", "invalid auth token"];

/// An operation that was refused as if auth were on, among changes of users and roles none of which turned it on.
pub(super) fn refused(case: &Case<'_>, changes: &Changes<'_>) -> Option<Evidence> {
    // Where no change is recorded, those may be left out that turned it on.
    if changes.ever_enabled() || changes.are_none() {
        return None;
    }
    let is_of_auth = |outcome: &Outcome| match outcome {
        Outcome::Failed(error) => OF_AUTH.iter().any(|end| error.message.ends_with(end)),
        Outcome::Ok(_) | Outcome::Unknown(_) => false,
    };
    let refused = case.recorded.operations.iter().enumerate().filter(|(_, one)| is_of_auth(&one.outcome));
    let (index, _) = refused.min_by_key(|(_, one)| (one.invoke_ns, one.return_ns, one.client))?;
    let message =
        "an operation was refused for want of a permission, and auth was never turned on".to_owned();
    Some(Evidence::new("refused-without-auth", message, vec![case.operation(index)]))
}
