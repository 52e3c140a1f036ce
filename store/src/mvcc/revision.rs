//! The name of a change.

use serde::{Deserialize, Serialize};

/// The `sub`th change of the revision `main` (`mvcc.Revision`). The revision in responses is `main`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Revision {
    /// The revision of the txn.
    pub main: i64,
    /// The place of the change within it.
    pub sub: i64,
}

impl Revision {
    /// The first change that a txn can make.
    pub(crate) fn first_of(main: i64) -> Self {
        Revision { main, sub: 0 }
    }
}
