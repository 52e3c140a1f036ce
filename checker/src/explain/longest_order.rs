//! The longest order that the search found.

use super::shown::Shown;
use crate::search::{Call, Illegal};
use std::fmt::{self, Display};

/// The call without a place, and the longest legal order before it.
pub(crate) struct LongestOrder<'a, Op, Ret> {
    pub(crate) calls: &'a [Call<Op, Ret>],
    pub(crate) illegal: &'a Illegal,
}

impl<Op: Display, Ret: Display> Display for LongestOrder<'_, Op, Ret> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LongestOrder { calls, illegal } = self;
        write!(f, "no order has a place for {}", Shown(&calls[illegal.stuck]))?;
        match illegal.prefix.last() {
            None => f.write_str("; nothing can come before it"),
            Some(last) => write!(
                f,
                "; the longest order that works has {} of {} operations and ends with {}",
                illegal.prefix.len(),
                calls.len(),
                Shown(&calls[*last])
            ),
        }
    }
}
