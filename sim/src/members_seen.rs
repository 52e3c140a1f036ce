//! The members of a world as their hosts last heard of them.

use revline_checker::history::{MemberId as JudgedMember, SeenMember};
use revline_store::api::MemberInfo;
use revline_store::machine::MemberId;
use revline_store::member::Role;
use std::collections::BTreeMap;

/// The members that were ever there.
#[derive(Debug, Default)]
pub(crate) struct MembersSeen {
    seen: BTreeMap<MemberId, Seen>,
}

/// A member, by its own last word.
#[derive(Debug)]
struct Seen {
    role: Role,
    term: u64,
    revision: i64,
    /// The last index of its log that is durable.
    persisted: u64,
    /// Left the cluster, or never was a member of this cluster.
    gone: bool,
    /// Never was a member of this cluster.
    apart: bool,
}

impl MembersSeen {
    /// Adds a member that was never started. `apart`: it is one of another cluster.
    pub fn add(&mut self, id: MemberId, apart: bool) {
        self.seen.insert(
            id,
            Seen { role: Role::Follower, term: 0, revision: 0, persisted: 0, gone: apart, apart },
        );
    }

    fn get(&mut self, id: MemberId) -> &mut Seen {
        self.seen.get_mut(&id).expect("a member of this world")
    }

    /// The ids of the members of the cluster.
    pub fn present(&self) -> Vec<MemberId> {
        self.seen.iter().filter(|(_, seen)| !seen.gone).map(|(&id, _)| id).collect()
    }

    /// True if a member left the cluster, or belongs to another one.
    pub fn is_gone(&self, id: MemberId) -> bool {
        self.seen.get(&id).is_some_and(|seen| seen.gone)
    }

    /// True if a member belongs to another cluster.
    pub fn is_apart(&self, id: MemberId) -> bool {
        self.seen.get(&id).is_some_and(|seen| seen.apart)
    }

    /// True if any member is gone.
    pub fn any_gone(&self) -> bool {
        self.seen.values().any(|seen| seen.gone)
    }

    /// The leader: of the members that believe they lead, that of the highest term.
    pub fn leader(&self) -> Option<MemberId> {
        let leads = |(_, seen): &(&MemberId, &Seen)| !seen.gone && seen.role == Role::Leader;
        self.seen.iter().filter(leads).max_by_key(|(_, seen)| seen.term).map(|(&id, _)| id)
    }

    /// The number of members that believe to be in this role.
    pub fn with_role(&self, role: Role) -> usize {
        self.seen.values().filter(|seen| seen.role == role).count()
    }

    /// The revision up to which a member applied.
    pub fn revision(&self, id: MemberId) -> Option<i64> {
        self.seen.get(&id).map(|seen| seen.revision)
    }

    /// A member left the cluster.
    pub fn forget(&mut self, id: MemberId) {
        if let Some(seen) = self.seen.get_mut(&id) {
            seen.gone = true;
        }
    }

    /// A member started in this term.
    pub fn started(&mut self, id: MemberId, term: u64) {
        self.get(id).term = term;
    }

    /// The process of a member ended.
    pub fn stopped(&mut self, id: MemberId) {
        self.get(id).role = Role::Follower;
    }

    /// A member changed its role or its term; whether it became the leader of a term.
    pub fn role_changed(&mut self, id: MemberId, role: Role, term: u64) -> bool {
        let seen = self.get(id);
        let became_leader = role == Role::Leader && (seen.role != Role::Leader || seen.term != term);
        (seen.role, seen.term) = (role, term);
        became_leader
    }

    /// The log of a member is durable up to this index.
    pub fn persisted(&mut self, id: MemberId, last_index: u64) {
        self.get(id).persisted = last_index;
    }

    /// A member as another one has it. The log of one that was never started is empty.
    pub fn as_judged(&self, member: &MemberInfo) -> SeenMember {
        let last_index = self.seen.get(&member.id).map_or(0, |seen| seen.persisted);
        let id = JudgedMember(member.id);
        SeenMember { id, is_learner: member.is_learner, last_index: Some(last_index) }
    }

    /// A member applied up to this revision.
    pub fn applied(&mut self, id: MemberId, revision: i64) {
        self.get(id).revision = revision;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_leader_is_the_believer_of_the_highest_term_that_is_still_a_member() {
        let mut members = MembersSeen::default();
        (1..=3).for_each(|id| members.add(id, false));
        assert_eq!(members.leader(), None);
        assert!(members.role_changed(1, Role::Leader, 2));
        assert!(!members.role_changed(1, Role::Leader, 2), "it leads that term already");
        assert!(members.role_changed(2, Role::Leader, 3));
        assert_eq!((members.leader(), members.with_role(Role::Leader)), (Some(2), 2));
        members.forget(2);
        assert_eq!((members.leader(), members.present()), (Some(1), vec![1, 3]));
        members.stopped(1);
        assert_eq!(members.leader(), None);
    }
}
