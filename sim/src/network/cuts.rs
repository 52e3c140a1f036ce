//! The ways that are cut. Several faults may cut the same way: it is open again when the last one heals.

use crate::trace::NodeName;
use std::collections::BTreeMap;

/// A way from one node to another.
pub type Way = (NodeName, NodeName);

#[derive(Debug, Default)]
pub(crate) struct Cuts {
    cut: BTreeMap<Way, u32>,
}

impl Cuts {
    pub fn is_cut(&self, from: NodeName, to: NodeName) -> bool {
        !self.cut.is_empty() && self.cut.contains_key(&(from, to))
    }

    pub fn cut(&mut self, ways: &[Way]) {
        for &way in ways {
            *self.cut.entry(way).or_default() += 1;
        }
    }

    /// Takes back one [`Cuts::cut`].
    pub fn heal(&mut self, ways: &[Way]) {
        for way in ways {
            if let Some(count) = self.cut.get_mut(way) {
                *count -= 1;
                if *count == 0 {
                    self.cut.remove(way);
                }
            } else {
                debug_assert!(false, "{way:?} was not cut");
            }
        }
    }
}

/// The ways between two groups, both directions.
pub fn between(left: &[NodeName], right: &[NodeName]) -> Vec<Way> {
    let mut ways = one_way(left, right);
    ways.extend(one_way(right, left));
    ways
}

/// The ways from one group to another.
pub fn one_way(from: &[NodeName], to: &[NodeName]) -> Vec<Way> {
    from.iter()
        .flat_map(|&from| to.iter().map(move |&to| (from, to)))
        .filter(|(from, to)| from != to)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_open_when_the_last_fault_that_cut_it_heals() {
        let [a, b, c] = [NodeName(1), NodeName(2), NodeName(3)];
        let mut cuts = Cuts::default();
        let (first, second) = (between(&[a], &[b, c]), one_way(&[a], &[b]));
        cuts.cut(&first);
        cuts.cut(&second);
        assert!(cuts.is_cut(a, b) && cuts.is_cut(b, a) && cuts.is_cut(c, a) && !cuts.is_cut(b, c));
        cuts.heal(&first);
        assert!(cuts.is_cut(a, b) && !cuts.is_cut(b, a) && !cuts.is_cut(c, a));
        cuts.heal(&second);
        assert!(!cuts.is_cut(a, b));
    }
}
