//! Keys and values: immutable bytes that are shared, not copied.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A key or a value. Cloning one costs a reference count, or a copy of a few bytes.
#[derive(Clone)]
pub struct Bytes(Held);

/// Most keys and values are short: kept in place they cost no allocation, and comparing two of them no
/// look into memory far away.
#[derive(Clone)]
enum Held {
    Inline { len: u8, bytes: [u8; INLINE_BYTES] },
    Shared(Arc<[u8]>),
}

/// As many as fit into 24 bytes with their number and the mark which of the two it is.
const INLINE_BYTES: usize = 22;

impl Bytes {
    /// The bytes as a slice.
    pub fn as_slice(&self) -> &[u8] {
        match &self.0 {
            Held::Inline { len, bytes } => &bytes[..usize::from(*len)],
            Held::Shared(bytes) => bytes,
        }
    }
}

impl Default for Bytes {
    fn default() -> Self {
        Bytes(Held::Inline { len: 0, bytes: [0; INLINE_BYTES] })
    }
}

impl PartialEq for Bytes {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for Bytes {}

impl PartialOrd for Bytes {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Bytes {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_slice().cmp(other.as_slice())
    }
}

impl Hash for Bytes {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_slice().hash(state);
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl Borrow<[u8]> for Bytes {
    fn borrow(&self) -> &[u8] {
        self.as_slice()
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        if bytes.len() > INLINE_BYTES {
            return Bytes(Held::Shared(Arc::from(bytes)));
        }
        let mut inline = [0; INLINE_BYTES];
        inline[..bytes.len()].copy_from_slice(bytes);
        Bytes(Held::Inline { len: bytes.len() as u8, bytes: inline })
    }
}

impl<const N: usize> From<&[u8; N]> for Bytes {
    fn from(bytes: &[u8; N]) -> Self {
        Bytes::from(bytes.as_slice())
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes.as_slice())
    }
}

impl From<&str> for Bytes {
    fn from(text: &str) -> Self {
        Bytes::from(text.as_bytes())
    }
}

impl From<String> for Bytes {
    fn from(text: String) -> Self {
        Bytes::from(text.as_bytes())
    }
}

/// Printable ASCII as it is, everything else escaped: `"k\x00"`.
impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.as_slice().escape_ascii())
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.as_slice())
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(BytesVisitor)
    }
}

struct BytesVisitor;

impl<'de> Visitor<'de> for BytesVisitor {
    type Value = Bytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
        Ok(Bytes::from(bytes))
    }

    /// Formats without a byte string of their own, such as JSON, write a list of numbers.
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Bytes, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = seq.next_element()? {
            bytes.push(byte);
        }
        Ok(Bytes::from(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_compare_as_bytes_do() {
        assert_eq!(std::mem::size_of::<Bytes>(), 24);
        let lengths = [0, 1, INLINE_BYTES - 1, INLINE_BYTES, INLINE_BYTES + 1, 300];
        let all: Vec<Vec<u8>> =
            lengths.iter().flat_map(|&n| [vec![b'a'; n], vec![0; n], vec![0xff; n]]).collect();
        for a in &all {
            assert_eq!(Bytes::from(a.clone()).as_slice(), a.as_slice());
            for b in &all {
                assert_eq!(Bytes::from(a.as_slice()).cmp(&Bytes::from(b.as_slice())), a.cmp(b));
                assert_eq!(Bytes::from(a.as_slice()) == Bytes::from(b.as_slice()), a == b);
            }
        }
    }

    #[test]
    fn postcard_keeps_any_bytes() {
        for bytes in [&b""[..], b"\0", b"key", &[0xff; 300]] {
            let bytes = Bytes::from(bytes);
            let stored = postcard::to_stdvec(&bytes).unwrap();
            assert_eq!(postcard::from_bytes::<Bytes>(&stored), Ok(bytes));
        }
    }

    #[test]
    fn debug_is_readable() {
        assert_eq!(format!("{:?}", Bytes::from(b"a\0\xff")), r#""a\x00\xff""#);
    }
}
