//! Goals: everything that an exploration tries to reach.

use crate::execute::Outcome;
use revline_sim::marks::every;
use revline_store::mark::Mark;
use std::collections::BTreeSet;
use std::fmt;

/// A goal: a run that reaches one that few runs reach is worth to be changed further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Goal {
    /// A mark, by its position in the list of all marks.
    Mark(usize),
    /// So many events of a kind in one run: from this power of two up to the next.
    Count(&'static str, u32),
    /// Two rare states of machines in one run, in the order of the list.
    Both(Mark, Mark),
}

impl Goal {
    /// The number of kinds.
    pub(super) const KINDS: usize = 3;

    /// The kind of goal, a number below [`Goal::KINDS`].
    pub(super) fn kind(self) -> usize {
        match self {
            Goal::Mark(_) => 0,
            Goal::Count(..) => 1,
            Goal::Both(..) => 2,
        }
    }

    /// The goals that a run reached.
    pub(super) fn of(outcome: &Outcome) -> BTreeSet<Goal> {
        let mut goals: BTreeSet<Goal> = outcome.marks.positions().map(Goal::Mark).collect();
        let counts = outcome.counters.named();
        let magnitude = |(name, count): (&'static str, u64)| Some(Goal::Count(name, count.checked_ilog2()?));
        goals.extend(counts.into_iter().filter_map(magnitude));
        let states: Vec<Mark> = outcome.marks.states().map(|(mark, _)| mark).collect();
        for (at, one) in states.iter().enumerate() {
            goals.extend(states[at + 1..].iter().map(|other| Goal::Both(*one, *other)));
        }
        goals
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Goal::Mark(position) => f.write_str(&every()[*position]),
            Goal::Count(name, power) => write!(f, "count: {name} from {}", 1_u64 << power),
            Goal::Both(one, other) => write!(f, "both: {}; {}", one.name(), other.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::draw;
    use crate::{catalogue, execute};
    use revline_store::defect::Defects;

    #[test]
    fn a_run_reaches_its_marks_its_counts_and_pairs_of_states() {
        let plan = draw(&catalogue::find("slow-follower-snapshot").unwrap(), 0, Defects::NONE);
        let outcome = execute(&plan, false).unwrap();
        let goals = Goal::of(&outcome);
        let count = outcome.counters.elections;
        assert!(count > 0 && goals.contains(&Goal::Count("elections", count.ilog2())));
        assert!(!goals.contains(&Goal::Count("elections", count.ilog2() + 1)));
        let marks = goals.iter().filter(|goal| matches!(goal, Goal::Mark(_))).count();
        assert_eq!(marks, outcome.marks.known().count());
        let states = outcome.marks.states().count();
        let pairs = goals.iter().filter(|goal| matches!(goal, Goal::Both(..))).count();
        assert!(states > 1, "a run with snapshots comes to rare states");
        assert_eq!(pairs, states * (states - 1) / 2);
        let words: BTreeSet<String> = goals.iter().map(Goal::to_string).collect();
        assert_eq!(words.len(), goals.len(), "each has a name of its own");
    }
}
