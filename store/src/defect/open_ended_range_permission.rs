//! The range end `"\0"` is given its meaning after the permission check.
//!
//! Found in: GHSA-xg4h-6gfc-h4m8.

use super::{Defect, Description};
use crate::bytes::Bytes;
use crate::key_range::KeyRange;

/// The defect of this file.
pub const DEFECT: Defect = Defect::OpenEndedRangePermission;

pub(super) const DESCRIPTION: Description = Description {
    name: "open-ended-range-permission",
    rule: "\"\\0\" is given its meaning after the permission check",
    guarantees: &["auth-enforced"],
};

/// Reads the end `"\0"` as it stands, an end before every key, so that only the first key is checked.
pub(crate) fn range_to_check(key: &Bytes, range_end: &Bytes) -> KeyRange {
    if range_end.as_slice() == [0] { KeyRange::One(key.clone()) } else { KeyRange::new(key, range_end) }
}
