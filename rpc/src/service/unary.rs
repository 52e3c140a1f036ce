//! Methods with one request and one response.

use super::refused;
use crate::convert::Unconvertible;
use crate::metadata::CallMetadata;
use crate::session::{Carrier, Session};
use revline_store::frame::{Call, Reply};
use tonic::{Request, Response, Status};

/// Makes the call of a message, and answers with the message of its reply.
pub(super) async fn unary<C, M, R>(session: &Session<C>, request: Request<M>) -> Result<Response<R>, Status>
where
    C: Carrier,
    Call: TryFrom<M, Error = Unconvertible>,
    R: TryFrom<Reply, Error = Unconvertible>,
{
    let metadata = CallMetadata::of(request.metadata());
    let reply = call(session, Call::try_from(request.into_inner())?, metadata).await?;
    Ok(Response::new(R::try_from(reply)?))
}

/// Makes a call, with the status of its error if it fails.
pub(super) async fn call<C: Carrier>(
    session: &Session<C>,
    call: Call,
    metadata: CallMetadata,
) -> Result<Reply, Status> {
    let code = call.error_code();
    session.call(call, metadata).await.map_err(|failure| refused(failure, code))
}
