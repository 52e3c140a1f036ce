//! `applied-agreement`: every member applies the same entry at the same index; and what a member applied does
//! not go back while it lives.
//!
//! Raft's State Machine Safety (Ongaro and Ousterhout 2014, figure 3 and section 5.4.3); `lastApplied` and
//! `commitIndex` increase monotonically (figure 2).
//!
//! A member that starts again may apply again what it had not yet saved: its index may go back, to the same
//! entries. A history tells lives apart by [`Observation::Started`]; where it has none of a member, nothing is
//! said of that member's going back.

use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::{Case, Guarantee};
use crate::history::{History, Observation};
use crate::verdict::Verdict;
use std::collections::BTreeMap;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "applied-agreement",
    about: "every member applies the same entry at the same index, and none goes back within one life",
    check,
};

/// Examines every entry that was applied more than once, by several members or after a restart, and every entry
/// that a member applied after another in one life.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let mut examined = 0;
    let different = compare_entries(case.history, &mut examined);
    let evidence = different.or_else(|| compare_lives(case.history, &mut examined));
    Verdict::of(examined, evidence)
}

fn compare_entries(history: &History, examined: &mut u64) -> Option<Evidence> {
    let mut entries = BTreeMap::new();
    for (at, observation) in history.observations.iter().enumerate() {
        let Observation::Applied { member, index, term, digest, .. } = observation else { continue };
        let Some((first, other, expected)) = entries.get(index).copied() else {
            entries.insert(*index, (at, *member, (*term, *digest)));
            continue;
        };
        *examined += 1;
        if expected != (*term, *digest) {
            let message = format!("{other} and {member} did not apply the same entries up to index {index}");
            let exhibits = [at, first].map(|at| Exhibit::observation(history, at)).to_vec();
            return Some(Evidence::new("different-entry", message, exhibits));
        }
    }
    None
}

/// Compares the indexes that each member reached in one life.
fn compare_lives(history: &History, examined: &mut u64) -> Option<Evidence> {
    // What each member of which a start is known applied last in its present life.
    let mut lives = BTreeMap::new();
    for (at, observation) in history.observations.iter().enumerate() {
        match observation {
            Observation::Started { member, .. } => drop(lives.insert(*member, None)),
            Observation::Applied { member, index, .. } => {
                let Some(life) = lives.get_mut(member) else { continue };
                if let Some((before, reached)) = life.replace((at, *index)) {
                    *examined += 1;
                    if *index <= reached {
                        let message = format!("{member} applied index {reached}, and then index {index}");
                        let exhibits = [at, before].map(|at| Exhibit::observation(history, at)).to_vec();
                        return Some(Evidence::new("went-back", message, exhibits));
                    }
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guarantee::by_hand;
    use crate::history::build::{applied, started};

    fn judged(observations: &[Observation]) -> Verdict {
        by_hand::judged_observations(check, observations)
    }

    fn kind(observations: &[Observation]) -> String {
        by_hand::kind_of_observations(check, observations)
    }

    #[test]
    fn accepts_members_that_apply_the_same() {
        let same =
            [applied(1, 16, 2, 0xa), applied(1, 32, 3, 0xb), applied(2, 32, 3, 0xb), applied(3, 16, 2, 0xa)];
        assert_eq!(judged(&same), Verdict::Holds { examined: 2 });
        assert_eq!(judged(&[applied(1, 16, 2, 0xa), applied(2, 32, 2, 0xb)]), Verdict::Vacuous);
        assert_eq!(judged(&[started(1)]), Verdict::Vacuous);
    }

    #[test]
    fn accepts_a_member_that_applies_again_in_another_life() {
        let lives = [
            started(1),
            applied(1, 16, 2, 0xa),
            applied(1, 32, 2, 0xb),
            started(1),
            applied(1, 16, 2, 0xa),
            applied(1, 48, 2, 0xc),
        ];
        assert_eq!(judged(&lives), Verdict::Holds { examined: 3 });
        // When this one started is not known.
        assert!(judged(&[started(2), applied(1, 16, 2, 0xa), applied(1, 16, 2, 0xa)]).holds());
    }

    #[test]
    fn rejects_another_entry_at_the_same_index() {
        assert_eq!(kind(&[applied(1, 16, 2, 0xa), applied(2, 16, 2, 0xb)]), "different-entry");
        assert_eq!(kind(&[applied(1, 16, 2, 0xa), applied(2, 16, 3, 0xa)]), "different-entry");
        let replayed = [started(1), applied(1, 16, 2, 0xa), started(1), applied(1, 16, 2, 0xb)];
        assert_eq!(kind(&replayed), "different-entry");
    }

    #[test]
    fn rejects_a_member_that_goes_back_in_one_life() {
        let back = [started(1), applied(1, 32, 2, 0xb), applied(1, 16, 2, 0xa)];
        assert_eq!(kind(&back), "went-back");
        assert_eq!(kind(&[started(1), applied(1, 32, 2, 0xb), applied(1, 32, 2, 0xb)]), "went-back");
        let others = [started(1), applied(1, 32, 2, 0xb), started(2), applied(1, 16, 2, 0xa)];
        assert_eq!(kind(&others), "went-back");
    }
}
