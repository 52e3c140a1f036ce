//! Users in the words of a client: who it is, and the auth service.

use super::open_call::Manner;
use super::{CallError, Client};
use revline_store::api::{AuthRequest, AuthResponse, AuthenticateRequest, Token};
use revline_store::error::Error;
use revline_store::machine::{Call, Reply};

/// Who a client is.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub user: String,
    password: String,
    /// What it shows.
    pub token: Token,
}

impl Client {
    /// A request of the auth service, other than to authenticate.
    pub async fn auth(&self, request: AuthRequest) -> Result<AuthResponse, CallError> {
        match self.ask(Call::Auth(request), Manner::default()).await? {
            Reply::Auth(response) => Ok(response),
            other => unreachable!("the answer to another kind of call: {other:?}"),
        }
    }

    /// Says who this client is. All its later calls and watches show the token.
    ///
    /// Once a call is refused because the token is not valid any more, or older than a change, the client authenticates
    /// again before the call returns, as etcd's does. The call itself is not repeated.
    pub async fn authenticate(&self, user: &str, password: &str) -> Result<(), CallError> {
        let request = AuthenticateRequest { name: user.to_owned(), password: password.to_owned() };
        let call = Call::Auth(AuthRequest::Authenticate(request));
        let Reply::Auth(AuthResponse::Authenticate { token, .. }) =
            self.ask_once(call, Manner::default()).await?
        else {
            unreachable!("the answer to another kind of call")
        };
        let (user, password) = (user.to_owned(), password.to_owned());
        self.world.lock().client(self.node).identity = Some(Identity { user, password, token });
        Ok(())
    }

    /// Authenticates again, if this is why a call was refused.
    pub(super) async fn renew_token(&self, refused: &CallError) {
        let stale = [Error::InvalidAuthToken, Error::AuthOldRevision].map(CallError::Failed);
        let identity = self.world.lock().client(self.node).identity.clone();
        if let Some(Identity { user, password, .. }) = identity.filter(|_| stale.contains(refused)) {
            // The next call is refused, and tries again.
            let _ = self.authenticate(&user, &password).await;
        }
    }
}
