//! Things filed under spans of keys, found by a key that is in them (etcd: `pkg/adt/interval_tree.go`).

use std::collections::BTreeSet;

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::bytes::Bytes;
use crate::key_range::KeyRange;

/// Sets of things by span. Spans are looked at only if they hold the key or lie close to one that does:
/// to find `k` of `n` takes in the order of `k + log n` steps, as far as few spans end before the key that
/// begin with those around it.
///
/// A treap: a search tree by the spans, a heap by priorities. These are hashes of the spans, so that equal
/// contents make equal trees. Every node knows the highest end below it.
#[derive(Clone, Debug)]
pub(super) struct SpanTree<T> {
    root: Link<T>,
}

type Link<T> = Option<Box<Node<T>>>;

#[derive(Clone, Debug)]
struct Node<T> {
    span: KeyRange,
    priority: u64,
    /// The highest end of the spans here and below.
    highest: End,
    things: BTreeSet<T>,
    left: Link<T>,
    right: Link<T>,
}

/// The end of a span.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Before(Bytes),
    Never,
}

impl<T> Default for SpanTree<T> {
    fn default() -> Self {
        SpanTree { root: None }
    }
}

impl<T: Ord> SpanTree<T> {
    pub fn insert(&mut self, span: &KeyRange, thing: T) {
        insert(&mut self.root, span, thing);
    }

    pub fn remove(&mut self, span: &KeyRange, thing: &T) {
        remove(&mut self.root, span, thing);
    }

    /// The spans that have this key, in their order, with the things filed under them.
    pub fn concerned_by<'a>(&'a self, key: &[u8], found: &mut Vec<(&'a KeyRange, &'a BTreeSet<T>)>) {
        find(&self.root, key, found);
    }
}

impl<T> Node<T> {
    fn new(span: &KeyRange, thing: T) -> Box<Node<T>>
    where
        T: Ord,
    {
        Box::new(Node {
            span: span.clone(),
            priority: priority(span),
            highest: end(span),
            things: BTreeSet::from([thing]),
            left: None,
            right: None,
        })
    }

    fn update(&mut self) {
        let below = [&self.left, &self.right].into_iter().flatten().map(|child| &child.highest);
        self.highest = below.fold(end(&self.span), |highest, other| highest.max(other.clone()));
    }
}

fn end(span: &KeyRange) -> End {
    match span {
        KeyRange::One(key) => End::Before(key.clone()),
        KeyRange::Span { end: Some(end), .. } => End::Before(end.clone()),
        KeyRange::Span { end: None, .. } => End::Never,
    }
}

fn priority(span: &KeyRange) -> u64 {
    match span {
        KeyRange::One(key) => xxh3_64(key),
        KeyRange::Span { start, end } => {
            xxh3_64_with_seed(end.as_ref().map_or(&[], |end| end.as_slice()), xxh3_64(start))
        }
    }
}

fn insert<T: Ord>(link: &mut Link<T>, span: &KeyRange, thing: T) {
    let Some(node) = link else {
        *link = Some(Node::new(span, thing));
        return;
    };
    match span.cmp(&node.span) {
        std::cmp::Ordering::Equal => {
            node.things.insert(thing);
        }
        std::cmp::Ordering::Less => {
            insert(&mut node.left, span, thing);
            if let Some(mut child) = node.left.take_if(|child| child.priority > node.priority) {
                std::mem::swap(node, &mut child);
                let mut lower = child;
                lower.left = node.right.take();
                lower.update();
                node.right = Some(lower);
            }
            node.update();
        }
        std::cmp::Ordering::Greater => {
            insert(&mut node.right, span, thing);
            if let Some(mut child) = node.right.take_if(|child| child.priority > node.priority) {
                std::mem::swap(node, &mut child);
                let mut lower = child;
                lower.right = node.left.take();
                lower.update();
                node.left = Some(lower);
            }
            node.update();
        }
    }
}

fn remove<T: Ord>(link: &mut Link<T>, span: &KeyRange, thing: &T) {
    let Some(node) = link else { return };
    match span.cmp(&node.span) {
        std::cmp::Ordering::Less => remove(&mut node.left, span, thing),
        std::cmp::Ordering::Greater => remove(&mut node.right, span, thing),
        std::cmp::Ordering::Equal => {
            node.things.remove(thing);
            if node.things.is_empty() {
                *link = join(node.left.take(), node.right.take());
                return;
            }
        }
    }
    node.update();
}

/// One tree of two, all spans of the first of which come before those of the second.
fn join<T>(left: Link<T>, right: Link<T>) -> Link<T> {
    match (left, right) {
        (None, only) | (only, None) => only,
        (Some(mut left), Some(mut right)) => Some(if left.priority > right.priority {
            left.right = join(left.right.take(), Some(right));
            left.update();
            left
        } else {
            right.left = join(Some(left), right.left.take());
            right.update();
            right
        }),
    }
}

fn find<'a, T>(link: &'a Link<T>, key: &[u8], found: &mut Vec<(&'a KeyRange, &'a BTreeSet<T>)>) {
    let Some(node) = link else { return };
    if matches!(&node.highest, End::Before(end) if end.as_slice() <= key) {
        return;
    }
    find(&node.left, key, found);
    if node.span.contains(key) {
        found.push((&node.span, &node.things));
    }
    let begins_after = matches!(&node.span, KeyRange::Span { start, .. } if start.as_slice() > key);
    if !begins_after {
        find(&node.right, key, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span() -> impl Strategy<Value = KeyRange> {
        (0..12_u8, prop::option::of(0..14_u8))
            .prop_map(|(start, end)| KeyRange::Span {
                start: Bytes::from(&[start]),
                end: end.map(|end| Bytes::from(&[end])),
            })
            .prop_filter("spans of watches are not empty", |span| !span.is_empty())
    }

    proptest! {
        #[test]
        fn it_finds_what_looking_at_every_span_finds(
            steps in prop::collection::vec((any::<bool>(), span(), 0..4_u32), 0..80),
        ) {
            let mut tree = SpanTree::default();
            let mut plain = BTreeSet::new();
            for (inserts, span, thing) in steps {
                if inserts {
                    tree.insert(&span, thing);
                    plain.insert((span, thing));
                } else {
                    tree.remove(&span, &thing);
                    plain.remove(&(span, thing));
                }
                for key in 0..15_u8 {
                    let mut found = Vec::new();
                    tree.concerned_by(&[key], &mut found);
                    let found: Vec<(KeyRange, u32)> = found
                        .into_iter()
                        .flat_map(|(span, things)| things.iter().map(|thing| (span.clone(), *thing)))
                        .collect();
                    let expected: Vec<(KeyRange, u32)> =
                        plain.iter().filter(|(span, _)| span.contains(&[key])).cloned().collect();
                    prop_assert_eq!(found, expected);
                }
            }
        }
    }
}
