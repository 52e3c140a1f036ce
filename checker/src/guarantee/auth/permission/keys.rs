//! Keys as intervals (etcd: `server/auth/range_perm_cache.go`).

use crate::bytes::Bytes;

/// `[first, end)`; without an end, every key from `first` on.
pub(super) type Interval = (Vec<u8>, Option<Vec<u8>>);

/// The keys of a range as etcd reads it; `None` where there is none.
pub(super) fn interval(key: &Bytes, range_end: &Bytes) -> Option<Interval> {
    let first = key.as_slice().to_vec();
    match range_end.as_slice() {
        b"" => {
            let end = [key.as_slice(), b"\0"].concat();
            Some((first, Some(end)))
        }
        b"\0" => Some((first, None)),
        end => (end > first.as_slice()).then(|| (first, Some(end.to_vec()))),
    }
}

/// True if some intervals together hold every key of one.
pub(super) fn cover(mut some: Vec<Interval>, (first, end): Interval) -> bool {
    some.sort_unstable();
    let mut reached = first;
    for (from, to) in some {
        if from > reached {
            return false;
        }
        let Some(to) = to else { return true };
        reached = reached.max(to);
        if end.as_ref().is_some_and(|end| reached >= *end) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(key: &str, end: &str) -> Interval {
        interval(&key.into(), &end.into()).expect("it has keys")
    }

    #[test]
    fn what_lies_side_by_side_covers_what_spans_both() {
        for (some, wanted, expected) in [
            (vec![("a", "c")], ("a", "c"), true),
            (vec![("b", "c"), ("a", "b")], ("a", "c"), true),
            (vec![("a", "b"), ("bb", "c")], ("a", "c"), false),
            (vec![("a", "d"), ("b", "c")], ("a", "d"), true),
            (vec![("a", "c")], ("a", "\0"), false),
            (vec![("a", "c"), ("b", "\0")], ("a", "\0"), true),
            (vec![("b", "\0")], ("a", "\0"), false),
            (vec![("a", "")], ("a", ""), true),
            (vec![("a", "")], ("aa", ""), false),
            (vec![("a", "")], ("a", "b"), false),
            (vec![("a", "b")], ("ab", ""), true),
            (vec![("a", "b")], ("b", ""), false),
            (vec![], ("a", ""), false),
        ] {
            let intervals = some.iter().map(|(key, end)| of(key, end)).collect();
            assert_eq!(cover(intervals, of(wanted.0, wanted.1)), expected, "{some:?} {wanted:?}");
        }
        assert_eq!((interval(&"b".into(), &"a".into()), interval(&"b".into(), &"b".into())), (None, None));
    }
}
