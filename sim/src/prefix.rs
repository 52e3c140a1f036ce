//! Bytes in files: text where that is possible, hexadecimal otherwise.

use revline_checker::bytes::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The prefix of a namespace: any bytes. In files a string, or `{"hex": "61ff"}` where it is no UTF-8.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Prefix(#[schemars(with = "PrefixForm")] pub Bytes);

/// The forms a prefix has in files, for their schema.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "it stands for its schema")]
enum PrefixForm {
    /// The text itself.
    Text(String),
    /// Any bytes.
    Hex {
        /// Two digits a byte.
        hex: String,
    },
}

impl Prefix {
    /// True if it is none: every key begins with it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The prefix of a namespace inside this one.
    pub fn inside(&self, inner: &Prefix) -> Prefix {
        Prefix(Bytes::from([self.0.as_slice(), inner.0.as_slice()].concat()))
    }
}

impl From<&str> for Prefix {
    fn from(text: &str) -> Prefix {
        Prefix(Bytes::from(text.as_bytes()))
    }
}

impl From<Vec<u8>> for Prefix {
    fn from(bytes: Vec<u8>) -> Prefix {
        Prefix(Bytes::from(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_survives_its_file_and_nests() {
        for (prefix, json) in
            [(Prefix::from("a/"), r#""a/""#), (Prefix::from(vec![b'a', 0xff]), r#"{"hex":"61ff"}"#)]
        {
            assert_eq!(serde_json::to_string(&prefix).unwrap(), json);
            assert_eq!(serde_json::from_str::<Prefix>(json).unwrap(), prefix);
        }
        assert_eq!(Prefix::from("a/").inside(&Prefix::from("b/")), Prefix::from("a/b/"));
        assert!(Prefix::default().inside(&Prefix::default()).is_empty());
    }
}
