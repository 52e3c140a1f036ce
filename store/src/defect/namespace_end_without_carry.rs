//! The end of a namespace is its prefix plus one, without carry: after 0xff there is none.

use super::{Defect, Description};
use crate::bytes::Bytes;

/// The defect of this file.
pub const DEFECT: Defect = Defect::NamespaceEndWithoutCarry;

pub(super) const DESCRIPTION: Description = Description {
    name: "namespace-end-without-carry",
    rule: "the end of a namespace is its prefix + 1 without carry at 0xff",
    guarantees: &["namespace-isolated"],
};

/// The prefix plus one in its last byte; `"\0"`, the end of all keys, where that is 0xff.
pub(crate) fn end(prefix: &[u8]) -> Bytes {
    let mut end = prefix.to_vec();
    match end.last_mut() {
        Some(last) if *last < u8::MAX => {
            *last += 1;
            end.into()
        }
        _ => Bytes::from(b"\0"),
    }
}
