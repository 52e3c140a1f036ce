//! The ways in which a call fails.

use super::ambiguity::Ambiguity;
use crate::error::Error;
use crate::frame::Call;
use thiserror::Error as ThisError;

/// An unsuccessful call.
#[derive(Clone, Debug, PartialEq, Eq, Hash, ThisError)]
pub enum CallError {
    /// The cluster rejected it: it has no effect, now or later.
    #[error("{0}")]
    Failed(Error),
    /// No endpoint took the connection: nothing was sent.
    #[error("connection refused")]
    Refused,
    /// It may have taken effect, may still do so, or never will.
    #[error("unknown outcome: {0}")]
    Unknown(UnknownCause),
}

impl CallError {
    /// The outcome of a call that a server answered with an error: rejected, or unknown where the error leaves open that
    /// the request took effect.
    pub fn of(call: &Call, error: Error) -> CallError {
        CallError::after(Ambiguity::of(call), error)
    }

    pub(super) fn after(ambiguity: Ambiguity, error: Error) -> CallError {
        match error {
            Error::NoSpace if ambiguity.remains_after(error) => CallError::Unknown(UnknownCause::NoSpace),
            _ if ambiguity.remains_after(error) => CallError::Unknown(UnknownCause::Unavailable),
            _ => CallError::Failed(error),
        }
    }
}

/// The cause of an unknown outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ThisError)]
pub enum UnknownCause {
    /// The connection broke before the answer came.
    #[error("stream broke")]
    ConnectionBroke,
    /// The deadline of this call, or of another one on the same connection, passed.
    #[error("deadline exceeded")]
    DeadlineExceeded,
    /// The member answered `Unavailable` to a request that it may have proposed.
    #[error("unavailable")]
    Unavailable,
    /// `ErrNoSpace` does not say whether the request was rejected or was the last one applied.
    #[error("no space")]
    NoSpace,
    /// The application stopped waiting for its turn.
    #[error("given up")]
    GivenUp,
    /// The application closed the connection.
    #[error("disconnected")]
    Disconnected,
    /// The session left the endpoint after it answered another call with `Unavailable`.
    #[error("left an endpoint that is unavailable")]
    LeftEndpoint,
}
