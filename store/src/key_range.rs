//! The range of keys that a `key` and a `range_end` of a request stand for.

use std::ops::Bound;

use crate::bytes::Bytes;

/// A single key, or the keys from `start` up to, not including, an end.
///
/// The one place where etcd's convention is read: an empty `range_end` means one key, `"\0"` means no
/// upper bound, anything else is an exclusive bound (an end at or before the key: an empty range).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyRange {
    /// Exactly this key.
    One(Bytes),
    /// `[start, end)`; without an end all keys from `start` on.
    Span {
        /// The first key.
        start: Bytes,
        /// The first key that is not part of it.
        end: Option<Bytes>,
    },
}

/// The begin and end of a walk over an ordered map.
pub type Bounds<'a> = (Bound<&'a [u8]>, Bound<&'a [u8]>);

impl KeyRange {
    /// Reads a request's pair of fields.
    pub fn new(key: &Bytes, range_end: &Bytes) -> Self {
        match range_end.as_slice() {
            [] => KeyRange::One(key.clone()),
            [0] => KeyRange::Span { start: key.clone(), end: None },
            _ => KeyRange::Span { start: key.clone(), end: Some(range_end.clone()) },
        }
    }

    /// The pair of fields that stands for it.
    pub fn fields(&self) -> (Bytes, Bytes) {
        match self {
            KeyRange::One(key) => (key.clone(), Bytes::default()),
            KeyRange::Span { start, end: None } => (start.clone(), Bytes::from(b"\0")),
            KeyRange::Span { start, end: Some(end) } => (start.clone(), end.clone()),
        }
    }

    /// Returns true if no key can be in it.
    pub fn is_empty(&self) -> bool {
        match self {
            KeyRange::One(_) => false,
            KeyRange::Span { start, end } => end.as_ref().is_some_and(|end| end <= start),
        }
    }

    /// Returns true if the key is in it.
    pub fn contains(&self, key: &[u8]) -> bool {
        match self {
            KeyRange::One(one) => one.as_slice() == key,
            KeyRange::Span { start, end } => {
                start.as_slice() <= key && end.as_ref().is_none_or(|end| key < end.as_slice())
            }
        }
    }

    /// Returns true if a key can be in both.
    pub fn meets(&self, other: &KeyRange) -> bool {
        let begins_before_end = |one: &KeyRange, other: &KeyRange| match (one, other) {
            (KeyRange::One(start) | KeyRange::Span { start, .. }, KeyRange::Span { end, .. }) => {
                end.as_ref().is_none_or(|end| start < end)
            }
            (KeyRange::One(start) | KeyRange::Span { start, .. }, KeyRange::One(key)) => start <= key,
        };
        !self.is_empty()
            && !other.is_empty()
            && begins_before_end(self, other)
            && begins_before_end(other, self)
    }

    /// The bounds for a walk over an ordered map; `None` if it is empty.
    pub fn bounds(&self) -> Option<Bounds<'_>> {
        match self {
            _ if self.is_empty() => None,
            KeyRange::One(key) => Some((Bound::Included(key), Bound::Included(key))),
            KeyRange::Span { start, end: None } => Some((Bound::Included(start), Bound::Unbounded)),
            KeyRange::Span { start, end: Some(end) } => Some((Bound::Included(start), Bound::Excluded(end))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn range_ends_mean_what_etcd_says() {
        let range = |key: &str, end: &str| KeyRange::new(&key.into(), &end.into());
        assert!(range("a", "").contains(b"a") && !range("a", "").contains(b"a\0"));
        assert!(range("b", "\0").contains(b"b") && range("b", "\0").contains(b"\xff"));
        assert!(!range("b", "\0").contains(b"a"));
        assert!(range("a", "c").contains(b"b\xff") && !range("a", "c").contains(b"c"));
        assert!(range("a", "a").is_empty() && range("b", "a").is_empty() && !range("\0", "\0").is_empty());
        assert_eq!(range("b", "a").bounds(), None);
    }

    #[test]
    fn ranges_meet_where_a_key_can_be_in_both() {
        let range = |key: &str, end: &str| KeyRange::new(&key.into(), &end.into());
        for (one, other, meet) in [
            (range("a", ""), range("a", ""), true),
            (range("a", ""), range("a\0", ""), false),
            (range("b", ""), range("a", "c"), true),
            (range("c", ""), range("a", "c"), false),
            (range("a", "c"), range("b", "d"), true),
            (range("a", "b"), range("b", "c"), false),
            (range("a", "\0"), range("b", ""), true),
            (range("b", "a"), range("a", "\0"), false),
        ] {
            assert_eq!((one.meets(&other), other.meets(&one)), (meet, meet), "{one:?} {other:?}");
        }
    }
}
