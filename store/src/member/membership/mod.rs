//! The members of the cluster, as every member has applied them.
//!
//! etcd: `server/etcdserver/api/membership/cluster.go`.

pub(super) mod apply;
pub(super) mod changes;

use crate::api::{ClusterResponse, MemberInfo};
use crate::error::Error;
use crate::machine::MemberId;
use crate::member::state::command::RequestId;
use protobuf::Message as _;
use raft::eraftpb::{ConfChangeSingle, ConfChangeTransition, ConfChangeType, ConfChangeV2, Entry};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A cluster has at most so many learners (etcd: `DefaultMaxLearners`).
const MAX_LEARNERS: usize = 1;

/// The members, and the ids of former ones.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Membership {
    members: BTreeMap<MemberId, MemberInfo>,
    /// For ever: no id is used twice.
    removed: BTreeSet<MemberId>,
}

/// The role of a member in the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClusterRole {
    /// Not added yet.
    Stranger,
    /// It gets the log, and has no vote.
    Learner,
    Voter,
    /// Removed, for ever.
    Removed,
}

/// A change of one member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Change {
    Add(MemberInfo),
    Promote(MemberId),
    Remove(MemberId),
    Update(MemberId, String),
}

/// A change as it stands in the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct MembershipChange {
    pub id: RequestId,
    pub change: Change,
}

impl Membership {
    /// The members of a new cluster, all of them voters.
    pub fn of(initial_members: &[MemberId]) -> Membership {
        let voter = |&id: &MemberId| (id, MemberInfo { id, name: format!("m{id}"), is_learner: false });
        Membership { members: initial_members.iter().map(voter).collect(), removed: BTreeSet::new() }
    }

    pub fn response(&self) -> ClusterResponse {
        ClusterResponse { members: self.members.values().cloned().collect(), ..ClusterResponse::default() }
    }

    pub fn get(&self, id: MemberId) -> Option<&MemberInfo> {
        self.members.get(&id)
    }

    pub fn voters(&self) -> impl Iterator<Item = MemberId> {
        self.members.values().filter(|member| !member.is_learner).map(|member| member.id)
    }

    /// The role of a member.
    pub fn role_of(&self, id: MemberId) -> ClusterRole {
        match self.get(id) {
            Some(member) if member.is_learner => ClusterRole::Learner,
            Some(_) => ClusterRole::Voter,
            None if self.removed.contains(&id) => ClusterRole::Removed,
            None => ClusterRole::Stranger,
        }
    }

    /// Checks that the change may be made; every member decides alike (etcd: `ValidateConfigurationChange`).
    pub fn validate(&self, change: &Change) -> Result<(), Error> {
        let id = change.member();
        if id == raft::INVALID_ID || self.role_of(id) == ClusterRole::Removed {
            return Err(Error::MemberNotFound);
        }
        let member = self.get(id);
        match change {
            Change::Add(_) if member.is_some() => Err(Error::MemberExist),
            Change::Add(new) => {
                let learners = self.members.values().filter(|member| member.is_learner).count();
                if new.is_learner && learners >= MAX_LEARNERS {
                    return Err(Error::TooManyLearners);
                }
                Ok(())
            }
            Change::Promote(_) => match member {
                None => Err(Error::MemberNotFound),
                Some(member) if !member.is_learner => Err(Error::MemberNotLearner),
                Some(_) => Ok(()),
            },
            Change::Remove(_) => match member {
                None => Err(Error::MemberNotFound),
                Some(_) if self.voters().eq([id]) => Err(Error::MemberNotEnoughStarted),
                Some(_) => Ok(()),
            },
            Change::Update(..) => member.map(|_| ()).ok_or(Error::MemberNotFound),
        }
    }

    /// Makes a valid change.
    pub fn apply(&mut self, change: Change) {
        debug_assert!(self.validate(&change).is_ok());
        match change {
            Change::Add(new) => {
                self.members.insert(new.id, new);
            }
            Change::Promote(id) => {
                self.members.entry(id).and_modify(|member| member.is_learner = false);
            }
            Change::Remove(id) => {
                self.members.remove(&id);
                self.removed.insert(id);
            }
            Change::Update(id, name) => {
                self.members.entry(id).and_modify(|member| member.name = name);
            }
        }
    }
}

impl Change {
    /// The member that the change adds, promotes, removes or updates.
    pub fn member(&self) -> MemberId {
        match self {
            Change::Add(new) => new.id,
            Change::Promote(id) | Change::Remove(id) | Change::Update(id, _) => *id,
        }
    }

    /// The change in Raft's terms, of a member with this role, and true if the set of voters changes. An update is nothing to Raft: a change of
    /// member 0, as etcd writes it.
    fn to_raft(&self, role: ClusterRole) -> (MemberId, ConfChangeType, bool) {
        match self {
            Change::Add(new) if new.is_learner => (new.id, ConfChangeType::AddLearnerNode, false),
            Change::Add(MemberInfo { id, .. }) | Change::Promote(id) => (*id, ConfChangeType::AddNode, true),
            Change::Remove(id) => (*id, ConfChangeType::RemoveNode, role != ClusterRole::Learner),
            Change::Update(..) => (raft::INVALID_ID, ConfChangeType::AddNode, false),
        }
    }
}

impl MembershipChange {
    /// Encodes it as a proposal. The voters change by joint consensus, which Raft leaves by itself.
    pub fn encode(&self, members: &Membership) -> ConfChangeV2 {
        let role = members.role_of(self.change.member());
        let (node, kind, changes_voters) = self.change.to_raft(role);
        let mut single = ConfChangeSingle { node_id: node, ..ConfChangeSingle::default() };
        single.set_change_type(kind);
        let mut change = ConfChangeV2 { changes: vec![single].into(), ..ConfChangeV2::default() };
        if changes_voters {
            change.set_transition(ConfChangeTransition::Implicit);
        }
        change.context = postcard::to_stdvec(self).expect("a change is always encodable").into();
        change
    }

    /// Decodes an entry of the log: the change for Raft, and the one for the members; `None` is the end of a joint
    /// configuration. Every such entry was made by a member of this version.
    pub fn decode(entry: &Entry) -> (ConfChangeV2, Option<MembershipChange>) {
        Self::read(entry).expect("an entry of the log is a change of members, and says which")
    }

    /// Decodes an entry of any origin; `None` if it is no change of members.
    pub fn read(entry: &Entry) -> Option<(ConfChangeV2, Option<MembershipChange>)> {
        let mut raft = ConfChangeV2::default();
        raft.merge_from_bytes(&entry.data).ok()?;
        let change = if raft.leave_joint() { None } else { Some(postcard::from_bytes(&raft.context).ok()?) };
        Some((raft, change))
    }
}
