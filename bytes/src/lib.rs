//! Keys and values as bytes: the leaf crate that the store and the judge share, who share nothing else.
//!
//! etcd's keys and values are byte strings of any content (`api/mvccpb/kv.proto`).

mod form;

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

/// A key or a value: immutable bytes. Cloning costs a reference count, or a copy of 24 bytes.
///
/// In a format for people (JSON) it is a string where the bytes are UTF-8 and `{"hex": "00ff"}` where they are
/// not; in a binary format, a byte string.
///
/// ```
/// use revline_bytes::Bytes;
/// let key = Bytes::from("lock/1");
/// assert!(key.starts_with(b"lock/"));
/// assert_eq!(format!("{key} {:?}", Bytes::from(b"\xff")), r#"lock/1 "\xff""#);
/// ```
#[derive(Clone)]
pub struct Bytes(Storage);

/// Most keys and values are short: in place they cost no allocation, and a comparison of two no access to
/// memory far away.
#[derive(Clone)]
enum Storage {
    Inline { len: u8, bytes: [u8; INLINE_BYTES] },
    Shared(Arc<[u8]>),
}

/// The bytes that fit into 24 beside their number and the discriminant.
const INLINE_BYTES: usize = 22;

impl Bytes {
    /// The bytes as a slice.
    pub fn as_slice(&self) -> &[u8] {
        match &self.0 {
            Storage::Inline { len, bytes } => &bytes[..usize::from(*len)],
            Storage::Shared(bytes) => bytes,
        }
    }

    /// The text, of bytes that are UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.as_slice()).ok()
    }
}

impl Default for Bytes {
    fn default() -> Self {
        Bytes(Storage::Inline { len: 0, bytes: [0; INLINE_BYTES] })
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
            return Bytes(Storage::Shared(Arc::from(bytes)));
        }
        let mut inline = [0; INLINE_BYTES];
        inline[..bytes.len()].copy_from_slice(bytes);
        Bytes(Storage::Inline { len: bytes.len() as u8, bytes: inline })
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

/// The text; each byte that is not UTF-8, or of a control character, as `\xff`.
impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_str() {
            Some(text) if !text.chars().any(char::is_control) => f.write_str(text),
            _ => self.as_slice().utf8_chunks().try_for_each(|chunk| {
                let escape = |f: &mut fmt::Formatter<'_>, bytes: &[u8]| {
                    bytes.iter().try_for_each(|byte| write!(f, "\\x{byte:02x}"))
                };
                for char in chunk.valid().chars() {
                    match char.is_control() {
                        true => escape(f, char.encode_utf8(&mut [0; 4]).as_bytes())?,
                        false => write!(f, "{char}")?,
                    }
                }
                escape(f, chunk.invalid())
            }),
        }
    }
}

/// As [`fmt::Display`], in quotes.
impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
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
    fn text_is_shown_as_text_and_other_bytes_exactly() {
        for (bytes, shown) in [
            (&b"k1"[..], "k1"),
            (b"", ""),
            (b"a\0", "a\\x00"),
            (b"a\xff\xffkey/0", "a\\xff\\xffkey/0"),
            (b"\xff", "\\xff"),
            ("é".as_bytes(), "é"),
        ] {
            assert_eq!(Bytes::from(bytes).to_string(), shown);
            assert_eq!(format!("{:?}", Bytes::from(bytes)), format!("\"{shown}\""));
        }
    }
}
