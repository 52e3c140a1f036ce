//! The keys of a store at one revision: a persistent map.
//!
//! A treap (Seidel and Aragon, "Randomized Search Trees", Algorithmica 1996) whose priorities are hashes of
//! the keys: its shape depends on its content alone, so equal maps have equal trees, and two maps that come
//! from a common ancestor share the subtrees they have in common. Each node carries a digest of what is
//! below it. A change costs a path; a comparison costs what is different.

use crate::bytes::Bytes;
use crate::history::KeyValue;
use rustc_hash::FxBuildHasher;
use std::cmp::Ordering;
use std::hash::BuildHasher;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64;

/// Keys and what they hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys(Link);

type Link = Option<Arc<Node>>;

#[derive(Debug)]
struct Node {
    kv: KeyValue,
    priority: u64,
    /// Of this key and all below.
    digest: u64,
    left: Link,
    right: Link,
}

impl Keys {
    /// A number that is equal for equal maps, and hardly ever for others.
    pub fn digest(&self) -> u64 {
        digest(&self.0)
    }

    /// The value and revisions of a key.
    pub fn get(&self, key: &Bytes) -> Option<&KeyValue> {
        let mut link = &self.0;
        while let Some(node) = link {
            link = match key.cmp(&node.kv.key) {
                Ordering::Less => &node.left,
                Ordering::Greater => &node.right,
                Ordering::Equal => return Some(&node.kv),
            };
        }
        None
    }

    /// Puts a key.
    pub fn insert(&mut self, kv: KeyValue) {
        let priority = xxh3_64(kv.key.as_slice());
        self.0 = Some(insert(&self.0, kv, priority));
    }

    /// Removes a key, if it is there.
    pub fn remove(&mut self, key: &Bytes) {
        if self.get(key).is_some() {
            self.0 = remove(&self.0, key);
        }
    }

    /// Shows the keys of `[key, end)` in order; the end as in a range request.
    pub fn visit(&self, key: &Bytes, end: &Bytes, show: &mut impl FnMut(&KeyValue)) {
        match end.as_slice() {
            [] => self.get(key).into_iter().for_each(show),
            [0] => visit(&self.0, key, None, show),
            _ => visit(&self.0, key, Some(end), show),
        }
    }
}

impl PartialEq for Keys {
    fn eq(&self, other: &Self) -> bool {
        equal(&self.0, &other.0)
    }
}

impl Eq for Keys {}

fn digest(link: &Link) -> u64 {
    link.as_ref().map_or(0, |node| node.digest)
}

fn node(kv: KeyValue, priority: u64, left: Link, right: Link) -> Arc<Node> {
    let digest = FxBuildHasher.hash_one((&kv, digest(&left), digest(&right)));
    Arc::new(Node { kv, priority, digest, left, right })
}

/// True if `node` belongs above a key.
fn is_above(node: &Node, key: &Bytes, priority: u64) -> bool {
    (node.priority, &node.kv.key) > (priority, key)
}

fn insert(link: &Link, kv: KeyValue, priority: u64) -> Arc<Node> {
    let Some(here) = link else { return node(kv, priority, None, None) };
    if here.kv.key == kv.key {
        return node(kv, priority, here.left.clone(), here.right.clone());
    }
    if !is_above(here, &kv.key, priority) {
        let (left, right) = split(link, &kv.key);
        return node(kv, priority, left, right);
    }
    if kv.key < here.kv.key {
        let left = insert(&here.left, kv, priority);
        node(here.kv.clone(), here.priority, Some(left), here.right.clone())
    } else {
        let right = insert(&here.right, kv, priority);
        node(here.kv.clone(), here.priority, here.left.clone(), Some(right))
    }
}

/// The keys below and above one that is not there.
fn split(link: &Link, key: &Bytes) -> (Link, Link) {
    let Some(here) = link else { return (None, None) };
    if *key < here.kv.key {
        let (left, right) = split(&here.left, key);
        (left, Some(node(here.kv.clone(), here.priority, right, here.right.clone())))
    } else {
        let (left, right) = split(&here.right, key);
        (Some(node(here.kv.clone(), here.priority, here.left.clone(), left)), right)
    }
}

fn remove(link: &Link, key: &Bytes) -> Link {
    let here = link.as_ref()?;
    Some(match key.cmp(&here.kv.key) {
        Ordering::Equal => return join(&here.left, &here.right),
        Ordering::Less => node(here.kv.clone(), here.priority, remove(&here.left, key), here.right.clone()),
        Ordering::Greater => {
            node(here.kv.clone(), here.priority, here.left.clone(), remove(&here.right, key))
        }
    })
}

/// All keys of two trees, where those of one are below those of the other.
fn join(low: &Link, high: &Link) -> Link {
    let (Some(left), Some(right)) = (low, high) else { return low.clone().or_else(|| high.clone()) };
    Some(if is_above(left, &right.kv.key, right.priority) {
        node(left.kv.clone(), left.priority, left.left.clone(), join(&left.right, high))
    } else {
        node(right.kv.clone(), right.priority, join(low, &right.left), right.right.clone())
    })
}

fn visit(link: &Link, key: &Bytes, end: Option<&Bytes>, show: &mut impl FnMut(&KeyValue)) {
    let Some(here) = link else { return };
    let from_here = *key <= here.kv.key;
    let to_here = end.is_none_or(|end| here.kv.key < *end);
    if from_here {
        visit(&here.left, key, end, show);
    }
    if from_here && to_here {
        show(&here.kv);
    }
    if to_here {
        visit(&here.right, key, end, show);
    }
}

fn equal(one: &Link, other: &Link) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            Arc::ptr_eq(one, other)
                || (one.digest == other.digest
                    && one.kv == other.kv
                    && equal(&one.left, &other.left)
                    && equal(&one.right, &other.right))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn kv(key: u8, version: i64) -> KeyValue {
        KeyValue { key: vec![key].into(), version, ..KeyValue::default() }
    }

    fn shown(keys: &Keys, from: &[u8], end: &[u8]) -> Vec<KeyValue> {
        let mut shown = Vec::new();
        keys.visit(&from.into(), &end.into(), &mut |kv| shown.push(kv.clone()));
        shown
    }

    proptest! {
        #[test]
        fn a_map_does_what_a_btree_map_does(
            changes in prop::collection::vec((1..20u8, prop::option::of(0..3i64)), 0..80),
            from in 1..20u8,
            end in 1..20u8,
        ) {
            let mut keys = Keys::default();
            let mut expected = BTreeMap::new();
            for (key, change) in changes {
                let old = (keys.clone(), expected.clone());
                match change {
                    Some(version) => {
                        keys.insert(kv(key, version));
                        expected.insert(key, kv(key, version));
                    }
                    None => {
                        keys.remove(&vec![key].into());
                        expected.remove(&key);
                    }
                }
                prop_assert_eq!(keys == old.0, expected == old.1);
                prop_assert_eq!(keys.digest() == old.0.digest(), expected == old.1);
                prop_assert_eq!(shown(&old.0, &[0], &[0]), old.1.into_values().collect::<Vec<_>>());
            }
            prop_assert_eq!(shown(&keys, &[from], &[0]), expected.range(from..).map(|(_, kv)| kv.clone()).collect::<Vec<_>>());
            prop_assert_eq!(shown(&keys, &[from], &[]), expected.get(&from).cloned().into_iter().collect::<Vec<_>>());
            let inside = expected.iter().filter(|(key, _)| (from..end).contains(*key));
            prop_assert_eq!(shown(&keys, &[from], &[end]), inside.map(|(_, kv)| kv.clone()).collect::<Vec<_>>());
            let mut again = Keys::default();
            expected.into_values().rev().for_each(|kv| again.insert(kv));
            prop_assert!(again == keys && again.digest() == keys.digest(), "the shape depends on the history");
        }
    }
}
