//! The actor of a command: the user that it is checked for.

use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A user, as of an auth revision (`auth.AuthInfo`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AuthInfo {
    pub user: Arc<str>,
    /// The auth revision at which the user was recognised: a request that is applied after a later change is refused.
    pub revision: u64,
}

/// The actor of a command; it stands in the log with it (`etcdserverpb.RequestHeader`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Actor {
    /// A client without a token, or any client while auth was off.
    Nobody,
    /// A member, for the cluster: an expired lease is revoked, an alarm raised (etcd: `WithRoot`).
    Member,
    /// A user.
    User(AuthInfo),
}

impl Actor {
    /// The name of the user.
    pub fn user(&self) -> Option<&Arc<str>> {
        match self {
            Actor::User(info) => Some(&info.user),
            Actor::Nobody | Actor::Member => None,
        }
    }
}
