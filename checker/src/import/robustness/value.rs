//! Keys and values of a report.

use super::recorded::{Kv, ValueOrHash};
use crate::bytes::Bytes;
use crate::history::KeyValue;

/// Values of this length and more are kept as their hash (etcd: `ToValueOrHash`).
const HASHED_FROM_BYTES: usize = 20;

impl ValueOrHash {
    /// The value, or a name for it that equal values have in common. Reports write a long value in full in
    /// some requests, and as its hash where it is read.
    pub fn bytes(&self) -> Bytes {
        match self.hash {
            0 if self.value.len() < HASHED_FROM_BYTES => self.value.as_str().into(),
            0 => named(fnv1_32a(self.value.as_bytes())),
            hash => named(hash),
        }
    }
}

fn named(hash: u32) -> Bytes {
    format!("fnv32a:{hash:08x}").into()
}

/// The hash of Fowler, Noll and Vo (draft-eastlake-fnv), as in Go's `hash/fnv`, `New32a`.
fn fnv1_32a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

impl Kv {
    /// The key as a response shows it, as far as that was recorded.
    pub fn shown(&self, key: &str) -> KeyValue {
        KeyValue {
            key: key.into(),
            value: self.value.bytes(),
            create_revision: if self.version == 1 { self.mod_revision } else { KeyValue::NOT_RECORDED },
            mod_revision: self.mod_revision,
            version: if self.version > 0 { self.version } else { KeyValue::NOT_RECORDED },
            lease: KeyValue::NOT_RECORDED,
        }
    }
}

/// The end of the range of keys that begin with `prefix` (etcd: `GetPrefixRangeEnd`).
pub(super) fn prefix_end(prefix: &str) -> Bytes {
    let mut end = prefix.as_bytes().to_vec();
    while let Some(last) = end.pop() {
        if last < 0xff {
            end.push(last + 1);
            return end.into();
        }
    }
    "\0".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_value_is_known_by_its_hash_wherever_it_stands() {
        let whole = ValueOrHash { value: "aaaaaaaaaaaaaaaaaaaa".into(), hash: 0 };
        let hashed = ValueOrHash { value: String::new(), hash: fnv1_32a(b"aaaaaaaaaaaaaaaaaaaa") };
        assert_eq!(whole.bytes(), hashed.bytes());
        let short = ValueOrHash { value: "aaaaaaaaaaaaaaaaaaa".into(), hash: 0 };
        assert_eq!(short.bytes(), "aaaaaaaaaaaaaaaaaaa".into());
        // The test vectors of the draft.
        assert_eq!((fnv1_32a(b""), fnv1_32a(b"foobar")), (0x811c_9dc5, 0xbf9c_f968));
    }

    #[test]
    fn a_prefix_ends_where_the_next_one_begins() {
        assert_eq!(prefix_end("/registry/pods/"), "/registry/pods0".into());
        assert_eq!(prefix_end(""), "\0".into());
    }
}
