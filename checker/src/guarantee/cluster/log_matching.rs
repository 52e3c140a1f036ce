//! `log-matching`: two logs that hold an entry of the same term at the same index hold the same entries up to
//! it; and in a log terms never go back.
//!
//! Raft's Log Matching (Ongaro and Ousterhout 2014, figure 3 and section 5.3), as far as logs were applied: a
//! digest stands for all entries up to an index. That terms never go back follows from how leaders append
//! (figure 3, Leader Append-Only).

use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::{Case, Guarantee};
use crate::history::{History, Observation};
use crate::verdict::Verdict;
use std::collections::BTreeMap;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "log-matching",
    about: "logs with the same entry at one index hold the same entries up to it, in terms that never go back",
    check,
};

/// Examines every entry that was applied more than once, by several members or after a restart, and every entry
/// that has one before it.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let mut examined = 0;
    let different = compare_logs(case.history, &mut examined);
    let evidence = different.or_else(|| compare_terms(case.history, &mut examined));
    Verdict::of(examined, evidence)
}

fn compare_logs(history: &History, examined: &mut u64) -> Option<Evidence> {
    let mut logs = BTreeMap::new();
    for (at, observation) in history.observations.iter().enumerate() {
        let Observation::Applied { member, index, term, digest, .. } = observation else { continue };
        let Some((first, other, expected)) = logs.get(&(*index, *term)).copied() else {
            logs.insert((*index, *term), (at, *member, *digest));
            continue;
        };
        *examined += 1;
        if expected != *digest {
            let message = format!(
                "{other} and {member} have an entry of term {term} at index {index}, and not the same log up to it"
            );
            let exhibits = [at, first].map(|at| Exhibit::observation(history, at)).to_vec();
            return Some(Evidence::new("different-logs", message, exhibits));
        }
    }
    None
}

/// Compares the terms of each member's log, in the order of the indexes.
fn compare_terms(history: &History, examined: &mut u64) -> Option<Evidence> {
    let mut logs: BTreeMap<_, BTreeMap<u64, (usize, u64)>> = BTreeMap::new();
    for (at, observation) in history.observations.iter().enumerate() {
        if let Observation::Applied { member, index, term, .. } = observation {
            logs.entry(*member).or_default().entry(*index).or_insert((at, *term));
        }
    }
    for (member, log) in logs {
        for ((before, (first, higher)), (index, (at, term))) in log.iter().zip(log.iter().skip(1)) {
            *examined += 1;
            if term < higher {
                let message = format!(
                    "the log of {member} holds an entry of term {higher} at index {before}, and one of term {term} at \
                     index {index}"
                );
                let exhibits = [*at, *first].map(|at| Exhibit::observation(history, at)).to_vec();
                return Some(Evidence::new("term-went-back", message, exhibits));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guarantee::by_hand;
    use crate::history::build::applied;

    fn judged(observations: &[Observation]) -> Verdict {
        by_hand::judged_observations(check, observations)
    }

    fn kind(observations: &[Observation]) -> String {
        by_hand::kind_of_observations(check, observations)
    }

    #[test]
    fn accepts_logs_that_match() {
        let logs =
            [applied(1, 16, 2, 0xa), applied(2, 16, 2, 0xa), applied(1, 32, 2, 0xb), applied(1, 48, 4, 0xc)];
        assert_eq!(judged(&logs), Verdict::Holds { examined: 3 });
        // Whether the same index may hold another term is for those to say who apply it.
        assert_eq!(judged(&[applied(1, 16, 2, 0xa), applied(2, 16, 3, 0xb)]), Verdict::Vacuous);
        assert_eq!(judged(&[]), Verdict::Vacuous);
    }

    #[test]
    fn accepts_an_entry_that_is_applied_again() {
        let logs = [applied(1, 16, 2, 0xa), applied(1, 32, 3, 0xb), applied(1, 16, 2, 0xa)];
        assert_eq!(judged(&logs), Verdict::Holds { examined: 2 });
    }

    #[test]
    fn rejects_another_log_up_to_the_same_entry() {
        assert_eq!(kind(&[applied(1, 16, 2, 0xa), applied(2, 16, 2, 0xb)]), "different-logs");
        // Not what the same member had before a restart, either.
        assert_eq!(
            kind(&[applied(1, 16, 2, 0xa), applied(1, 32, 2, 0xc), applied(1, 16, 2, 0xb)]),
            "different-logs"
        );
    }

    #[test]
    fn rejects_terms_that_go_back_in_one_log() {
        assert_eq!(kind(&[applied(1, 16, 3, 0xa), applied(1, 32, 2, 0xb)]), "term-went-back");
        assert_eq!(kind(&[applied(1, 32, 2, 0xb), applied(1, 16, 3, 0xa)]), "term-went-back");
    }
}
