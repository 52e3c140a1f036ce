//! The loss of a quorum for ever: more than half of the members refuse to start from what is left of their disks.
//!
//! No protocol survives that. Nothing is to be served from then on: neither a write nor a linearizable read has anybody to
//! confirm it. (etcd: a new cluster has to be made of a snapshot, `etcdctl snapshot restore`.)

use crate::evidence::{Evidence, Exhibit};
use crate::history::{History, MemberId, Observation};
use std::collections::BTreeSet;

/// A quorum that is gone: the observation of the refusal with which it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct QuorumLost {
    refusal: usize,
}

impl QuorumLost {
    /// The loss of the quorum of a cluster whose members are those that started before there was a leader. If anything
    /// is told of another one, it is not known who has a vote.
    pub(super) fn of(history: &History) -> Option<QuorumLost> {
        let observations = &history.observations;
        let is_leader = |seen: &Observation| matches!(seen, Observation::Leader { .. });
        // Without one, nobody was added.
        let first_leader = observations.iter().position(is_leader).unwrap_or(observations.len());
        let mut founders: BTreeSet<MemberId> = BTreeSet::new();
        let mut down: BTreeSet<MemberId> = BTreeSet::new();
        let mut lost = None;
        for (at, observation) in observations.iter().enumerate() {
            match observation {
                Observation::Started { member, .. } if at < first_leader => drop(founders.insert(*member)),
                Observation::Started { member, .. }
                | Observation::Refused { member, .. }
                | Observation::Leader { member, .. }
                | Observation::Applied { member, .. }
                | Observation::Hash { member, .. }
                | Observation::Settled { member, .. }
                    if !founders.contains(member) =>
                {
                    return None;
                }
                Observation::Started { member, .. } => drop(down.remove(member)),
                Observation::Refused { member, .. } => drop(down.insert(*member)),
                _ => continue,
            }
            if 2 * down.len() <= founders.len() {
                lost = None;
            } else if lost.is_none() {
                lost = Some(QuorumLost { refusal: at });
            }
        }
        lost
    }

    /// The evidence of an operation that was served although nobody could confirm it.
    pub(super) fn served_without(self, history: &History) -> Option<Evidence> {
        let lost_ns = history.observations[self.refusal].at_ns();
        let served = history.operations.iter().position(|operation| {
            let needs_quorum = operation.request.is_linearizable_read() || operation.request.may_write();
            needs_quorum && operation.invoke_ns > lost_ns && operation.response().is_some()
        })?;
        let message =
            "an operation was served though more than half of the members refuse to start".to_owned();
        let exhibits = vec![Exhibit::observation(history, self.refusal), Exhibit::operation(history, served)];
        Some(Evidence::new("served-without-quorum", message, exhibits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guarantee::Case;
    use crate::history::build::*;
    use crate::verdict::Verdict;

    /// Three members with a leader, of which these refuse in the end; then a write is asked for, and answered or not.
    fn judged(refuse: &[u64], late: &[u64], is_answered: bool) -> Verdict {
        let mut h = Builder::default();
        (1..=3).for_each(|member| h.observation(started(member)));
        h.observation(Observation::Leader { at_ns: 0, member: MemberId(1), term: 1, last_index: None });
        late.iter().for_each(|&member| h.observation(started(member)));
        for &member in refuse {
            h.observation(damaged(member));
            h.observation(refused_to_start(member));
        }
        h.observation(Observation::Healed { at_ns: 100, bound_ns: 50 });
        let write = match is_answered {
            true => h.ok(0, put("a", "1"), written(2)),
            false => h.unknown(0, put("a", "1")),
        };
        h.during(write, 110, 120);
        h.observation(Observation::Fault {
            at_ns: 500,
            what: "the end".to_owned(),
            name: None,
            victims: Vec::new(),
        });
        super::super::recovers::check(&Case::new(&h.build()))
    }

    fn kind(verdict: &Verdict) -> &str {
        verdict.evidence().unwrap_or_else(|| panic!("{verdict}")).kind.as_str()
    }

    #[test]
    fn nothing_may_be_served_once_a_quorum_is_gone_and_nothing_has_to_be() {
        assert_eq!(judged(&[1, 2], &[], false), Verdict::Holds { examined: 1 });
        assert_eq!(kind(&judged(&[1, 2], &[], true)), "served-without-quorum");
    }

    #[test]
    fn one_of_three_is_no_quorum() {
        assert!(judged(&[1], &[], true).holds());
        assert_eq!(kind(&judged(&[1], &[], false)), "no-write");
        assert_eq!(kind(&judged(&[1, 1], &[], false)), "no-write", "the same one twice");
        assert_eq!(kind(&judged(&[1, 2], &[4], false)), "no-write", "members came and went");
        assert!(judged(&[1, 2], &[4], true).holds());
    }

    #[test]
    fn nothing_is_excused_or_blamed_where_not_every_member_is_told_of() {
        let mut h = Builder::default();
        h.observation(started(4));
        h.observation(Observation::Leader { at_ns: 0, member: MemberId(1), term: 1, last_index: None });
        h.observation(damaged(4));
        h.observation(refused_to_start(4));
        assert_eq!(QuorumLost::of(&h.build()), None);
    }

    #[test]
    fn a_quorum_can_be_lost_before_there_is_a_leader() {
        let mut h = Builder::default();
        (1..=3).for_each(|member| h.observation(started(member)));
        [1, 3].into_iter().for_each(|member| h.observation(refused_to_start(member)));
        assert!(QuorumLost::of(&h.build()).is_some());
    }

    #[test]
    fn a_member_that_starts_again_is_counted_no_more() {
        let mut h = Builder::default();
        (1..=3).for_each(|member| h.observation(started(member)));
        h.observation(Observation::Leader { at_ns: 0, member: MemberId(1), term: 1, last_index: None });
        for member in [1, 2] {
            h.observation(refused_to_start(member));
        }
        assert!(QuorumLost::of(&h.clone().build()).is_some());
        h.observation(started(1));
        assert_eq!(QuorumLost::of(&h.build()), None);
    }
}
