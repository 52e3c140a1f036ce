//! Delta debugging: of a list of parts, the few that are needed.
//!
//! Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (2002). Halves are left out first, then
//! quarters, down to single parts; what could be left out is never tried again within one pass.

use std::collections::BTreeSet;

/// Leaves out as many of `parts` as it can. `first` is given sets of parts to leave out, and answers which of them is the
/// first without which everything is as it should be.
pub fn ddmin<P: Copy + Ord>(
    parts: &[P],
    mut first: impl FnMut(&mut dyn Iterator<Item = BTreeSet<P>>) -> Option<usize>,
) {
    let mut kept = parts.to_vec();
    let mut without = BTreeSet::new();
    let mut size = kept.len();
    while size > 0 {
        let mut at = 0;
        while at < kept.len() {
            let starts: Vec<usize> = (at..kept.len()).step_by(size).collect();
            let chunk = |start: usize| start..(start + size).min(kept.len());
            let mut tried = starts.iter().map(|&start| {
                let more = kept[chunk(start)].iter().copied();
                without.iter().copied().chain(more).collect()
            });
            let Some(found) = first(&mut tried) else { break };
            at = starts[found];
            without.extend(kept.drain(chunk(at)));
        }
        size = if size == 1 { 0 } else { size.div_ceil(2).min(kept.len()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts left of so many if these are needed, and the number of sets that were tried.
    fn left(count: u32, needed: &[u32]) -> (Vec<u32>, u32) {
        let parts: Vec<u32> = (0..count).collect();
        let (mut without, mut tries) = (BTreeSet::new(), 0);
        ddmin(&parts, |sets| {
            let mut is_enough = |set: &BTreeSet<u32>| {
                tries += 1;
                needed.iter().all(|part| !set.contains(part))
            };
            let mut sets = sets.enumerate();
            let (found, set) = sets.find(|(_, set)| is_enough(set))?;
            without = set;
            Some(found)
        });
        (parts.into_iter().filter(|part| !without.contains(part)).collect(), tries)
    }

    #[test]
    fn what_is_needed_is_left() {
        assert_eq!(left(1_000, &[3, 500, 999]).0, [3, 500, 999]);
        assert_eq!(left(7, &[0, 1, 2, 3, 4, 5, 6]).0, [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(left(1, &[0]).0, [0]);
        assert_eq!(left(0, &[]).0, [0; 0]);
    }

    #[test]
    fn what_needs_nothing_takes_one_try_and_what_needs_little_takes_few() {
        assert_eq!(left(1_000, &[]), (vec![], 1));
        assert!(left(1_000, &[700]).1 < 50, "{:?}", left(1_000, &[700]));
    }
}
