//! The permissions of a user on keys, all of its roles together (etcd: `server/auth/range_perm_cache.go`).

use crate::api::{Permission, PermissionType};
use crate::bytes::Bytes;
use crate::key_range::KeyRange;
use serde::Serialize;
use std::collections::BTreeMap;

/// The permissions of every user, computed from users and roles. Not saved: it follows from the saved data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PermissionCache(pub(super) BTreeMap<String, UserPermissions>);

/// The permissions of one user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct UserPermissions {
    read: Intervals,
    write: Intervals,
}

impl UserPermissions {
    pub fn of(permissions: impl Iterator<Item = Permission>) -> UserPermissions {
        let (mut read, mut write) = (Vec::new(), Vec::new());
        for Permission { perm_type, key, range_end } in permissions {
            let interval = Interval::of(&KeyRange::new(&key, &range_end));
            if perm_type != PermissionType::Write {
                read.push(interval.clone());
            }
            if perm_type != PermissionType::Read {
                write.push(interval);
            }
        }
        UserPermissions { read: Intervals::union(read), write: Intervals::union(write) }
    }

    /// Returns true if the whole range may be read, or written. An empty range needs as much as its first key.
    pub fn allow(&self, wanted: PermissionType, range: &KeyRange) -> bool {
        let wanted_of = Interval::of(range);
        match wanted {
            PermissionType::Read => self.read.cover(&wanted_of),
            PermissionType::Write => self.write.cover(&wanted_of),
            PermissionType::ReadWrite => self.read.cover(&wanted_of) && self.write.cover(&wanted_of),
        }
    }
}

/// `[start, end)`; without an end all keys from `start` on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Interval {
    start: Bytes,
    end: Option<Bytes>,
}

impl Interval {
    fn of(range: &KeyRange) -> Interval {
        match range {
            // The next key there is.
            KeyRange::One(key) => {
                let end = [key.as_slice(), &[0]].concat();
                Interval { start: key.clone(), end: Some(end.into()) }
            }
            KeyRange::Span { start, end } => Interval { start: start.clone(), end: end.clone() },
        }
    }
}

/// In order, with a gap after each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
struct Intervals(Vec<Interval>);

impl Intervals {
    fn union(mut intervals: Vec<Interval>) -> Intervals {
        intervals.sort();
        let mut union: Vec<Interval> = Vec::new();
        for interval in intervals {
            match union.last_mut() {
                Some(Interval { end: None, .. }) => break,
                Some(Interval { end: Some(end), .. }) if interval.start <= *end => {
                    if interval.end.as_ref().is_none_or(|later| later > end) {
                        union.last_mut().expect("there is one").end = interval.end;
                    }
                }
                _ => union.push(interval),
            }
        }
        Intervals(union)
    }

    fn cover(&self, wanted: &Interval) -> bool {
        let after = self.0.partition_point(|interval| interval.start <= wanted.start);
        let Some(last) = after.checked_sub(1).and_then(|at| self.0.get(at)) else { return false };
        match (&last.end, &wanted.end) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(end), Some(wanted_end)) => wanted.start < *end && wanted_end <= end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permissions(ranges: &[(&str, &str)]) -> UserPermissions {
        UserPermissions::of(ranges.iter().map(|(key, end)| Permission {
            perm_type: PermissionType::Read,
            key: (*key).into(),
            range_end: (*end).into(),
        }))
    }

    fn reads(permissions: &UserPermissions, key: &str, end: &str) -> bool {
        permissions.allow(PermissionType::Read, &KeyRange::new(&key.into(), &end.into()))
    }

    #[test]
    fn intervals_that_touch_are_one() {
        let both = permissions(&[("c", "e"), ("a", "c"), ("x", "")]);
        assert!(reads(&both, "a", "e") && reads(&both, "b", "d"));
        assert!(!reads(&both, "a", "f") && !reads(&both, "a", "\0") && !reads(&both, "e", ""));
        assert!(reads(&both, "x", "") && reads(&both, "x", "x\0") && !reads(&both, "x", "xa"));
        assert!(!both.allow(PermissionType::Write, &KeyRange::new(&"a".into(), &"".into())));
    }

    #[test]
    fn only_a_permission_without_an_end_covers_a_range_without_one() {
        let open = permissions(&[("b", "d"), ("c", "\0")]);
        assert!(reads(&open, "b", "\0") && reads(&open, "\u{7f}", "\0"));
        assert!(!reads(&open, "a", "\0"));
        assert!(!reads(&permissions(&[("b", "\u{7f}")]), "b", "\0"));
    }

    #[test]
    fn an_empty_range_needs_its_first_key() {
        let some = permissions(&[("b", "d")]);
        assert!(reads(&some, "c", "a") && reads(&some, "b", "b"));
        assert!(!reads(&some, "d", "b") && !reads(&some, "a", "a"));
    }
}
