//! The cache of a proxy reads the end `"\0"` as a plain bound when it drops changed keys.
//!
//! Found in: etcd #22397.

use super::{Defect, Description};
use crate::api::RangeRequest;
use crate::bytes::Bytes;
use crate::key_range::KeyRange;

/// The defect of this file.
pub const DEFECT: Defect = Defect::ProxyCacheOpenRange;

pub(super) const DESCRIPTION: Description = Description {
    name: "proxy-cache-open-range",
    rule: "the proxy's cache treats the end \"\\0\" as a plain bound",
    guarantees: &["linearizable"],
};

/// Returns true if a change of the key touches the cached answer, with the end `"\0"` read as a plain bound.
pub(crate) fn touches(request: &RangeRequest, key: &Bytes) -> bool {
    match request.range_end.as_slice() {
        [0] => request.key <= *key && *key < request.range_end,
        _ => KeyRange::new(&request.key, &request.range_end).contains(key),
    }
}
