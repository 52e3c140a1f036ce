//! Shrinking a failing test: of the random parts of its world, the few that it needs to fail.

use super::failure::Needed;
use crate::scenarios::shrink::ddmin;
use std::collections::BTreeSet;

/// The most runs of one shrinking: a limit of time would let the result depend on the machine.
const MOST_RUNS: u32 = 400;

/// Leaves out parts as long as `fails` says, of those that are left, that the test fails with them in the same way.
pub(super) fn shrink(all: Vec<String>, fails: &mut dyn FnMut(&[String]) -> bool) -> Needed {
    let of = all.len();
    let (mut parts, mut runs) = (all, 0);
    loop {
        let whole = parts.clone();
        let places: Vec<usize> = (0..whole.len()).collect();
        ddmin(&places, |sets| {
            sets.enumerate().find_map(|(at, left_out)| {
                runs += 1;
                let some = rest(&whole, &left_out);
                let is_enough = runs <= MOST_RUNS && fails(&some);
                is_enough.then(|| parts = some).map(|()| at)
            })
        });
        if parts.len() == whole.len() || runs > MOST_RUNS {
            return Needed { parts, of, is_cut_short: runs > MOST_RUNS };
        }
    }
}

fn rest(all: &[String], left_out: &BTreeSet<usize>) -> Vec<String> {
    let kept = all.iter().enumerate().filter(|(at, _)| !left_out.contains(at));
    kept.map(|(_, part)| part.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needed(of: u32, needs: &[u32]) -> (Vec<String>, bool) {
        let all = (0..of).map(|part| part.to_string()).collect();
        let mut fails = |some: &[String]| needs.iter().all(|part| some.contains(&part.to_string()));
        let Needed { parts, is_cut_short, .. } = shrink(all, &mut fails);
        (parts, is_cut_short)
    }

    #[test]
    fn what_is_needed_is_left_within_the_limit() {
        assert_eq!(needed(500, &[3, 77]), (vec!["3".to_owned(), "77".to_owned()], false));
        assert_eq!(needed(10, &[]), (Vec::new(), false));
        let many: Vec<u32> = (0..600).step_by(2).collect();
        let (left, is_cut_short) = needed(600, &many);
        assert!(is_cut_short && left.len() >= 300, "{}", left.len());
    }
}
