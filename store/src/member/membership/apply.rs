//! Applying a change of members to the members and to Raft's configuration.

use crate::error::Error;
use crate::machine::MemberId;
use crate::member::cx::Cx;
use crate::member::membership::changes::MembershipChanges;
use crate::member::membership::{Change, MembershipChange};
use raft::eraftpb::{ConfChangeV2, Entry};

/// The outcome of an entry that changes members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::member) enum Changed {
    /// A member was added. It joins with a snapshot, which has to tell of it.
    Added,
    /// Another change, or none.
    Otherwise,
}

impl MembershipChanges {
    /// Applies an entry that changes members, and answers its caller.
    pub fn apply(&mut self, cx: &mut Cx<'_>, entry: &Entry) -> Changed {
        let (raft_change, change) = MembershipChange::decode(entry);
        let Some(MembershipChange { id, change }) = change else {
            // Two leaders may each have asked for the end of the same joint configuration.
            if cx.is_joint() {
                let outgoing = cx.raft.store().conf_state().voters_outgoing.clone();
                change_configuration(cx, &raft_change, &outgoing).expect("a joint configuration can be left");
            }
            return Changed::Otherwise;
        };
        if !cx.state.requests.first_time(id) {
            return Changed::Otherwise;
        }
        let valid = cx.state.membership.validate(&change);
        let result = valid.and_then(|()| change_configuration(cx, &raft_change, &[change.member()]));
        let mut changed = Changed::Otherwise;
        if result.is_ok() {
            if matches!(change, Change::Add(_)) {
                changed = Changed::Added;
            }
            cx.state.membership.apply(change);
            cx.report_members(true);
        }
        self.applied(cx, id, result);
        changed
    }
}

/// Changes Raft's configuration. Those of `leaving` that are gone afterwards are told before, if this
/// member leads: a leader says nothing to those that are gone.
fn change_configuration(cx: &mut Cx<'_>, change: &ConfChangeV2, leaving: &[MemberId]) -> Result<(), Error> {
    if cx.is_leader() {
        for &id in leaving {
            if id != cx.config.id && cx.raft.raft.prs().get(id).is_some() {
                cx.raft.raft.send_append(id);
            }
        }
    }
    let conf_state = cx.raft.apply_conf_change(change).map_err(|_| Error::Unhealthy)?;
    cx.raft.mut_store().set_conf_state(conf_state);
    if cx.is_leader() && cx.is_gone(cx.config.id) {
        hand_over_when_gone(cx);
    }
    Ok(())
}

/// The last thing a leader does that was removed: the others learn that the change is committed, and the
/// one with the longest log leads on without waiting for an election timeout.
fn hand_over_when_gone(cx: &mut Cx<'_>) {
    cx.raft.raft.bcast_append();
    let next = cx
        .state
        .membership
        .voters()
        .filter(|&id| id != cx.config.id)
        .filter_map(|id| cx.raft.raft.prs().get(id).map(|progress| (progress.matched, id)))
        .max();
    if let Some((_, id)) = next {
        cx.raft.raft.send_timeout_now(id);
    }
}
