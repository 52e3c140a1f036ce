//! The whole API in requests that a seed draws: every field, its edges, and the features that a run leaves out.

mod compare;
mod feature;
mod range;
mod relative;

pub(crate) use compare::AnyCompare;
pub(crate) use feature::{Feature, Features};
pub(crate) use relative::{Relative, Seen};

pub(super) use compare::no_bytes;
pub(super) use range::{any_key, any_range, lease_of_pool};
