//! A call in a sentence.

use crate::search::Call;
use std::fmt::{self, Display};

/// A call with its answer, its process and its lines in the file.
pub(super) struct Shown<'a, Op, Ret>(pub(super) &'a Call<Op, Ret>);

impl<Op: Display, Ret: Display> Display for Shown<'_, Op, Ret> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Call { process, invoke, op, ret } = self.0;
        match ret {
            Some((returned, ret)) => {
                write!(f, "`{op} -> {ret}` of process {process} (lines {invoke} to {returned})")
            }
            None => write!(f, "`{op}` of process {process} (line {invoke}, outcome unknown)"),
        }
    }
}
