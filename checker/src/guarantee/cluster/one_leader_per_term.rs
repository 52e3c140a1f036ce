//! `one-leader-per-term`: never two leaders in one term, and what requires a leader is refused by a member that knows none.
//!
//! Raft's Election Safety (Ongaro and Ousterhout 2014, figure 3). A member that forgets its term and
//! vote in a crash breaks it.

use super::leaderless;
use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::{Case, Guarantee};
use crate::history::Observation;
use crate::verdict::Verdict;
use std::collections::BTreeMap;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "one-leader-per-term",
    about: "never two leaders in one term, and what requires a leader is refused without one",
    check,
};

/// Examines every member that became leader, and every state that a member told to who requires a leader.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let history = case.history;
    let mut leaders = BTreeMap::new();
    let mut examined = 0;
    for (index, observation) in history.observations.iter().enumerate() {
        let Observation::Leader { member, term, .. } = observation else { continue };
        examined += 1;
        let (first, leader) = *leaders.entry(*term).or_insert((index, *member));
        if leader != *member {
            let message = format!("{leader} and {member} both led term {term}");
            let exhibits = [index, first].map(|at| Exhibit::observation(history, at)).to_vec();
            return Verdict::of(examined, Some(Evidence::new("two-leaders", message, exhibits)));
        }
    }
    let evidence = leaderless::served(history, &mut examined);
    Verdict::of(examined, evidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{History, MemberId};

    fn judged(leaders: &[(u64, u64)]) -> Verdict {
        let observations = leaders
            .iter()
            .enumerate()
            .map(|(at, (member, term))| Observation::Leader {
                at_ns: at as u64,
                member: MemberId(*member),
                term: *term,
                last_index: None,
            })
            .collect();
        check(&Case::new(&History { observations, ..History::default() }))
    }

    #[test]
    fn accepts_one_leader_in_each_term() {
        assert_eq!(judged(&[(1, 2), (2, 3), (1, 5), (1, 5)]), Verdict::Holds { examined: 4 });
        assert_eq!(judged(&[]), Verdict::Vacuous);
    }

    #[test]
    fn rejects_two_leaders_of_one_term() {
        let verdict = judged(&[(1, 2), (1, 3), (2, 3)]);
        let evidence = verdict.evidence().unwrap();
        assert_eq!(evidence.kind, "two-leaders");
        assert_eq!(evidence.exhibits.len(), 2);
        assert!(evidence.to_string().contains("member 1 and member 2 both led term 3"));
    }
}
