//! `leader-completeness`: the log of a new leader holds every entry that was committed before its term.
//!
//! Raft's Leader Completeness (Ongaro and Ousterhout 2014, figure 3 and section 5.4; Ongaro's thesis, 3.6.3). What
//! was applied was committed. It was committed in a term no later than that of the last leader there had
//! been, so it binds leaders of later terms only: one whose last votes arrive late, when a later leader has
//! committed more, is leader of its term for nobody.

use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::{Case, Guarantee};
use crate::history::Observation;
use crate::verdict::Verdict;
use std::collections::BTreeMap;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "leader-completeness",
    about: "a new leader's log holds every entry that was committed before its term",
    check,
};

/// Examines every leader whose log is known and before whom something was applied.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let history = case.history;
    let mut examined = 0;
    // The term of the last leader there had been.
    let mut latest = 0;
    // By the term in which it was committed, or a later one: the highest index applied, and who saw it.
    let mut committed: BTreeMap<u64, (u64, usize)> = BTreeMap::new();
    for (at, observation) in history.observations.iter().enumerate() {
        match observation {
            Observation::Applied { index, term, .. } => {
                let highest = committed.entry(latest.max(*term)).or_insert((*index, at));
                *highest = (*highest).max((*index, at));
            }
            Observation::Leader { member, term, last_index, .. } => {
                latest = latest.max(*term);
                let before = committed.range(..*term).map(|(_, highest)| *highest).max();
                let (Some(last_index), Some((index, applied))) = (last_index, before) else { continue };
                examined += 1;
                if *last_index < index {
                    let message = format!(
                        "{member} became leader of term {term} with a log up to index {last_index}, and index {index} \
                         had been committed"
                    );
                    let exhibits = [at, applied].map(|at| Exhibit::observation(history, at)).to_vec();
                    return Verdict::of(examined, Some(Evidence::new("incomplete-log", message, exhibits)));
                }
            }
            _ => {}
        }
    }
    Verdict::of_examined(examined)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guarantee::by_hand;
    use crate::history::MemberId;
    use crate::history::build::applied;

    fn leader(member: u64, term: u64, last_index: impl Into<Option<u64>>) -> Observation {
        Observation::Leader { at_ns: 0, member: MemberId(member), term, last_index: last_index.into() }
    }

    fn judged(observations: &[Observation]) -> Verdict {
        by_hand::judged_observations(check, observations)
    }

    fn is_rejected(observations: &[Observation]) -> bool {
        let verdict = judged(observations);
        verdict.evidence().is_some_and(|evidence| evidence.kind == "incomplete-log")
    }

    #[test]
    fn accepts_leaders_that_have_all_that_was_committed() {
        let whole = [
            leader(1, 2, 1),
            applied(1, 16, 2, 0xa),
            leader(2, 3, 16),
            applied(2, 32, 3, 0xb),
            leader(1, 5, 40),
        ];
        assert_eq!(judged(&whole), Verdict::Holds { examined: 2 });
        assert_eq!(judged(&[leader(1, 2, 0)]), Verdict::Vacuous);
        assert_eq!(judged(&[applied(1, 16, 2, 0xa), leader(1, 3, None)]), Verdict::Vacuous);
    }

    #[test]
    fn accepts_a_leader_whom_a_later_one_overtook() {
        // Index 16 is of term 2, but it was committed by the leader of term 5, or may have been.
        let late = [leader(1, 5, 16), applied(1, 16, 2, 0xa), leader(2, 4, 8), leader(2, 5, 8)];
        assert_eq!(judged(&late), Verdict::Vacuous);
        assert_eq!(judged(&[applied(1, 16, 5, 0xa), leader(2, 4, 8)]), Verdict::Vacuous);
    }

    #[test]
    fn rejects_a_leader_that_lacks_what_was_committed() {
        assert!(is_rejected(&[leader(1, 2, 1), applied(1, 16, 2, 0xa), leader(2, 3, 15)]));
        // By an earlier leader than the last, and by whoever applied it.
        let old = [
            leader(1, 2, 1),
            applied(3, 32, 2, 0xb),
            leader(2, 4, 32),
            applied(2, 16, 2, 0xa),
            leader(3, 5, 31),
        ];
        assert!(is_rejected(&old));
        assert!(is_rejected(&[leader(1, 2, 1), applied(1, 16, 2, 0xa), leader(3, 4, None), leader(2, 3, 8)]));
    }
}
