//! Numbers that a plan cannot know: revisions, and what a client has seen of a key.

use crate::rules::{Impossible, limits};
use serde::{Deserialize, Serialize};

/// A revision of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Relative {
    /// This one.
    Exactly(i64),
    /// So many before the newest that the client has seen; after it, if the number is negative.
    Behind(i64),
}

impl Default for Relative {
    fn default() -> Self {
        Relative::Exactly(0)
    }
}

impl Relative {
    /// Returns true if the request leaves the field out.
    pub(crate) fn is_unset(&self) -> bool {
        *self == Relative::default()
    }

    /// The revision, for a client that has seen `newest`.
    pub(crate) fn at(self, newest: i64) -> i64 {
        match self {
            Relative::Exactly(revision) => revision,
            Relative::Behind(revisions) => newest.saturating_sub(revisions),
        }
    }

    /// Refuses distances that no run can have.
    pub(crate) fn check(self, field: &str) -> Result<(), Impossible> {
        match self {
            Relative::Exactly(_) => Ok(()),
            Relative::Behind(revisions) => {
                limits::BEHIND.check(revisions.unsigned_abs(), format!("{field}.behind"))
            }
        }
    }
}

/// A number that is compared with one of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Seen {
    /// This one.
    Exactly(i64),
    /// That of the key as the client saw it last, and so much more; 0 for a key that it has not seen.
    Last(i64),
}

impl Seen {
    /// The number, for a client that saw `last`.
    pub(crate) fn at(self, last: i64) -> i64 {
        match self {
            Seen::Exactly(number) => number,
            Seen::Last(more) => last.saturating_add(more),
        }
    }
}
