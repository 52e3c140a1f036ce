//! The user of a session, and its token.

use crate::api::{AuthRequest, AuthResponse, AuthenticateRequest, Token};
use crate::error::Error;
use crate::frame::{Call, Reply};

use super::CallError;

/// The credentials that every request carries, once there are some.
#[derive(Debug, Default)]
pub(super) struct Credentials(Option<User>);

#[derive(Debug)]
struct User {
    login: AuthenticateRequest,
    token: Token,
}

impl Credentials {
    pub fn token(&self) -> Option<Token> {
        self.0.as_ref().map(|user| user.token.clone())
    }

    pub fn user(&self) -> Option<&str> {
        self.0.as_ref().map(|user| user.login.name.as_str())
    }

    /// The request that a call authenticates with, if it does.
    pub fn login(call: &Call) -> Option<AuthenticateRequest> {
        match call {
            Call::Auth(AuthRequest::Authenticate(login)) => Some(login.clone()),
            _ => None,
        }
    }

    /// Takes over the user of a login that was answered, and its token.
    pub fn logged_in(&mut self, login: AuthenticateRequest, answer: &Result<Reply, CallError>) {
        if let Ok(Reply::Auth(AuthResponse::Authenticate { token, .. })) = answer {
            self.0 = Some(User { login, token: token.clone() });
        }
    }

    /// The login that gives a valid token again, if a call failed for want of one: its token ran out, or is older than
    /// a change of users.
    pub fn renewal(&self, answer: &Result<Reply, CallError>) -> Option<AuthenticateRequest> {
        let stale =
            matches!(answer, Err(CallError::Failed(Error::InvalidAuthToken | Error::AuthOldRevision)));
        self.0.as_ref().filter(|_| stale).map(|user| user.login.clone())
    }
}
