//! Role, term and leader of a member, and the report of their changes.

use crate::machine::MemberId;
use crate::member::cx::Cx;
use crate::member::event::{MemberEvent, Role};

/// The role, the term and the leader that were last reported as [`MemberEvent::Role`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Leadership {
    role: Role,
    term: u64,
    /// 0 for none.
    leader: MemberId,
}

impl Leadership {
    /// The role, term and leader of a member that just started in a term.
    pub fn at_start(term: u64) -> Leadership {
        Leadership { role: Role::Follower, term, leader: raft::INVALID_ID }
    }

    /// Reports a change; gives the leader if this member did not follow it before.
    pub fn report_change(&mut self, cx: &mut Cx<'_>) -> Option<MemberId> {
        let raft = &cx.raft.raft;
        let now = Leadership { role: raft.state.into(), term: raft.term, leader: raft.leader_id };
        if now == *self {
            return None;
        }
        let before = std::mem::replace(self, now);
        let Leadership { role, term, leader } = now;
        let last_index = last_index_brought_along(cx);
        cx.report(MemberEvent::Role { role, term, leader, last_index });
        cx.leader().filter(|&leader| leader != before.leader)
    }
}

/// The last index of the log; of a leader, without the entries of its own term.
fn last_index_brought_along(cx: &Cx<'_>) -> u64 {
    let (log, term) = (&cx.raft.raft.raft_log, cx.term());
    let mut index = log.last_index();
    while cx.is_leader() && log.term(index) == Ok(term) {
        index -= 1;
    }
    index
}
