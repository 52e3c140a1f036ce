//! Changes of members on their way through the log, one after the other.
//!
//! etcd: `server/etcdserver/server.go`, from `AddMember` to `configure`.

use crate::defect::altered;
use crate::error::Error;
use crate::frame::Reply;
use crate::machine::{MemberId, Time};
use crate::mark::{Mark, reach_if};
use crate::member::caller::Caller;
use crate::member::cx::Cx;
use crate::member::membership::{Change, MembershipChange};
use crate::member::peers::Peers;
use crate::member::state::command::RequestId;
use std::collections::VecDeque;

/// The changes of members that wait for the cluster.
#[derive(Debug, Default)]
pub(in crate::member) struct MembershipChanges {
    /// The first one may be under way.
    queue: VecDeque<Pending>,
    /// Made, and to be answered once the joint configuration they led to is left.
    made: Vec<Made>,
}

#[derive(Debug)]
struct Pending {
    caller: Caller,
    change: MembershipChange,
    deadline: Time,
    /// Proposed, and not to be proposed again before.
    again_at: Option<Time>,
}

#[derive(Debug)]
struct Made {
    caller: Caller,
    deadline: Time,
}

fn quorum(voters: usize) -> usize {
    voters / 2 + 1
}

impl MembershipChanges {
    /// Queues a change. The leader refuses at once a change that it would not propose.
    pub fn push(
        &mut self,
        cx: &mut Cx<'_>,
        peers: &Peers,
        caller: Caller,
        change: Change,
    ) -> Result<(), Error> {
        if cx.is_leader() {
            admit(cx, peers, &change)?;
        }
        let change = MembershipChange { id: cx.next_id(), change };
        self.queue.push_back(Pending { caller, change, deadline: cx.request_deadline(), again_at: None });
        Ok(())
    }

    /// Proposes the next change, if it can be: one at a time, and none while the voters are being changed.
    /// One that was proposed and not seen again is proposed again, under the same id: it is applied once.
    ///
    /// A member that leads by now may not have when it took the change: it proposes none that a leader would not take.
    pub fn propose(&mut self, cx: &mut Cx<'_>, peers: &Peers) {
        if cx.is_joint() {
            reach_if(!self.queue.is_empty(), Mark::ChangeWaitsForAnother);
            return;
        }
        for made in std::mem::take(&mut self.made) {
            let members = cx.state.membership.response();
            cx.reply(made.caller, Ok(Reply::Cluster(members)));
        }
        let taken = can_propose(cx);
        let Some(pending) = self.queue.front_mut() else { return };
        let waits = pending.again_at.is_some_and(|at| cx.now < at);
        if waits || !taken {
            return;
        }
        if cx.is_leader()
            && let Err(error) = admit(cx, peers, &pending.change.change)
        {
            // One that was proposed before may still be made, and more members may soon be heard of: these wait.
            if pending.again_at.is_none() && error != Error::Unhealthy {
                let caller = pending.caller;
                self.queue.pop_front();
                cx.reply(caller, Err(error));
            }
            return;
        }
        let change = pending.change.encode(&cx.state.membership);
        if cx.raft.propose_conf_change(Vec::new(), change).is_ok() {
            pending.again_at = Some(cx.now + cx.config.election_timeout());
        }
    }

    /// Notes that a change was applied. Its caller is answered now if it was refused, otherwise once the next one
    /// could be made (etcd: `raftAdvanceC` in `configure`).
    pub fn applied(&mut self, cx: &mut Cx<'_>, id: RequestId, result: Result<(), Error>) {
        let Some(at) = self.queue.iter().position(|pending| pending.change.id == id) else { return };
        let Some(Pending { caller, deadline, .. }) = self.queue.remove(at) else { return };
        match result {
            Ok(()) => self.made.push(Made { caller, deadline }),
            Err(error) => cx.reply(caller, Err(error)),
        }
    }

    /// Answers the callers that waited too long.
    pub fn expire(&mut self, cx: &mut Cx<'_>) {
        let now = cx.now;
        let expired = self.made.extract_if(.., |made| now >= made.deadline);
        cx.fail(expired.map(|made| made.caller), &Error::Timeout);
        while self.queue.front().is_some_and(|pending| now >= pending.deadline) {
            let Some(pending) = self.queue.pop_front() else { return };
            let error = if pending.again_at.is_some() { Error::Timeout } else { Error::NoLeader };
            cx.reply(pending.caller, Err(error));
        }
    }

    /// Forgets callers that went away.
    pub fn forget(&mut self, gone: impl Fn(&Caller) -> bool) {
        self.queue.retain(|pending| !gone(&pending.caller));
        self.made.retain(|made| !gone(&made.caller));
    }

    /// Takes all callers.
    pub fn take_callers(&mut self) -> impl Iterator<Item = Caller> {
        let made = self.made.drain(..).map(|made| made.caller);
        made.chain(self.queue.drain(..).map(|pending| pending.caller))
    }
}

/// Checks that the leader takes a change that a follower forwards, now: it waits for its turn otherwise, and the
/// follower proposes it again until it times out.
pub(in crate::member) fn takes_forwarded(cx: &Cx<'_>, peers: &Peers, change: &Change) -> bool {
    can_propose(cx) && admit(cx, peers, change).is_ok()
}

/// Checks that the leader takes a change now: it must not cost the cluster its quorum (etcd's strict
/// reconfiguration check), and a learner gets a vote only once it has most of the log. Rules that depend on the
/// members alone are checked when it is applied.
fn admit(cx: &Cx<'_>, peers: &Peers, change: &Change) -> Result<(), Error> {
    debug_assert!(cx.is_leader());
    let voters: Vec<MemberId> = cx.state.membership.voters().collect();
    let active = voters.iter().filter(|&&id| peers.is_active(cx, id)).count();
    match change {
        Change::Add(_) if voters.len() > 1 && active < quorum(voters.len() + 1) => Err(Error::Unhealthy),
        Change::Promote(id) => {
            let progress = |id| cx.raft.raft.prs().get(id).map(|progress| progress.matched);
            let matched = progress(*id).ok_or(Error::MemberNotFound)?;
            let leaders = progress(cx.config.id).unwrap_or_default();
            let early = altered!(cx.config.defects, learner_promoted_early);
            let behind = matched * 10 < leaders * 9 && !early;
            reach_if(behind, Mark::LearnerNotReady);
            if behind { Err(Error::LearnerNotReady) } else { Ok(()) }
        }
        Change::Remove(id) if voters.contains(id) && peers.is_active(cx, *id) => {
            let enough = active > quorum(voters.len() - 1);
            if enough || voters.len() == 1 { Ok(()) } else { Err(Error::Unhealthy) }
        }
        _ => Ok(()),
    }
}

/// Returns true if Raft would take a change of members, as far as this member can tell.
fn can_propose(cx: &Cx<'_>) -> bool {
    let leads_with_pending = cx.is_leader() && cx.raft.raft.has_pending_conf();
    cx.leader().is_some() && !cx.is_transferring() && !cx.is_joint() && !leads_with_pending
}
