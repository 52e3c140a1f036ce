//! `membership`: every member agrees on the members at an index, one member changes at a time, no learner gets a vote
//! before it has caught up, and until then it does no more than a learner may.
//!
//! etcd: `server/etcdserver/api/membership/cluster.go`, `isLearnerReady` in `server/etcdserver/server.go`,
//! `isRPCSupportedForLearner` in `server/etcdserver/api/v3rpc/util.go`.

mod answers;
#[cfg(test)]
mod by_hand;
mod learners;
mod promotions;
mod quorums;

use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::{Case, Guarantee};
use crate::history::{AdminRequest, History, MemberId, Observation, SeenMember};
use crate::verdict::Verdict;
use std::collections::BTreeMap;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "membership",
    about: "members agree on who is one, one changes at a time, and a learner gets a vote only once it caught up",
    check,
};

/// Examines every observation of the members, every promotion, what learners did, and every answer about members.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let history = case.history;
    let configurations = Configurations::of(history);
    let is_of_members = |request: &AdminRequest| {
        matches!(
            request,
            AdminRequest::MemberAdd { .. }
                | AdminRequest::MemberPromote { .. }
                | AdminRequest::MemberRemove { .. }
                | AdminRequest::MemberList { .. }
        )
    };
    let answers =
        history.admin_calls.iter().filter(|call| is_of_members(&call.request) && call.response().is_some());
    let examined = configurations.observed + answers.count() as u64;
    let evidence = configurations
        .disagreement(history)
        .or_else(|| configurations.leap(history))
        .or_else(|| quorums::without(history, &configurations))
        .or_else(|| promotions::hasty(history, &configurations))
        .or_else(|| learners::overstepping(case, &configurations))
        .or_else(|| answers::wrong(case));
    Verdict::of(examined, evidence)
}

/// The role of each member.
type Roles = BTreeMap<MemberId, bool>;

/// The members after an entry that changed them.
#[derive(Debug)]
struct Configuration {
    /// The index of the entry.
    index: u64,
    /// The time at which the first member applied it.
    at_ns: u64,
    /// The observation that says so.
    observation: usize,
    /// The members, each with true if it is a learner.
    roles: Roles,
}

/// The members of the cluster over time, as hosts saw members apply entries that changed them.
#[derive(Debug, Default)]
struct Configurations {
    /// In the order of their indexes.
    changes: Vec<Configuration>,
    observed: u64,
}

fn roles(members: &[SeenMember]) -> Roles {
    members.iter().map(|member| (member.id, member.is_learner)).collect()
}

impl Configurations {
    fn of(history: &History) -> Self {
        let mut first: BTreeMap<u64, Configuration> = BTreeMap::new();
        let mut observed = 0;
        for (observation, seen) in history.observations.iter().enumerate() {
            let Observation::Members { at_ns, index, changed, members, .. } = seen else { continue };
            observed += 1;
            let of = || Configuration { index: *index, at_ns: *at_ns, observation, roles: roles(members) };
            if *changed {
                first.entry(*index).or_insert_with(of);
            }
        }
        Configurations { changes: first.into_values().collect(), observed }
    }

    /// The members at an index, where it is known.
    fn at(&self, index: u64) -> Option<&Configuration> {
        let after = self.changes.partition_point(|change| change.index <= index);
        self.changes[..after].last()
    }

    /// The change that gave a member its vote; `None` for one that never was a learner, or still is.
    fn promotion(&self, id: MemberId) -> Option<(&Configuration, &Configuration)> {
        let is_promoted = |pair: &&[Configuration]| {
            pair[0].roles.get(&id) == Some(&true) && pair[1].roles.get(&id) == Some(&false)
        };
        self.changes.windows(2).find(is_promoted).map(|pair| (&pair[0], &pair[1]))
    }

    /// The members that were added as learners.
    fn learners(&self) -> Vec<MemberId> {
        let learners = self.changes.iter().flat_map(|change| &change.roles);
        let mut ids: Vec<MemberId> = learners.filter(|(_, learner)| **learner).map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Two members that know other members at one index.
    fn disagreement(&self, history: &History) -> Option<Evidence> {
        history.observations.iter().enumerate().find_map(|(observation, seen)| {
            let Observation::Members { member, index, members, .. } = seen else { return None };
            let known = self.at(*index).filter(|known| known.roles != roles(members))?;
            let message =
                format!("{member} knows other members at index {index} than who applied {}", known.index);
            let exhibits =
                [observation, known.observation].map(|at| Exhibit::observation(history, at)).to_vec();
            Some(Evidence::new("different-members", message, exhibits))
        })
    }

    /// A change of more than one member, or one that no request can ask for.
    fn leap(&self, history: &History) -> Option<Evidence> {
        self.changes.windows(2).find_map(|pair| {
            let (before, after) = (&pair[0], &pair[1]);
            let ids =
                before.roles.keys().chain(after.roles.keys().filter(|id| !before.roles.contains_key(id)));
            let changed = ids.filter(|id| before.roles.get(id) != after.roles.get(id));
            let changed: Vec<&MemberId> = changed.collect();
            let is_demoted =
                |id: &&&MemberId| before.roles.get(id) == Some(&false) && after.roles.get(id) == Some(&true);
            let (kind, message) = match changed.iter().find(is_demoted) {
                Some(id) => ("demoted", format!("{id} lost its vote, and stays a member")),
                None if changed.len() > 1 => {
                    ("several-changed", format!("{} members changed at index {}", changed.len(), after.index))
                }
                None => return None,
            };
            let shown = [after.observation, before.observation];
            let exhibits = shown.map(|at| Exhibit::observation(history, at)).to_vec();
            Some(Evidence::new(kind, message, exhibits))
        })
    }
}
