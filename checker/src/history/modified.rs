//! Responses that tell of a change to the store.

use super::{ElectionResponse, Response};

/// True if the response says that the request changed the store, so that its revision is its own. What
/// deletes without saying whether there was anything to delete does not.
pub(crate) fn modified(response: &Response) -> bool {
    match response {
        Response::Range(_) | Response::Compact(_) => false,
        Response::Lease(_) | Response::Lock(_) | Response::Auth(_) => false,
        Response::Election(response) => matches!(response, ElectionResponse::Proclaim { .. }),
        Response::Put(_) => true,
        Response::Delete(response) => response.deleted > 0,
        Response::Txn(response) => response.responses.iter().any(modified),
    }
}
