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
    let starts = history.observations.iter().rev().filter_map(|seen| match seen {
        Observation::Started { at_ns, member, .. } => Some((*member, *at_ns)),
        _ => None,
    });
    let first_starts: BTreeMap<MemberId, u64> = starts.collect();
    if first_starts.is_empty() {
        return None;
    }
    let founders = configurations.changes.first().map(voters).unwrap_or_default();
    // One that was a learner before caught up: it runs.
    let learners = configurations.learners();
    let has_started = |id: &MemberId, by_ns| {
        first_starts.get(id).is_some_and(|at_ns| *at_ns <= by_ns)
            || founders.contains(id)
            || learners.contains(id)
    };
    configurations.changes.windows(2).find_map(|pair| {
        let (before, after) = (voters(&pair[0]), voters(&pair[1]));
        let started = after.iter().filter(|id| has_started(id, pair[1].at_ns)).count();
        // The second member of a cluster of one cannot be started before it is added.
        let is_second = after.len() == 2 && started == 1;
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

fn voters(configuration: &Configuration) -> Vec<MemberId> {
    configuration.roles.iter().filter(|(_, is_learner)| !**is_learner).map(|(id, _)| *id).collect()
}
