//! Keys and ranges of keys, and the leases that runs share.

use super::Feature;
use crate::keys::{END_OF_KEYS, FIRST_KEY, FROM_KEY};
use crate::operation::Draw;
use rand::Rng;
use rand::seq::SliceRandom;
use revline_store::bytes::Bytes;

/// The ids of the leases that clients share, ordinary and not: any number but 0 is an id.
const LEASE_POOL: [i64; 4] = [77, -5, i64::MAX, i64::MIN];

/// The endings of keys at the edges: before and behind every other key that begins so, and one within another.
const ENDINGS: [&[u8]; 5] = [b"", b"\0", b"\xff", b"/", b"0"];

/// A key of the workload, or now and then one at the edges of what bytes can be.
pub(in super::super) fn any_key(cx: &mut Draw<'_>) -> Bytes {
    let key = cx.key();
    if !cx.features.has(Feature::EdgeKeys) || cx.generator.gen_bool(0.7) {
        return key.into();
    }
    let begin = if cx.generator.gen_bool(0.2) { FIRST_KEY.as_bytes() } else { key.as_bytes() };
    let ending = ENDINGS.choose(cx.generator).copied().unwrap_or_default();
    Bytes::from([begin, ending].concat())
}

/// The first key and the end of a range: empty for the key alone.
pub(in super::super) fn any_range(cx: &mut Draw<'_>) -> (Bytes, Bytes) {
    let key = any_key(cx);
    if !cx.features.has(Feature::Ranges) || cx.generator.gen_bool(0.4) {
        return (key, Bytes::default());
    }
    let open = cx.features.has(Feature::OpenRanges);
    match cx.generator.gen_range(0..10) {
        0..3 => (FIRST_KEY.into(), END_OF_KEYS.into()),
        // The end may come before the key: then there is nothing between them.
        3..6 => {
            let end = any_key(cx);
            (key, end)
        }
        6 => {
            let end = Bytes::from([key.as_slice(), b"\0"].concat());
            (key, end)
        }
        7 | 8 if open => (key, FROM_KEY.into()),
        9 if open => ("\0".into(), FROM_KEY.into()),
        _ => (key, END_OF_KEYS.into()),
    }
}

/// A lease that other clients may use, or none.
pub(in super::super) fn lease_of_pool(cx: &mut Draw<'_>) -> i64 {
    // The first half of the time the ordinary one: a pool that is spread thin shares nothing.
    if cx.generator.gen_bool(0.5) {
        return LEASE_POOL[0];
    }
    LEASE_POOL.choose(cx.generator).copied().unwrap_or_default()
}
