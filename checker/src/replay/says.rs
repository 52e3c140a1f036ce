//! Statements about the keys under a name, in the answers and refusals of locks and elections.

use crate::bytes::Bytes;
use crate::history::*;

const NO_LEADER: &str = "election: no leader";
const NOT_LEADER: &str = "election: not leader";
const SESSION_EXPIRED: &str = "mutex: session is expired";

/// A statement of an operation about the keys under a name.
#[derive(Debug)]
pub(crate) enum Says<'h> {
    /// This key is there, and the first of them; when it was created where that is told.
    Owner { key: &'h Bytes, created: Option<Revision> },
    /// There is none.
    Nobody,
    /// This key, as it was created then, is not there.
    Lost { key: Bytes, created: Option<Revision> },
}

/// The name that an operation says something of, as an owner of a kind, and what.
pub(crate) fn said(operation: &Operation, kind: HoldKind) -> Option<(&Bytes, Says<'_>)> {
    match (kind, &operation.request, &operation.outcome) {
        (
            HoldKind::Lock,
            Request::Lock(LockRequest::Lock { name, .. }),
            Outcome::Ok(Response::Lock(LockResponse::Lock { key, .. })),
        ) => Some((name, Says::Owner { key, created: None })),
        (HoldKind::Lock, Request::Lock(LockRequest::Lock { name, lease }), Outcome::Failed(error))
            if *lease != 0 && error.message.ends_with(SESSION_EXPIRED) =>
        {
            Some((name, Says::Lost { key: own_key(name, *lease), created: None }))
        }
        (
            HoldKind::Leader,
            Request::Election(ElectionRequest::Campaign { name, .. }),
            Outcome::Ok(Response::Election(ElectionResponse::Campaign { leader, .. })),
        ) => Some((name, Says::Owner { key: &leader.key, created: Some(leader.rev) })),
        (HoldKind::Leader, Request::Election(ElectionRequest::Leader { name }), Outcome::Failed(error))
            if error.message.ends_with(NO_LEADER) =>
        {
            Some((name, Says::Nobody))
        }
        (
            HoldKind::Leader,
            Request::Election(ElectionRequest::Proclaim { leader, .. }),
            Outcome::Failed(error),
        ) if error.message.ends_with(NOT_LEADER) && leader.rev > 0 => {
            Some((&leader.name, Says::Lost { key: leader.key.clone(), created: Some(leader.rev) }))
        }
        _ => None,
    }
}
