//! The keys that a filter is about.

use revline_sim::trace::KeyRange;
use std::fmt;
use std::str::FromStr;

/// A key, or all with a prefix: `key/2`, `key/*`. A byte can be written as `\xff`, as traces show it; so a key that
/// ends with `*` ends with `\x2a` here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPattern(KeyRange);

impl KeyPattern {
    /// Returns true if a key of a range can be meant.
    pub fn meets(&self, keys: &KeyRange) -> bool {
        self.0.meets(keys)
    }
}

/// The error of a text that is no pattern of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadKeyPattern {
    /// It is empty, and no key is.
    Empty,
    /// `\x` without two hexadecimal digits.
    Escape,
}

impl fmt::Display for BadKeyPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BadKeyPattern::Empty => "no key is empty; expected a key, or a prefix and `*`, as in `key/*`",
            BadKeyPattern::Escape => r"expected two hexadecimal digits after `\x`, as in `\xff`",
        })
    }
}

impl std::error::Error for BadKeyPattern {}

impl FromStr for KeyPattern {
    type Err = BadKeyPattern;

    fn from_str(text: &str) -> Result<KeyPattern, BadKeyPattern> {
        if text.is_empty() {
            return Err(BadKeyPattern::Empty);
        }
        Ok(KeyPattern(match text.strip_suffix('*') {
            None => KeyRange::One(bytes(text)?.as_slice().into()),
            Some(prefix) => {
                let start = bytes(prefix)?;
                let end = behind(&start).map(|end| end.as_slice().into());
                KeyRange::Span { start: start.as_slice().into(), end }
            }
        }))
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, BadKeyPattern> {
    let mut parts = text.split(r"\x");
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let digits = part.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let byte =
            digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).ok_or(BadKeyPattern::Escape)?;
        bytes.push(byte);
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    Ok(bytes)
}

/// The first key behind all with a prefix; `None` if none is.
fn behind(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut end = prefix[..=last].to_vec();
    end[last] += 1;
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(pattern: &str, key: &[u8]) -> bool {
        pattern.parse::<KeyPattern>().unwrap().meets(&KeyRange::One(key.into()))
    }

    #[test]
    fn a_pattern_is_a_key_or_a_prefix() {
        assert!(finds("key/2", b"key/2") && !finds("key/2", b"key/20"));
        assert!(finds("key/*", b"key/") && finds("key/*", b"key/2") && !finds("key/*", b"key0"));
        assert!(finds("*", b"a") && finds("*", b"\xff\xff"));
        assert!(finds(r"\xff*", b"\xff\xff") && !finds(r"\xff*", b"\xfe"));
        assert!(finds(r"a\x2a", b"a*") && !finds(r"a\x2a", b"ab"));
        assert!(finds(r"\x00b", b"\0b"));
    }

    #[test]
    fn what_is_no_pattern_is_told() {
        assert_eq!("".parse::<KeyPattern>(), Err(BadKeyPattern::Empty));
        for bad in [r"\x", r"\x1", r"a\xg0", r"\x+1", r"\xä"] {
            assert_eq!(bad.parse::<KeyPattern>(), Err(BadKeyPattern::Escape), "{bad}");
        }
    }
}
