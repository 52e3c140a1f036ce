//! Methods with one request and one response.

use super::refused;
use crate::convert::Unconvertible;
use crate::metadata;
use crate::session::{Carrier, Session};
use revline_store::api::Token;
use revline_store::frame::{Call, Reply};
use tonic::{Request, Response, Status};

/// Makes the call of a message, and answers with the message of its reply.
pub(super) async fn unary<C, M, R>(session: &Session<C>, request: Request<M>) -> Result<Response<R>, Status>
where
    C: Carrier,
    Call: TryFrom<M, Error = Unconvertible>,
    R: TryFrom<Reply, Error = Unconvertible>,
{
    let token = metadata::token(request.metadata());
    let reply = call(session, Call::try_from(request.into_inner())?, token).await?;
    Ok(Response::new(R::try_from(reply)?))
}

/// Makes a call, with the status of its error if it fails.
pub(super) async fn call<C: Carrier>(
    session: &Session<C>,
    call: Call,
    token: Option<Token>,
) -> Result<Reply, Status> {
    let code = call.error_code();
    session.call(call, token).await.map_err(|failure| refused(failure, code))
}
