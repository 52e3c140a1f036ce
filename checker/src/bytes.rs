//! Keys and values: opaque bytes, cheap to clone, readable in JSON.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A key or a value: any bytes. Short ones are kept in place, long ones are shared rather than copied.
///
/// In JSON it is a string where the bytes are UTF-8, and `{"hex": "00ff"}` where they are not.
#[derive(Clone)]
pub struct Bytes(Held);

/// A history holds each key and value many times, and most are short: in place they cost no allocation.
#[derive(Clone)]
enum Held {
    Inline { len: u8, bytes: [u8; INLINE_BYTES] },
    Shared(Arc<[u8]>),
}

/// As many as fit into 24 bytes with their number and the mark which of the two it is.
const INLINE_BYTES: usize = 22;

impl Bytes {
    /// The bytes themselves.
    pub fn as_slice(&self) -> &[u8] {
        match &self.0 {
            Held::Inline { len, bytes } => &bytes[..usize::from(*len)],
            Held::Shared(bytes) => bytes,
        }
    }

    /// The number of bytes.
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }

    /// The text, where the bytes are UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.as_slice()).ok()
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

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_str() {
            Some(text) if !text.chars().any(char::is_control) => f.write_str(text),
            _ => self.as_slice().iter().try_for_each(|byte| write!(f, "\\x{byte:02x}")),
        }
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

#[derive(Serialize, Deserialize)]
struct Hex {
    hex: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Form {
    Text(String),
    Hex(Hex),
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.as_str() {
            Some(text) => serializer.serialize_str(text),
            None => Hex { hex: self.as_slice().iter().map(|byte| format!("{byte:02x}")).collect() }
                .serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Form::deserialize(deserializer)? {
            Form::Text(text) => Ok(text.into()),
            Form::Hex(Hex { hex }) => {
                if !hex.len().is_multiple_of(2) || !hex.is_ascii() {
                    return Err(D::Error::custom("`hex` must be an even number of hexadecimal digits"));
                }
                (0..hex.len())
                    .step_by(2)
                    .map(|at| u8::from_str_radix(&hex[at..at + 2], 16))
                    .collect::<Result<Vec<u8>, _>>()
                    .map(Bytes::from)
                    .map_err(|_| D::Error::custom("`hex` must hold hexadecimal digits only"))
            }
        }
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
    fn json_keeps_text_readable_and_other_bytes_exact() {
        for (bytes, json) in [
            (Bytes::from("k1"), "\"k1\""),
            (Bytes::from("\0"), "\"\\u0000\""),
            (Bytes::from(&[0xff, 0x00][..]), "{\"hex\":\"ff00\"}"),
        ] {
            assert_eq!(serde_json::to_string(&bytes).unwrap(), json);
            assert_eq!(serde_json::from_str::<Bytes>(json).unwrap(), bytes);
        }
        assert!(serde_json::from_str::<Bytes>("{\"hex\":\"f\"}").is_err());
        assert!(serde_json::from_str::<Bytes>("{\"hex\":\"zz\"}").is_err());
    }
}
