//! Writes: commands on their way through the log, and the callers that wait for them.
//!
//! etcd: `server/etcdserver/v3_server.go`, `processInternalRaftRequestOnce`.

use crate::api::admit;
use crate::auth::Actor;
use crate::error::Error;
use crate::machine::Time;
use crate::mark::{Mark, reach};
use crate::member::caller::Caller;
use crate::member::cx::Cx;
use crate::member::state::command::{Action, RequestId};
use crate::member::v3_server::quota::Quota;
use std::collections::{BTreeMap, VecDeque};

/// The writes of this member that are not applied yet. See the [module](self).
#[derive(Debug, Default)]
pub(in crate::member) struct Writes {
    pub quota: Quota,
    /// Handed to Raft. Each may be applied, now or later, or may be lost.
    proposed: BTreeMap<RequestId, Proposal>,
    /// Not handed to Raft yet, for want of a leader that takes them.
    unproposed: VecDeque<Unproposed>,
}

/// The caller of a write, and how long it waits.
#[derive(Debug)]
struct Proposal {
    caller: Caller,
    deadline: Time,
}

/// A command that was not proposed yet.
#[derive(Debug)]
struct Unproposed {
    id: RequestId,
    /// The command, encoded.
    data: Vec<u8>,
    proposal: Proposal,
}

impl Writes {
    /// Proposes a command; its caller is answered when it is applied.
    pub fn write(
        &mut self,
        cx: &mut Cx<'_>,
        caller: Caller,
        actor: Actor,
        action: Action,
    ) -> Result<(), Error> {
        self.write_until(cx, caller, actor, action, cx.request_deadline())
    }

    /// As [`Writes::write`], with a deadline of its own.
    pub fn write_until(
        &mut self,
        cx: &mut Cx<'_>,
        caller: Caller,
        actor: Actor,
        action: Action,
        deadline: Time,
    ) -> Result<(), Error> {
        let id = cx.next_id();
        self.write_as(cx, id, caller, actor, action, deadline)
    }

    /// As [`Writes::write_until`], under an id of its own.
    pub fn write_as(
        &mut self,
        cx: &mut Cx<'_>,
        id: RequestId,
        caller: Caller,
        actor: Actor,
        action: Action,
        deadline: Time,
    ) -> Result<(), Error> {
        let apply_gap = cx.config.tuning.apply_gap_entries;
        admit(0, cx.committed(), cx.state.index, apply_gap)?;
        self.quota.check(cx, &action)?;
        let data = action.of(id, actor).encode();
        admit(data.len(), 0, 0, apply_gap)?;
        self.unproposed.push_back(Unproposed { id, data, proposal: Proposal { caller, deadline } });
        self.propose(cx);
        Ok(())
    }

    /// Proposes the commands that wait for a leader, if there is one that takes them.
    pub fn propose(&mut self, cx: &mut Cx<'_>) {
        if cx.leader().is_none() || cx.is_transferring() {
            return;
        }
        while let Some(write) = self.unproposed.pop_front() {
            // Dropped here means that it went nowhere.
            if cx.raft.propose(Vec::new(), write.data.clone()).is_err() {
                self.unproposed.push_front(write);
                return;
            }
            self.proposed.insert(write.id, write.proposal);
        }
    }

    /// Takes the caller of a command that was applied, if it is one of this member's and still waits.
    pub fn applied(&mut self, id: RequestId) -> Option<Caller> {
        self.proposed.remove(&id).map(|proposal| proposal.caller)
    }

    /// Returns true if a caller waits for this command.
    pub fn is_waiting(&self, id: RequestId) -> bool {
        self.proposed.contains_key(&id) || self.unproposed.iter().any(|write| write.id == id)
    }

    /// Answers the callers that waited too long. A command that never left this member was not applied; of one that
    /// was proposed that is not known.
    pub fn expire(&mut self, cx: &mut Cx<'_>) {
        let now = cx.now;
        let mut kept_back = Vec::new();
        self.unproposed.retain(|write| {
            let waits = now < write.proposal.deadline;
            if !waits {
                kept_back.push(write.proposal.caller);
            }
            waits
        });
        cx.fail(kept_back, &Error::NoLeader);
        let lost = self.proposed.extract_if(.., |_, proposal| now >= proposal.deadline);
        cx.fail(
            lost.map(|(_, proposal)| proposal.caller).inspect(|_| reach(Mark::ProposalTimedOut)),
            &Error::Timeout,
        );
    }

    /// Withdraws the write of a caller; false if it left this member, or there is none.
    pub fn withdraw(&mut self, caller: Caller) -> bool {
        let before = self.unproposed.len();
        self.unproposed.retain(|write| write.proposal.caller != caller);
        self.unproposed.len() < before
    }

    /// Forgets callers that went away. Commands that were proposed go on; those that were not are withdrawn.
    pub fn forget(&mut self, gone: impl Fn(&Caller) -> bool) {
        self.proposed.retain(|_, proposal| !gone(&proposal.caller));
        self.unproposed.retain(|write| !gone(&write.proposal.caller));
    }

    /// Takes all callers.
    pub fn take_callers(&mut self) -> impl Iterator<Item = Caller> {
        let proposed = std::mem::take(&mut self.proposed).into_values();
        let unproposed = std::mem::take(&mut self.unproposed).into_iter().map(|write| write.proposal);
        proposed.chain(unproposed).map(|proposal| proposal.caller)
    }
}
