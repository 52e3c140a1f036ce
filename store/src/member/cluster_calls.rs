//! The cluster service: changes of members on their way through the log, one after the other.
//!
//! etcd: `server/etcdserver/server.go`, from `AddMember` to `configure`.

use super::Member;
use super::caller::Caller;
use super::command::RequestId;
use super::membership::{Change, MembershipChange};
use super::read_index::Query;
use crate::api::{ClusterRequest, MaintenanceRequest, MemberInfo, Request};
use crate::error::Error;
use crate::machine::{Call, MemberId, Output, Reply, Time};
use std::collections::VecDeque;

/// Changes that wait for the cluster.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// The first one may be under way.
    queue: VecDeque<Pending>,
    /// Made, and to be answered once the joint configuration it led to is left.
    made: Vec<(Caller, Time)>,
    /// A snapshot is to be taken as soon as what is being applied is.
    pub snapshot_due: bool,
}

#[derive(Debug)]
struct Pending {
    caller: Caller,
    change: MembershipChange,
    deadline: Time,
    /// Proposed, and not to be proposed again before.
    again_at: Option<Time>,
}

fn quorum(voters: usize) -> usize {
    voters / 2 + 1
}

impl Changes {
    pub fn forget(&mut self, gone: &impl Fn(&Caller) -> bool) {
        self.queue.retain(|pending| !gone(&pending.caller));
        self.made.retain(|(caller, _)| !gone(caller));
    }

    pub fn take_all(&mut self) -> Vec<Caller> {
        let made = self.made.drain(..).map(|(caller, _)| caller);
        made.chain(self.queue.drain(..).map(|pending| pending.caller)).collect()
    }
}

impl Member {
    /// Whether this member takes the call. A learner, and who is not a member yet, serves only serializable
    /// ranges, status and snapshots (`server/etcdserver/api/v3rpc/interceptor.go`, `isRPCSupportedForLearner`).
    pub(super) fn admit_call(&self, call: &Call) -> Result<(), Error> {
        let always = match call {
            Call::Status | Call::Maintenance(MaintenanceRequest::Snapshot) => true,
            Call::Kv(Request::Range(range)) => range.serializable,
            _ => false,
        };
        if always || self.is_voter() { Ok(()) } else { Err(Error::NotSupportedForLearner) }
    }

    pub(super) fn is_voter(&self) -> bool {
        self.core.state.membership.get(self.core.config.id).is_some_and(|member| !member.is_learner)
    }

    pub(super) fn cluster_call(
        &mut self,
        caller: Caller,
        request: ClusterRequest,
        out: &mut Vec<Output>,
    ) -> Result<(), Error> {
        let deadline = self.core.now + self.core.config.request_timeout();
        let change = match request {
            ClusterRequest::List(list) => {
                if list.linearizable {
                    self.read_linearizably(caller, Query::Members, None);
                } else {
                    self.answer_read(caller, &Query::Members, None, out);
                }
                return Ok(());
            }
            ClusterRequest::Add(add) => {
                Change::Add(MemberInfo { id: add.id, name: add.name, is_learner: add.is_learner })
            }
            ClusterRequest::Promote(promote) => Change::Promote(promote.id),
            ClusterRequest::Remove(remove) => Change::Remove(remove.id),
            ClusterRequest::Update(update) => Change::Update(update.id, update.name),
        };
        if self.is_leader() {
            self.admit_change(&change)?;
        }
        let change = MembershipChange { id: self.next_id(), change };
        self.changes.queue.push_back(Pending { caller, change, deadline, again_at: None });
        Ok(())
    }

    /// Whether the leader takes a change now: it must not cost the cluster its quorum (etcd's strict
    /// reconfiguration check), and a learner gets a vote only once it has most of the log. What the members
    /// alone decide is decided when it is applied.
    pub(super) fn admit_change(&self, change: &Change) -> Result<(), Error> {
        debug_assert!(self.is_leader());
        let membership = &self.core.state.membership;
        let voters: Vec<MemberId> = membership.voters().collect();
        let active = voters.iter().filter(|&&id| self.is_active(id)).count();
        match change {
            Change::Add(_) if voters.len() > 1 && active < quorum(voters.len() + 1) => Err(Error::Unhealthy),
            Change::Promote(id) => {
                let progress = |id| self.core.raft.raft.prs().get(id).map(|progress| progress.matched);
                let matched = progress(*id).ok_or(Error::MemberNotFound)?;
                let leaders = progress(self.core.config.id).unwrap_or_default();
                if matched * 10 < leaders * 9 { Err(Error::LearnerNotReady) } else { Ok(()) }
            }
            Change::Remove(id) if voters.contains(id) && self.is_active(*id) => {
                let enough = active > quorum(voters.len() - 1);
                if enough || voters.len() == 1 { Ok(()) } else { Err(Error::Unhealthy) }
            }
            _ => Ok(()),
        }
    }

    /// Whether a member was heard from within an election timeout.
    fn is_active(&self, id: MemberId) -> bool {
        let recently = |heard: &Time| self.core.now - *heard < self.core.config.election_timeout();
        id == self.core.config.id || self.heard.get(&id).is_some_and(recently)
    }

    /// Proposes the next change, if it can be: one at a time, and none while the voters are being changed.
    /// One that was proposed and not seen again is proposed again, under the same id: it is applied once.
    pub(super) fn propose_changes(&mut self, out: &mut Vec<Output>) {
        if self.is_joint() {
            return;
        }
        for (caller, _) in std::mem::take(&mut self.changes.made) {
            let members = self.core.state.membership.response();
            self.reply(caller, Ok(Reply::Cluster(members)), out);
        }
        let taken = self.can_propose_change();
        let Some(pending) = self.changes.queue.front_mut() else { return };
        let waits = pending.again_at.is_some_and(|at| self.core.now < at);
        if waits || !taken {
            return;
        }
        let change = pending.change.encode(&self.core.state.membership);
        if self.core.raft.propose_conf_change(Vec::new(), change).is_ok() {
            pending.again_at = Some(self.core.now + self.core.config.election_timeout());
        }
    }

    /// Whether Raft would take a change of members, as far as this member can tell.
    pub(super) fn can_propose_change(&self) -> bool {
        let raft = &self.core.raft.raft;
        raft.leader_id != raft::INVALID_ID
            && raft.lead_transferee.is_none()
            && !self.is_joint()
            && !(self.is_leader() && raft.has_pending_conf())
    }

    /// A change was applied. Its caller is answered now if it was refused, otherwise once the next one could
    /// be made (etcd: `raftAdvanceC` in `configure`).
    pub(super) fn change_applied(&mut self, id: RequestId, result: Result<(), Error>, out: &mut Vec<Output>) {
        let Some(at) = self.changes.queue.iter().position(|pending| pending.change.id == id) else { return };
        let Some(pending) = self.changes.queue.remove(at) else { return };
        match result {
            Ok(()) => self.changes.made.push((pending.caller, pending.deadline)),
            Err(error) => self.reply(pending.caller, Err(error), out),
        }
    }

    pub(super) fn expire_changes(&mut self, out: &mut Vec<Output>) {
        let now = self.core.now;
        let expired: Vec<Caller> = self
            .changes
            .made
            .extract_if(.., |(_, deadline)| now >= *deadline)
            .map(|(caller, _)| caller)
            .collect();
        for caller in expired {
            self.reply(caller, Err(Error::Timeout), out);
        }
        while self.changes.queue.front().is_some_and(|pending| now >= pending.deadline) {
            let Some(pending) = self.changes.queue.pop_front() else { return };
            let error = if pending.again_at.is_some() { Error::Timeout } else { Error::NoLeader };
            self.reply(pending.caller, Err(error), out);
        }
    }
}
