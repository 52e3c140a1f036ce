//! `[key, range_end)` as etcd reads it.

use crate::bytes::Bytes;
use crate::history::{DeleteRequest, RangeRequest, WatchRequest};
use std::collections::BTreeMap;
use std::ops::Bound;

/// The keys a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span<'a> {
    key: &'a [u8],
    end: &'a [u8],
}

impl<'a> Span<'a> {
    pub(crate) fn new(key: &'a Bytes, end: &'a Bytes) -> Self {
        Span { key: key.as_slice(), end: end.as_slice() }
    }

    pub(crate) fn of_range(request: &'a RangeRequest) -> Self {
        Span::new(&request.key, &request.range_end)
    }

    pub(crate) fn of_delete(request: &'a DeleteRequest) -> Self {
        Span::new(&request.key, &request.range_end)
    }

    /// A watch on the empty key is one on `"\0"`.
    pub(crate) fn of_watch(request: &'a WatchRequest) -> Self {
        let key = if request.key.is_empty() { b"\0" } else { request.key.as_slice() };
        Span { key, end: request.range_end.as_slice() }
    }

    /// The key, where the span is a single one.
    pub(crate) fn single(&self) -> Option<&'a [u8]> {
        self.end.is_empty().then_some(self.key)
    }

    pub(crate) fn contains(&self, key: &Bytes) -> bool {
        let key = key.as_slice();
        match self.end {
            b"" => key == self.key,
            b"\0" => key >= self.key,
            end => key >= self.key && key < end,
        }
    }

    /// True if it holds every key that begins with `prefix`.
    pub(crate) fn contains_prefix(&self, prefix: &[u8]) -> bool {
        self.key <= prefix
            && match self.end {
                b"" => false,
                b"\0" => true,
                end => end > prefix && !end.starts_with(prefix),
            }
    }

    /// The entries of a map whose keys are in the span, in order.
    pub(crate) fn of<'m, V>(
        self,
        map: &'m BTreeMap<Bytes, V>,
    ) -> impl Iterator<Item = (&'m Bytes, &'m V)> + use<'m, 'a, V> {
        let end = match self.end {
            b"" => Bound::Included(self.key),
            b"\0" => Bound::Unbounded,
            end if end <= self.key => Bound::Included(self.key),
            end => Bound::Excluded(end),
        };
        let empty = !self.end.is_empty() && self.end != b"\0" && self.end <= self.key;
        let entries = map.range::<[u8], _>((Bound::Included(self.key), end));
        entries.take(if empty { 0 } else { usize::MAX })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_holds_all_under_a_prefix_or_not() {
        for (key, end, expected) in [
            ("l/", "l0", true),
            ("a", "\0", true),
            ("l/", "z", true),
            ("l/", "", false),
            ("l/", "l/", false),
            ("l/", "l/x", false),
            ("l/0", "l0", false),
            ("a", "l", false),
        ] {
            let (key, end) = (Bytes::from(key), Bytes::from(end));
            assert_eq!(Span::new(&key, &end).contains_prefix(b"l/"), expected, "{key} {end}");
        }
    }

    #[test]
    fn a_span_holds_what_etcd_says() {
        let map: BTreeMap<Bytes, ()> = ["a", "b", "ba", "c"].map(|key| (key.into(), ())).into();
        for (key, end, expected) in [
            ("b", "", vec!["b"]),
            ("b", "c", vec!["b", "ba"]),
            ("b", "\0", vec!["b", "ba", "c"]),
            ("\0", "\0", vec!["a", "b", "ba", "c"]),
            ("b", "b", vec![]),
            ("b", "a", vec![]),
            ("x", "", vec![]),
        ] {
            let (key, end) = (Bytes::from(key), Bytes::from(end));
            let span = Span::new(&key, &end);
            let found: Vec<_> = span.of(&map).map(|(key, ())| key.as_str().unwrap()).collect();
            assert_eq!(found, expected);
            let contained: Vec<_> = map.keys().filter(|key| span.contains(key)).collect();
            assert_eq!(contained.len(), expected.len());
        }
    }
}
