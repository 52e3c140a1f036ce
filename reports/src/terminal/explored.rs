//! The findings of an exploration beside those of its runs: how far it came.

use crate::number::grouped;
use revline_scenarios::explore::{Explored, Goal, Reach};
use std::fmt::Write;

/// The number of marks that are shown.
const RAREST: usize = 10;

/// The numbers of an exploration, and the marks that it reached most seldom.
pub(super) fn explored(explored: &Explored) -> String {
    let count = |wanted: fn(&Goal) -> bool| {
        grouped(explored.reached.keys().filter(|goal| wanted(goal)).count() as u64)
    };
    let mut text = format!(
        "explored {} runs, {} plans kept: {} marks, {} counts and {} pairs of rare states\n",
        grouped(explored.runs),
        grouped(explored.kept),
        count(|goal| matches!(goal, Goal::Mark(_))),
        count(|goal| matches!(goal, Goal::Count(..))),
        count(|goal| matches!(goal, Goal::Both(..))),
    );
    let marks = explored.reached.iter().filter(|(goal, _)| matches!(goal, Goal::Mark(_)));
    let mut rarest: Vec<(&Goal, &Reach)> = marks.collect();
    rarest.sort_by_key(|(_, reach)| (reach.runs, std::cmp::Reverse(reach.first)));
    let _ = writeln!(text, "rarest   {:>6}  {:>8}  mark", "runs", "first");
    for (goal, Reach { runs, first }) in rarest.into_iter().take(RAREST) {
        let _ = writeln!(text, "         {:>6}  {:>8}  {goal}", grouped(*runs), grouped(*first));
    }
    text
}
