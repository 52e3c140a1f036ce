//! Keys and range ends with the prefix, and without it.

use crate::bytes::Bytes;
use crate::defect::{Defects, altered};

/// The keys that begin with a prefix, as if there were no others.
#[derive(Clone, Debug)]
pub struct Namespace {
    prefix: Bytes,
    defects: Defects,
}

impl Namespace {
    /// The namespace of a prefix. An empty one is the whole key space.
    pub fn new(prefix: Bytes) -> Namespace {
        Namespace { prefix, defects: Defects::NONE }
    }

    /// The same with rules switched off.
    #[must_use]
    pub(crate) fn with_defects(self, defects: Defects) -> Namespace {
        Namespace { defects, ..self }
    }

    /// The prefix of every key of the namespace.
    pub fn prefix(&self) -> &Bytes {
        &self.prefix
    }

    /// A name, with the prefix.
    pub(super) fn inside(&self, name: &mut Bytes) {
        *name = Bytes::from([self.prefix.as_slice(), name].concat());
    }

    /// A key, with the prefix. An empty one stays empty, for the member to refuse: with the prefix it would be a
    /// key like others.
    pub(super) fn key(&self, key: &mut Bytes) {
        if !key.is_empty() {
            self.inside(key);
        }
    }

    /// Prefixes a key and the end of its range. An open end becomes the end of the prefix.
    pub(super) fn range(&self, key: &mut Bytes, range_end: &mut Bytes) {
        self.key(key);
        match range_end.as_slice() {
            [] => {}
            [0] => *range_end = self.end(),
            _ => self.inside(range_end),
        }
    }

    /// The first key after all that have the prefix; `"\0"` if there is none (`getPrefix` in
    /// `client/v3/op.go`).
    fn end(&self) -> Bytes {
        altered!(self.defects, namespace_end_without_carry::end(&self.prefix), self.end_with_carry())
    }

    fn end_with_carry(&self) -> Bytes {
        let mut end = self.prefix.to_vec();
        while end.last() == Some(&u8::MAX) {
            end.pop();
        }
        match end.last_mut() {
            Some(last) => {
                *last += 1;
                end.into()
            }
            None => Bytes::from(b"\0"),
        }
    }

    /// Returns true if a key of the cluster belongs to the namespace.
    pub(super) fn contains(&self, key: &[u8]) -> bool {
        key.starts_with(&self.prefix)
    }

    /// A key of the cluster, as the client sees it. One that does not belong to the namespace, which a member never
    /// answers with, stays as it is: it is for the judge to see.
    pub(super) fn strip(&self, key: &mut Bytes) {
        if let Some(rest) = key.strip_prefix(self.prefix.as_slice()) {
            *key = Bytes::from(rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::defect::Defect;

    fn open_end(prefix: &[u8], defects: Defects) -> Bytes {
        let (mut key, mut end) = (Bytes::from("k"), Bytes::from(b"\0"));
        Namespace::new(Bytes::from(prefix)).with_defects(defects).range(&mut key, &mut end);
        assert_eq!(key.as_slice(), [prefix, b"k"].concat());
        end
    }

    #[test]
    fn an_open_end_is_where_the_prefix_ends() {
        assert_eq!(open_end(b"a/", Defects::NONE).as_slice(), b"a0");
        assert_eq!(open_end(b"a\xff\xff", Defects::NONE).as_slice(), b"b");
        assert_eq!(open_end(b"\xff\xff", Defects::NONE).as_slice(), b"\0");
        assert_eq!(open_end(b"", Defects::NONE).as_slice(), b"\0");
        assert_eq!(open_end(b"\0", Defects::NONE).as_slice(), b"\x01");
    }

    #[test]
    fn without_carry_it_sees_what_comes_after() {
        let defects = Defect::NamespaceEndWithoutCarry.into();
        assert_eq!(open_end(b"a/", defects).as_slice(), b"a0");
        assert_eq!(open_end(b"a\xff\xff", defects).as_slice(), b"\0");
    }

    #[test]
    fn no_key_stays_no_key_and_others_come_back() {
        let namespace = Namespace::new("n/".into());
        let mut key = Bytes::default();
        namespace.key(&mut key);
        assert!(key.is_empty());
        let mut key = Bytes::from("k");
        namespace.key(&mut key);
        assert_eq!(key, "n/k".into());
        namespace.strip(&mut key);
        assert_eq!(key, "k".into());
    }
}
