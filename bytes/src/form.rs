//! The serialised forms of [`Bytes`]: readable in JSON, compact in a binary format.

use crate::Bytes;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// The JSON form of bytes that are not UTF-8.
#[derive(Serialize, Deserialize)]
struct Hex {
    hex: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Readable {
    Text(String),
    Hex(Hex),
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return serializer.serialize_bytes(self.as_slice());
        }
        match self.as_str() {
            Some(text) => serializer.serialize_str(text),
            None => {
                Hex { hex: self.iter().map(|byte| format!("{byte:02x}")).collect() }.serialize(serializer)
            }
        }
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return deserializer.deserialize_bytes(ByteString);
        }
        match Readable::deserialize(deserializer)? {
            Readable::Text(text) => Ok(text.into()),
            Readable::Hex(Hex { hex }) => from_hex(&hex),
        }
    }
}

fn from_hex<E: Error>(hex: &str) -> Result<Bytes, E> {
    if !hex.len().is_multiple_of(2) || !hex.is_ascii() {
        return Err(E::custom("`hex` must be an even number of hexadecimal digits"));
    }
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16))
        .collect::<Result<Vec<u8>, _>>()
        .map(Bytes::from)
        .map_err(|_| E::custom("`hex` must hold hexadecimal digits only"))
}

/// Takes the byte string of a binary format.
struct ByteString;

impl Visitor<'_> for ByteString {
    type Value = Bytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a byte string")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
        Ok(Bytes::from(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postcard_keeps_any_bytes() {
        for bytes in [&b""[..], b"\0", b"key", &[0xff; 300]] {
            let bytes = Bytes::from(bytes);
            let stored = postcard::to_stdvec(&bytes).unwrap();
            assert_eq!(stored.len(), bytes.len() + if bytes.len() < 128 { 1 } else { 2 });
            assert_eq!(postcard::from_bytes::<Bytes>(&stored), Ok(bytes));
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
        for wrong in ["{\"hex\":\"f\"}", "{\"hex\":\"zz\"}", "[1]", "1", "null"] {
            assert!(serde_json::from_str::<Bytes>(wrong).is_err(), "{wrong}");
        }
    }
}
