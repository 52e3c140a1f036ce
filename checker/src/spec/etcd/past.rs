//! The keys at earlier revisions: a persistent stack with random access.
//!
//! Each entry has, beside the one before it, a second one further back, so that any revision is found in a
//! logarithmic number of steps (Myers, "An Applicative Random-Access Stack", IPL 1983).

use super::keys::Keys;
use crate::history::Revision;
use rustc_hash::FxBuildHasher;
use std::hash::BuildHasher;
use std::sync::Arc;

/// The keys at every revision up to some one.
#[derive(Clone, Debug, Default)]
pub(super) struct Past(Option<Arc<Entry>>);

#[derive(Debug)]
struct Entry {
    revision: Revision,
    keys: Keys,
    /// The number of entries up to this one.
    length: u64,
    /// Of this entry and all before.
    digest: u64,
    before: Option<Arc<Entry>>,
    far_before: Option<Arc<Entry>>,
}

impl Past {
    /// Adds the keys of the next revision.
    pub fn push(&mut self, revision: Revision, keys: Keys) {
        let before = self.0.take();
        let digest =
            FxBuildHasher.hash_one((revision, keys.digest(), before.as_ref().map(|entry| entry.digest)));
        let length = length(&before) + 1;
        let far_before = before.as_ref().and_then(|entry| {
            let far = &entry.far_before;
            let farther = far.as_ref().and_then(|far| far.far_before.clone());
            if entry.length - self::length(far) == self::length(far) - self::length(&farther) {
                farther
            } else {
                before.clone()
            }
        });
        self.0 = Some(Arc::new(Entry { revision, keys, length, digest, before, far_before }));
    }

    /// The keys at a revision.
    pub fn at(&self, revision: Revision) -> Option<&Keys> {
        let mut entry = self.0.as_deref()?;
        while entry.revision > revision {
            entry = match entry.far_before.as_deref() {
                Some(far) if far.revision >= revision => far,
                _ => entry.before.as_deref()?,
            };
        }
        (entry.revision == revision).then_some(&entry.keys)
    }

    /// A number that is equal for equal pasts, and hardly ever for others.
    pub fn digest(&self) -> u64 {
        self.0.as_ref().map_or(0, |entry| entry.digest)
    }
}

fn length(entry: &Option<Arc<Entry>>) -> u64 {
    entry.as_ref().map_or(0, |entry| entry.length)
}

impl PartialEq for Past {
    fn eq(&self, other: &Self) -> bool {
        let (mut one, mut other) = (&self.0, &other.0);
        loop {
            match (one, other) {
                (None, None) => return true,
                (Some(this), Some(that)) if Arc::ptr_eq(this, that) => return true,
                (Some(this), Some(that))
                    if this.digest == that.digest
                        && this.revision == that.revision
                        && this.keys == that.keys =>
                {
                    (one, other) = (&this.before, &that.before);
                }
                _ => return false,
            }
        }
    }
}

impl Eq for Past {}

/// One after the other: a past of a million revisions would overflow the call stack.
impl Drop for Entry {
    fn drop(&mut self) {
        let mut before = self.before.take();
        while let Some(entry) = before {
            before = Arc::into_inner(entry).and_then(|mut entry| entry.before.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::KeyValue;

    fn past(revisions: i64) -> Past {
        let mut past = Past::default();
        for revision in 1..=revisions {
            let mut keys = Keys::default();
            keys.insert(KeyValue { key: "k".into(), version: revision, ..KeyValue::default() });
            past.push(revision, keys);
        }
        past
    }

    #[test]
    fn every_revision_is_found_and_no_other() {
        let past = past(300);
        for revision in 1..=300 {
            let kv = past.at(revision).and_then(|keys| keys.get(&"k".into()));
            assert_eq!(kv.map(|kv| kv.version), Some(revision));
        }
        assert!(past.at(0).is_none() && past.at(301).is_none());
    }

    #[test]
    fn equal_pasts_are_equal_however_they_came_about() {
        assert!(past(10) == past(10) && past(10).digest() == past(10).digest());
        assert!(past(10) != past(9));
        let mut other = past(9);
        other.push(10, Keys::default());
        assert!(other != past(10));
    }

    #[test]
    fn a_long_past_goes_without_a_deep_stack() {
        drop(past(300_000));
    }
}
