//! Refusals of changes of users and roles.

use crate::evidence::Evidence;
use crate::guarantee::Case;
use crate::guarantee::auth::permission::ROOT;
use crate::history::{AuthRequest, Outcome, Request};

/// A change of users or roles that was refused as one that would leave nobody to administer the cluster, and is none: only
/// what takes root away from root is (etcd: `ErrInvalidAuthMgmt` in `server/auth/store.go`).
pub(super) fn of_root(case: &Case<'_>, index: usize) -> Option<Evidence> {
    let operation = &case.recorded.operations[index];
    let (Outcome::Failed(error), Request::Auth(request)) = (&operation.outcome, &operation.request) else {
        return None;
    };
    let takes_root = match request {
        AuthRequest::UserDelete { name } => name == ROOT,
        AuthRequest::UserRevokeRole { name, role } => name == ROOT && role == ROOT,
        AuthRequest::RoleDelete { role } => role == ROOT,
        // Of a range that is none it is said so, too.
        AuthRequest::RoleGrantPermission { .. } => true,
        _ => false,
    };
    if takes_root || !error.message.ends_with("invalid auth management") {
        return None;
    }
    let message = "a change was refused as one of root's own, and is not".to_owned();
    Some(Evidence::new("false-refusal", message, vec![case.operation(index)]))
}
