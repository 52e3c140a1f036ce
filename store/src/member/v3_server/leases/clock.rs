//! The lease clock: as time passes a leader revokes the leases that expired, and tells all members how long the others
//! still live.

use crate::api::LeaseRevokeRequest;
use crate::defect::altered;
use crate::lease::{LeaseAction, LeaseCheckpoint, Primary, PrimaryConfig};
use crate::machine::Time;
use crate::mark::{Mark, reach_if};
use crate::member::cx::Cx;
use crate::member::state::command::Action;
use std::time::Duration;

/// The clock of lease expiry, as long as this member leads.
#[derive(Debug, Default)]
pub(in crate::member) struct LeaseClock {
    /// `None` until it is promoted, and once another member leads.
    primary: Option<Primary>,
}

/// The role of a member's lessor (etcd: `Promote` and `Demote` of `server/lease/lessor.go`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::member) enum LessorRole {
    /// Applies the log; leases last for ever.
    Demoted,
    /// Revokes leases. It has to make sure that it still leads before it keeps one alive.
    Unconfirmed,
    /// Revokes leases and keeps them alive.
    Primary,
}

impl LeaseClock {
    /// The role of this member's lessor. A leader keeps the time of leases from its promotion to the end of its
    /// term. A TTL that it tells a client holds only while no other leader can have promised something else. So it
    /// must know that a majority followed it at most half an election timeout ago: those members let no other lead
    /// for a whole one.
    ///
    /// etcd makes sure only if its last tick was late (`ensureLeadership`). A process that was suspended ticks
    /// as soon as it goes on, and then looks punctual.
    pub fn role(&self, cx: &Cx<'_>) -> LessorRole {
        let Some(primary) = &self.primary else { return LessorRole::Demoted };
        if altered!(cx.config.defects, deposed_leader_revokes) {
            return LessorRole::Primary;
        }
        if !cx.is_leader() || cx.term() != primary.term {
            return LessorRole::Demoted;
        }
        let fresh = |at: Time| cx.now - at < cx.config.election_timeout() / 2;
        // A leader that is being replaced does not know when.
        let stays = !cx.is_transferring();
        if stays && primary.confirmed_at.is_some_and(fresh) {
            LessorRole::Primary
        } else {
            LessorRole::Unconfirmed
        }
    }

    /// Promotes a leader's lessor once an empty entry was applied: everything from before its term is.
    pub fn promote(&mut self, cx: &Cx<'_>, entry_term: u64) {
        let term = cx.term();
        if cx.is_leader() && entry_term == term {
            let config = PrimaryConfig {
                extend: cx.config.election_timeout(),
                checkpoint_every: Duration::from_millis(cx.config.tuning.lease_checkpoint_every_ms),
                retry_after: cx.config.request_timeout(),
                forget_remaining: altered!(cx.config.defects, checkpoint_lost),
            };
            reach_if(!cx.state.store.leases().is_empty(), Mark::LeasesPromoted);
            self.primary = Some(Primary::promote(term, cx.state.store.leases(), cx.lease_now(), config));
        }
    }

    /// Notes that this member still leads, as asked at that time.
    pub fn leadership_confirmed(&mut self, cx: &Cx<'_>, asked_at: Time) {
        let term = cx.term();
        let transferring = cx.is_transferring();
        if cx.is_leader()
            && !transferring
            && let Some(primary) = self.primary.as_mut().filter(|primary| primary.term == term)
        {
            primary.confirmed_at = Some(asked_at);
        }
    }

    /// Sets a leader's clock by an applied change of leases.
    pub fn applied(&mut self, cx: &Cx<'_>, action: &LeaseAction, granted: bool) {
        let (now, leases) = (cx.lease_now(), cx.state.store.leases());
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

    /// Notes expired leases and proposes due checkpoints as time passes.
    pub fn tick(&mut self, cx: &mut Cx<'_>) {
        let now = cx.lease_now();
        if self.role(cx) != LessorRole::Demoted
            && self.primary.as_mut().is_some_and(|primary| primary.look(now))
        {
            self.checkpoint(cx);
        }
    }

    fn checkpoint(&mut self, cx: &mut Cx<'_>) {
        // A leader that hands over proposes nothing, so that nothing would be noted.
        if cx.is_transferring() {
            return;
        }
        loop {
            let (now, leases) = (cx.lease_now(), cx.state.store.leases());
            let Some(primary) = &mut self.primary else { return };
            let checkpoints = primary.due_checkpoints(leases, now);
            if checkpoints.is_empty() || !self.propose_checkpoints(cx, checkpoints) {
                return;
            }
        }
    }

    /// Proposes checkpoints; false if they went nowhere.
    pub fn propose_checkpoints(&mut self, cx: &mut Cx<'_>, checkpoints: Vec<LeaseCheckpoint>) -> bool {
        let action = LeaseAction::Checkpoint(checkpoints.clone());
        let proposed = propose(cx, action);
        if proposed && let Some(primary) = &mut self.primary {
            primary.checkpoints_proposed(&checkpoints);
        }
        proposed
    }

    /// Goes on revoking leases that expired; forgets all times once another leads.
    pub fn advance(&mut self, cx: &mut Cx<'_>) {
        if self.primary.is_none() {
            return;
        }
        if self.role(cx) == LessorRole::Demoted {
            self.primary = None;
            return;
        }
        while let Some(id) = self.primary.as_mut().and_then(Primary::next_to_revoke) {
            if !propose(cx, LeaseAction::Revoke(LeaseRevokeRequest { id })) {
                return;
            }
            let now = cx.lease_now();
            if let Some(primary) = &mut self.primary {
                primary.revoke_proposed(now);
            }
        }
    }

    /// The last time that a majority is known to have followed this member as the leader that it still is: one that
    /// applied all entries that others may have shown, and is not handing leadership over.
    pub fn confirmed_at(&self, cx: &Cx<'_>) -> Option<Time> {
        let leads = cx.is_leader() && cx.state.index >= cx.committed() && !cx.is_transferring();
        let primary = self.primary.as_ref().filter(|primary| leads && primary.term == cx.term())?;
        primary.confirmed_at
    }

    /// The lease times, as long as this member keeps them.
    pub fn primary_mut(&mut self) -> Option<&mut Primary> {
        self.primary.as_mut()
    }

    /// Forgets all times.
    pub fn stop(&mut self) {
        self.primary = None;
    }
}

/// Proposes a change of leases that has no caller. As a leader it stands in this member's own log, in its term: should
/// another member lead by now, it is never committed.
fn propose(cx: &mut Cx<'_>, action: LeaseAction) -> bool {
    cx.propose_own(Action::Lease(action))
}
