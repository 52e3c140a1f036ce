//! The ways a history can fail to be one line.

use super::sighting::Witness;
use crate::history::{Response, Revision};

/// Something that no order of the operations explains.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Flaw {
    /// A revision that exists, and no operation can have made it.
    NoWriter {
        /// The revision.
        revision: Revision,
        /// True if it was seen itself, or only later ones.
        seen: Option<Witness>,
    },
    /// A revision that two answered operations claim.
    TwoWriters {
        /// The revision.
        revision: Revision,
        /// The one that was answered first.
        first: usize,
        /// The other.
        second: usize,
    },
    /// A response that a sequential etcd would not have given at its place.
    WrongResponse {
        /// The operation.
        operation: usize,
        /// The revision whose state it should show.
        revision: Revision,
        /// The correct response; `None` for a refusal.
        expected: Option<Response>,
    },
    /// A range in a txn, at a revision of its own, that does not show that revision.
    WrongPast {
        /// The txn.
        operation: usize,
        /// The index among its ranges at revisions of their own.
        part: usize,
        /// The revision it asks for.
        revision: Revision,
    },
    /// A key seen differently from how its revision left it.
    SeenOtherwise {
        /// The revision.
        revision: Revision,
        /// The witness.
        witness: Witness,
        /// True if the value itself is another, or the change is not there at all; otherwise only the
        /// version or the create revision are wrong.
        another: bool,
    },
}
