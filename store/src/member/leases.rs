//! What a leader does about leases as time passes: it revokes those that expired, and tells all members how
//! long the others still live.

use super::Member;
use super::command::Action;
use crate::api::LeaseRevokeRequest;
use crate::auth::Actor;
use crate::defect::Defect;
use crate::lease::{LeaseAction, LeaseCheckpoint, Primary, PrimaryConfig};
use crate::machine::Time;
use std::time::Duration;

/// What a member may do about leases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeaseStanding {
    /// Nothing but apply what the log says: for it they last for ever.
    Follower,
    /// Revoke them. It has to make sure that it still leads before it keeps one alive.
    Unconfirmed,
    /// Keep them alive.
    Primary,
}

impl Member {
    /// A leader keeps the time of leases from its promotion to the end of its term. What it tells a client of a
    /// lease holds only while no other leader can have promised something else. So it must know that a majority
    /// followed it at most half an election timeout ago: those members let nobody lead for a whole one.
    ///
    /// etcd makes sure only if its last tick was late (`ensureLeadership`). A process that was suspended ticks
    /// as soon as it goes on, and then looks punctual.
    pub(super) fn lease_standing(&self) -> LeaseStanding {
        let Some(primary) = &self.primary else { return LeaseStanding::Follower };
        if self.core.config.defects.has(Defect::DeposedLeaderRevokes) {
            return LeaseStanding::Primary;
        }
        if !self.is_leader() || self.core.raft.raft.term != primary.term {
            return LeaseStanding::Follower;
        }
        let fresh = |at: Time| self.core.now - at < self.core.config.election_timeout() / 2;
        // A leader that is being replaced does not know when.
        let stays = self.core.raft.raft.lead_transferee.is_none();
        if stays && primary.confirmed_at.is_some_and(fresh) {
            LeaseStanding::Primary
        } else {
            LeaseStanding::Unconfirmed
        }
    }

    /// An empty entry was applied: everything from before this leader's term is.
    pub(super) fn promote(&mut self, entry_term: u64) {
        let term = self.core.raft.raft.term;
        if self.is_leader() && entry_term == term {
            let config = PrimaryConfig {
                extend: self.core.config.election_timeout(),
                checkpoint_every: Duration::from_millis(self.core.config.lease_checkpoint_every_ms),
                retry_after: self.core.config.request_timeout(),
                forget_remaining: self.core.config.defects.has(Defect::CheckpointLost),
            };
            self.primary =
                Some(Primary::promote(term, self.core.state.store.leases(), self.core.now, config));
        }
    }

    /// Whether this member leads was asked at that time, and is so.
    pub(super) fn leadership_confirmed(&mut self, asked_at: Time) {
        let term = self.core.raft.raft.term;
        let transferring = self.core.raft.raft.lead_transferee.is_some();
        if self.is_leader()
            && !transferring
            && let Some(primary) = self.primary.as_mut().filter(|primary| primary.term == term)
        {
            primary.confirmed_at = Some(asked_at);
        }
    }

    /// A change of leases was applied: the leader sets its clock by it.
    pub(super) fn lease_applied(&mut self, action: &LeaseAction, granted: bool) {
        let (now, leases) = (self.core.now, self.core.state.store.leases());
        let Some(primary) = &mut self.primary else { return };
        match action {
            LeaseAction::Grant(grant) if granted => primary.granted(grant.id, grant.ttl_s, now),
            LeaseAction::Grant(_) => {}
            LeaseAction::Revoke(revoke) => primary.revoked(revoke.id),
            LeaseAction::Checkpoint(checkpoints) => {
                for &LeaseCheckpoint { id, remaining_ttl_s } in checkpoints {
                    let granted_ttl_s = leases.get(id).map_or(0, |lease| lease.granted_ttl_s);
                    let lives_s = if remaining_ttl_s == 0 { granted_ttl_s } else { remaining_ttl_s };
                    primary.checkpointed(id, lives_s, now);
                }
            }
        }
    }

    /// Time passed.
    pub(super) fn look_at_leases(&mut self) {
        let now = self.core.now;
        if self.lease_standing() != LeaseStanding::Follower
            && self.primary.as_mut().is_some_and(|primary| primary.look(now))
        {
            self.checkpoint_leases();
        }
    }

    fn checkpoint_leases(&mut self) {
        // A leader that hands over proposes nothing, so that nothing would be noted.
        if self.core.raft.raft.lead_transferee.is_some() {
            return;
        }
        loop {
            let (now, leases) = (self.core.now, self.core.state.store.leases());
            let Some(primary) = &mut self.primary else { return };
            let checkpoints = primary.due_checkpoints(leases, now);
            if checkpoints.is_empty() || !self.propose_checkpoints(checkpoints) {
                return;
            }
        }
    }

    /// Proposes checkpoints; false if they went nowhere.
    pub(super) fn propose_checkpoints(&mut self, checkpoints: Vec<LeaseCheckpoint>) -> bool {
        let action = LeaseAction::Checkpoint(checkpoints.clone());
        let proposed = self.propose_lease(action);
        if proposed && let Some(primary) = &mut self.primary {
            primary.checkpoints_proposed(&checkpoints);
        }
        proposed
    }

    /// Goes on revoking leases that expired; forgets all times once another leads.
    pub(super) fn advance_leases(&mut self) {
        if self.primary.is_none() {
            return;
        }
        if self.lease_standing() == LeaseStanding::Follower {
            self.primary = None;
            return;
        }
        while let Some(id) = self.primary.as_mut().and_then(Primary::next_to_revoke) {
            if !self.propose_lease(LeaseAction::Revoke(LeaseRevokeRequest { id })) {
                return;
            }
            let now = self.core.now;
            if let Some(primary) = &mut self.primary {
                primary.revoke_proposed(now);
            }
        }
    }

    /// Proposes what nobody asked for. As a leader it stands in this member's own log, in its term: should
    /// another one lead by now, it is never committed.
    fn propose_lease(&mut self, action: LeaseAction) -> bool {
        let id = self.next_id();
        self.core.raft.propose(Vec::new(), Action::Lease(action).of(id, Actor::Member).encode()).is_ok()
    }
}
