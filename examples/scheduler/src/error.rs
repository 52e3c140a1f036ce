//! Errors of the scheduler.

use thiserror::Error;
use tonic::Code;

/// An error of a call, or the end of a stream.
#[derive(Debug, Error)]
pub enum Error {
    /// An answer of etcd, or none.
    #[error(transparent)]
    Etcd(#[from] etcd_client::Error),
    /// No answer in time: whether the request took effect is not known.
    #[error("no answer in time")]
    Late,
    /// The end of a stream, with the words of the server.
    #[error("the stream ended: {0}")]
    StreamEnded(String),
    /// A watch from a revision that was compacted.
    #[error("the revision to watch from was compacted")]
    Compacted,
    /// A lease that may be over.
    #[error("the lease is lost")]
    LeaseLost,
    /// Another instance leads.
    #[error("another instance leads")]
    Deposed,
    /// A lock that a lease keeps which is not over yet.
    #[error("another instance holds the lock")]
    Locked,
    /// An answer without a part that etcd always sends.
    #[error("an answer has no {0}")]
    Incomplete(&'static str),
}

impl Error {
    /// True if no retry mends it: the request itself is refused.
    pub fn is_final(&self) -> bool {
        let Error::Etcd(etcd_client::Error::GRpcStatus(status)) = self else { return false };
        matches!(status.code(), Code::PermissionDenied | Code::Unauthenticated | Code::Unimplemented)
    }
}
