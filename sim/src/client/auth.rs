//! Users in the words of a client: authentication, and the auth service.

use super::manner::Manner;
use super::{CallError, Client};
use revline_store::api::{AuthRequest, AuthResponse, AuthenticateRequest};
use revline_store::machine::{Call, Reply};

impl Client {
    /// A request of the auth service, other than to authenticate.
    pub async fn auth(&self, request: AuthRequest) -> Result<AuthResponse, CallError> {
        match self.ask(Call::Auth(request), Manner::default()).await? {
            Reply::Auth(response) => Ok(response),
            other => unreachable!("the answer to another kind of call: {other:?}"),
        }
    }

    /// Authenticates this client. All its later calls and watches carry the token.
    ///
    /// Once a call is refused because the token is not valid any more, or older than a change, the client authenticates
    /// again before the call returns, as etcd's does. The call itself is not repeated.
    pub async fn authenticate(&self, user: &str, password: &str) -> Result<(), CallError> {
        let request = AuthenticateRequest { name: user.to_owned(), password: password.to_owned() };
        self.auth(AuthRequest::Authenticate(request)).await.map(drop)
    }
}
