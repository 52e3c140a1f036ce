//! Changes that leave no quorum of members that were ever started.
//!
//! etcd: `IsReadyToAddVotingMember` and `IsReadyToRemoveVotingMember` in `server/etcdserver/api/membership/cluster.go`. A member
//! is started once it told its name; that it had a process is seen before.

use super::{Configuration, Configurations};
use crate::evidence::{Evidence, Exhibit};
use crate::history::{History, MemberId, Observation};
use std::collections::BTreeMap;

/// The first change of voters after which fewer than a quorum of them had had a process by the time it was made.
pub(super) fn without(history: &History, configurations: &Configurations) -> Option<Evidence> {
    let first_signs = first_signs(history);
    let is_observed = |seen: &Observation| matches!(seen, Observation::Started { .. });
    // Of members from before the history nothing is known.
    if !history.begins_with_store() || !history.observations.iter().any(is_observed) {
        return None;
    }
    let founders = configurations.changes.first().map(voters).unwrap_or_default();
    // One that was a learner before caught up: it runs.
    let learners = configurations.learners();
    let has_started = |id: &MemberId, by_ns| {
        first_signs.get(id).is_some_and(|at_ns| *at_ns <= by_ns)
            || founders.contains(id)
            || learners.contains(id)
    };
    configurations.changes.windows(2).find_map(|pair| {
        let (before, after) = (voters(&pair[0]), voters(&pair[1]));
        let started = after.iter().filter(|id| has_started(id, pair[1].at_ns)).count();
        // The second member of a cluster of one cannot be started before it is added.
        let is_second = before.len() == 1 && after.len() == 2 && started == 1;
        if before == after || started > after.len() / 2 || is_second {
            return None;
        }
        let message =
            format!("{started} of {} voters had been started when they became the voters", after.len());
        let shown = [pair[1].observation, pair[0].observation];
        let exhibits = shown.map(|at| Exhibit::observation(history, at)).to_vec();
        Some(Evidence::new("no-quorum-started", message, exhibits))
    })
}

/// The first sign that each member has a process: it started, did something that was observed, or answered.
fn first_signs(history: &History) -> BTreeMap<MemberId, u64> {
    let observed = history.observations.iter().filter_map(|seen| match seen {
        Observation::Started { at_ns, member, .. }
        | Observation::Applied { at_ns, member, .. }
        | Observation::Leader { at_ns, member, .. }
        | Observation::Members { at_ns, member, .. }
        | Observation::Hash { at_ns, member, .. }
        | Observation::Settled { at_ns, member, .. } => Some((*member, *at_ns)),
        _ => None,
    });
    let answers = history
        .operations
        .iter()
        .filter_map(|operation| Some((operation.response()?.header().member, operation.return_ns?)));
    let mut first = BTreeMap::new();
    for (member, at_ns) in observed.chain(answers) {
        first.entry(member).and_modify(|first: &mut u64| *first = at_ns.min(*first)).or_insert(at_ns);
    }
    first
}

fn voters(configuration: &Configuration) -> Vec<MemberId> {
    configuration.roles.iter().filter(|(_, is_learner)| !**is_learner).map(|(id, _)| *id).collect()
}
