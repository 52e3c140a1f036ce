//! A read with a limit returns one key more.
//!
//! Made up for the guide. Those of the catalogue name the finding that they re-create.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::LimitOffByOne;

pub(super) const DESCRIPTION: Description = Description {
    name: "limit-off-by-one",
    rule: "a read with a limit returns one key more",
    guarantees: &["limit-kept"],
};

/// The limit of a read, one too high; 0 is none.
pub(crate) fn raised(limit: i64) -> i64 {
    if limit > 0 { limit + 1 } else { limit }
}
