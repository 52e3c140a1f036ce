//! The client repeats a write whose outcome it does not know, and does not say so. Decided in the client.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::RetryUnknownWrite;

pub(super) const DESCRIPTION: Description = Description {
    name: "retry-unknown-write",
    rule: "the client repeats a write whose outcome it does not know",
    guarantees: &["linearizable"],
};
