//! Promotions of learners that had not caught up.

use super::{Configuration, Configurations};
use crate::evidence::{Evidence, Exhibit};
use crate::history::{AdminRequest, History, MemberId, Observation};

/// The part of the leader's log that a learner needs, in tenths (etcd: `readyPercentThreshold`).
const READY_TENTHS: u64 = 9;

/// The first promotion of a learner whose log certainly lacked more than it may.
///
/// The leader compares the logs when it proposes the promotion: after that was asked for. By then its log held at least
/// what it had held at an earlier moment and what had been committed by then; and the learner's no more than when the
/// promotion was first applied.
pub(super) fn hasty(history: &History, configurations: &Configurations) -> Option<Evidence> {
    configurations.learners().into_iter().find_map(|id| {
        let (_, promoted) = configurations.promotion(id)?;
        let learners = log_of(history, promoted, id)?;
        let added = configurations.changes.iter().find(|change| change.roles.contains_key(&id))?;
        let asked_ns = first_asked(history, id).unwrap_or(added.at_ns).max(added.at_ns);
        let earlier = configurations.changes.iter().filter(|change| change.index < promoted.index);
        let mut before = earlier.filter(|change| change.at_ns <= asked_ns);
        let before = before.next_back()?;
        let leaders = leaders(history, before.at_ns, promoted.at_ns);
        let least = leaders.iter().map(|leader| log_of(history, before, *leader).unwrap_or(0)).min()?;
        let least = least.min(before.index);
        if learners * 10 >= least * READY_TENTHS {
            return None;
        }
        let message =
            format!("{id} got a vote with a log up to index {learners}, and its leader had {least} entries");
        let shown = [promoted.observation, before.observation];
        let exhibits = shown.map(|at| Exhibit::observation(history, at)).to_vec();
        Some(Evidence::new("promoted-early", message, exhibits))
    })
}

/// The end of a member's log when a change was first applied, where that is known.
fn log_of(history: &History, change: &Configuration, id: MemberId) -> Option<u64> {
    let Observation::Members { members, .. } = &history.observations[change.observation] else { return None };
    members.iter().find(|member| member.id == id)?.last_index
}

/// The time of the first request to promote a member.
fn first_asked(history: &History, promoted: MemberId) -> Option<u64> {
    let asked = history
        .admin_calls
        .iter()
        .filter(|call| matches!(call.request, AdminRequest::MemberPromote { id } if id == promoted));
    asked.map(|call| call.invoke_ns).min()
}

/// The members that can have led with a quorum at some time between two.
fn leaders(history: &History, from_ns: u64, until_ns: u64) -> Vec<MemberId> {
    let mut last = None;
    let mut leaders = Vec::new();
    for observation in &history.observations {
        let Observation::Leader { at_ns, member, term, .. } = observation else { continue };
        if *at_ns > until_ns {
            continue;
        }
        if *at_ns <= from_ns {
            last = last.max(Some((*term, *member)));
        } else {
            leaders.push(*member);
        }
    }
    leaders.extend(last.map(|(_, member)| member));
    leaders
}
