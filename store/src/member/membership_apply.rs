//! Applying a change of members, and leaving when it is this member that goes.

use super::Member;
use super::event::{MemberEvent, Role};
use super::membership::{Change, MembershipChange};
use crate::error::Error;
use crate::machine::ServerFrame;
use crate::machine::{ClientFrame, Input, MemberId, Output, Time};
use raft::eraftpb::Entry;

impl Member {
    pub(super) fn apply_membership(&mut self, entry: &Entry, out: &mut Vec<Output>) {
        let (raft_change, change) = MembershipChange::decode(entry);
        let Some(MembershipChange { id, change }) = change else {
            // Two leaders may each have asked for the end of the same joint configuration.
            if self.is_joint() {
                let outgoing = self.core.raft.store().conf_state().voters_outgoing.clone();
                self.change_configuration(&raft_change, &outgoing)
                    .expect("a joint configuration can be left");
            }
            return;
        };
        if !self.core.state.requests.first_time(id) {
            return;
        }
        let result = self
            .core
            .state
            .membership
            .validate(&change)
            .and_then(|()| self.change_configuration(&raft_change, &[change.member()]));
        if result.is_ok() {
            // Who joins needs a snapshot that tells of it.
            self.changes.snapshot_due |= matches!(change, Change::Add(_));
            self.core.state.membership.apply(change);
        }
        self.change_applied(id, result, out);
    }

    /// Changes Raft's configuration. Those of `leaving` that are gone afterwards are told before, if this
    /// member leads: a leader says nothing to those who are gone.
    fn change_configuration(
        &mut self,
        change: &raft::eraftpb::ConfChangeV2,
        leaving: &[MemberId],
    ) -> Result<(), Error> {
        if self.is_leader() {
            for &id in leaving {
                if id != self.core.config.id && self.core.raft.raft.prs().get(id).is_some() {
                    self.core.raft.raft.send_append(id);
                }
            }
        }
        let conf_state = self.core.raft.apply_conf_change(change).map_err(|_| Error::Unhealthy)?;
        self.core.raft.mut_store().set_conf_state(conf_state);
        if self.is_leader() && self.is_gone(self.core.config.id) {
            self.hand_over_when_gone();
        }
        Ok(())
    }

    /// The last thing a leader does that was removed: the others learn that the change is committed, and the
    /// one with the longest log leads on without waiting for an election timeout.
    fn hand_over_when_gone(&mut self) {
        self.core.raft.raft.bcast_append();
        let own = self.core.config.id;
        let next = self
            .core
            .state
            .membership
            .voters()
            .filter(|&id| id != own)
            .filter_map(|id| self.core.raft.raft.prs().get(id).map(|progress| (progress.matched, id)))
            .max();
        if let Some((_, id)) = next {
            self.core.raft.raft.send_timeout_now(id);
        }
    }

    /// Whether the set of voters is being changed.
    pub(super) fn is_joint(&self) -> bool {
        !self.core.raft.store().conf_state().voters_outgoing.is_empty()
    }

    /// Whether a member was removed, and has no part in the joint configuration on the way there either.
    pub(super) fn is_gone(&self, id: MemberId) -> bool {
        self.core.state.membership.was_removed(id)
            && !self.core.raft.store().conf_state().voters_outgoing.contains(&id)
    }

    /// Ends this member's part if it was removed. Nobody who waits is kept waiting.
    pub(super) fn stop_if_removed(&mut self, out: &mut Vec<Output>) {
        if self.removed || !self.is_gone(self.core.config.id) {
            return;
        }
        self.removed = true;
        let (term, last_index) = (self.core.raft.raft.term, self.core.raft.raft.raft_log.last_index());
        let leader = raft::INVALID_ID;
        out.push(Output::Event(MemberEvent::Role { role: Role::Follower, term, leader, last_index }));
        out.push(Output::Event(MemberEvent::Removed));
        // So that it knows when it comes back: nobody would tell it again.
        self.changes.snapshot_due = self.core.state.index > self.core.raft.store().snapshot_index();
        self.take_snapshot_if_due(out);
        let for_ever = Time(u64::MAX);
        let mut callers: Vec<_> = self.writes.take_callers().collect();
        callers.extend(self.transfers.take_callers());
        callers.extend(self.storage_work.take_callers());
        callers.extend(self.reads.take_expired(for_ever).into_iter().map(|read| read.caller));
        callers.extend(self.changes.take_all());
        callers.extend(self.lease_calls.drain(..).filter_map(|call| call.caller()));
        callers.extend(self.stop_services(out));
        callers.extend(self.early.drain(..).filter_map(|early| early.caller()));
        self.primary = None;
        for caller in callers {
            self.reply(caller, Err(Error::Stopped), out);
        }
    }

    /// What a removed member has to say.
    pub(super) fn step_removed(&mut self, input: Input, out: &mut Vec<Output>) {
        if let Input::Client { session, frame: ClientFrame::Call { call, .. } } = input {
            let frame = ServerFrame::Reply { call, result: Err(Error::Stopped) };
            out.push(Output::Client { session, frame });
        }
    }
}
