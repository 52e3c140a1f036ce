//! Tokens that are none any more: those from before auth was disabled, or before their user was deleted or got another
//! password.
//!
//! etcd: `invalidateUser` and `disable` in `server/auth/simple_token.go`; a token that says as of when it is, as a JWT does, is
//! refused after any change (`ErrAuthOldRevision`).

use super::super::permission::Changes;
use super::when;
use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::Case;
use crate::history::{AuthRequest, Operation, Outcome, Request};
use std::collections::BTreeMap;

/// The time in which a user may have got a token: a request for one that was not refused.
struct Login {
    invoke_ns: u64,
    /// No end for one of unknown outcome.
    return_ns: u64,
}

/// The logins of each user, and what ended tokens.
pub(super) struct Tokens<'h> {
    logins: BTreeMap<&'h str, Vec<Login>>,
    /// The operations that ended tokens, with the user where it is one's alone.
    ends: Vec<(usize, Option<&'h str>)>,
}

impl<'h> Tokens<'h> {
    pub(super) fn of(case: &Case<'h>) -> Self {
        let mut tokens = Tokens { logins: BTreeMap::new(), ends: Vec::new() };
        for (index, operation) in case.history.operations.iter().enumerate() {
            let Request::Auth(request) = &operation.request else { continue };
            if matches!(operation.outcome, Outcome::Failed(_)) {
                continue;
            }
            let is_answered = operation.response().is_some();
            match request {
                AuthRequest::Authenticate { name } => {
                    let answered_ns = operation.return_ns.filter(|_| is_answered);
                    let return_ns = answered_ns.unwrap_or(u64::MAX);
                    let login = Login { invoke_ns: operation.invoke_ns, return_ns };
                    tokens.logins.entry(name).or_default().push(login);
                }
                AuthRequest::Disable if is_answered => tokens.ends.push((index, None)),
                AuthRequest::UserDelete { name } | AuthRequest::UserChangePassword { name, .. }
                    if is_answered =>
                {
                    tokens.ends.push((index, Some(name)));
                }
                _ => {}
            }
        }
        tokens
    }

    /// An operation that was done with a token that had certainly come to its end: its user got one before, and none since.
    /// The answer of one member alone may be as of before.
    pub(super) fn ended(&self, case: &Case<'_>, changes: &Changes<'_>, index: usize) -> Option<Evidence> {
        let operation: &Operation = &case.recorded.operations[index];
        let is_of_keys = matches!(
            operation.request,
            Request::Range(_) | Request::Put(_) | Request::Delete(_) | Request::Txn(_)
        );
        let (user, response) = operation.user.as_deref().zip(operation.response())?;
        let logins = self.logins.get(user)?;
        let return_ns = operation.return_ns?;
        if !is_of_keys
            || operation.request.is_serializable()
            || changes.may_be_disabled(&when(operation, response.header().revision))
        {
            return None;
        }
        let (end, _) = self.ends.iter().find(|(end, of)| {
            let end = &case.history.operations[*end];
            let had_one = logins.iter().any(|login| login.return_ns < end.invoke_ns);
            let may_have_another = || {
                logins.iter().any(|login| login.return_ns >= end.invoke_ns && login.invoke_ns <= return_ns)
            };
            of.is_none_or(|of| of == user)
                && end.return_ns.is_some_and(|ended_ns| ended_ns < operation.invoke_ns)
                && had_one
                && !may_have_another()
        })?;
        let message = format!("{user} did this with a token from before tokens ended, and got none since");
        let exhibits = vec![case.operation(index), Exhibit::operation(case.history, *end)];
        Some(Evidence::new("ended-token", message, exhibits))
    }
}
