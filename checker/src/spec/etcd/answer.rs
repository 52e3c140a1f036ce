//! The answer of etcd, as far as it is known.

use crate::history::{Error, Response, Revision};
use std::fmt;

/// An answer of etcd.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The response.
    Given(Response),
    /// The error. It is one of [`Refusal`](super::Refusal), or the model will not agree with it.
    Refused(Error),
    /// The response was lost, but the request is known to have made this revision.
    At(Revision),
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Given(response) => write!(f, "answered at revision {}", response.header().revision),
            Answer::Refused(error) => write!(f, "{error}"),
            Answer::At(revision) => write!(f, "took effect at revision {revision}"),
        }
    }
}
