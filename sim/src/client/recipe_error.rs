//! The ways in which a recipe fails.

use super::CallError;
use revline_store::error::Error;
use thiserror::Error as ThisError;

/// An unsuccessful recipe: a lock that is not held, a leadership that was not gained or not used.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
pub enum RecipeError {
    /// A call had no good answer. The key it may have left behind goes: at once if it is known, with the lease
    /// otherwise, which is then ended.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The lease of the session is gone, or must be taken to be.
    #[error("the lease of the session is gone")]
    SessionLost,
    /// The own key is gone (etcd: `ErrSessionExpired` of client/v3/concurrency).
    #[error("mutex: session is expired")]
    KeyGone,
    /// Another one leads by now (etcd: `ErrElectionNotLeader` of client/v3/concurrency).
    #[error("election: not leader")]
    NotLeader,
    /// The server refused a watch.
    #[error("the watch was refused: {0}")]
    WatchRefused(String),
}

impl RecipeError {
    /// The error of a recipe whose call failed.
    pub(super) fn of(error: CallError) -> RecipeError {
        match error {
            CallError::Failed(Error::LeaseNotFound) => RecipeError::SessionLost,
            CallError::Failed(Error::SessionExpired) => RecipeError::KeyGone,
            CallError::Failed(Error::ElectionNotLeader) => RecipeError::NotLeader,
            error => RecipeError::Call(error),
        }
    }
}
