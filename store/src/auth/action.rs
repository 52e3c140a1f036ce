//! Requests of the auth service as they stand in the log: without passwords.

use super::password::PasswordHash;
use crate::api::{AuthRequest, AuthenticateRequest, UserAddRequest};
use serde::{Deserialize, Serialize};

/// The change of auth that a log entry makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum AuthAction {
    /// A request that never had a password.
    Plain(AuthRequest),
    /// The password of this user was right at `checked_revision`.
    Authenticate {
        name: String,
        checked_revision: u64,
        /// The beginning of its simple token. The index of the entry follows.
        token_prefix: String,
    },
    UserAdd {
        name: String,
        /// None: the user can never authenticate with one.
        password: Option<PasswordHash>,
    },
    UserChangePassword {
        name: String,
        password: PasswordHash,
    },
}

impl AuthAction {
    /// The action to propose for a request other than to authenticate. `salt` is different for every request.
    pub fn of(request: AuthRequest, salt: [u8; 16]) -> AuthAction {
        match request {
            AuthRequest::UserAdd(UserAddRequest { name, password, no_password }) => {
                let password = (!no_password).then(|| PasswordHash::new(&password, salt));
                AuthAction::UserAdd { name, password }
            }
            AuthRequest::UserChangePassword { name, password } => {
                AuthAction::UserChangePassword { name, password: PasswordHash::new(&password, salt) }
            }
            AuthRequest::Authenticate(AuthenticateRequest { .. }) => {
                unreachable!("a password is checked before anything is proposed")
            }
            other => AuthAction::Plain(other),
        }
    }
}
