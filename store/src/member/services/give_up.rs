//! Contests that end without a prize: the client went away, or something failed. What they made must not stand
//! in the way of others.
//!
//! The own key is deleted, if this contest created it: one that stood before belongs to an earlier contest with
//! the same lease, and may be what its client holds. A lease that was granted for the contest is revoked, with
//! the key. Both are tried until it is seen in what was applied that they are gone. Only a member that dies
//! over it leaves the key to its lease, and one that does not learn in time whether its txn was applied.
//!
//! etcd: `client/v3/concurrency/mutex.go` deletes the key when the context of `Lock` ends while it waits.

use super::super::Member;
use super::super::command::Action;
use super::contest::State;
use super::{ServiceId, step_of};
use crate::api::{LeaseRevokeRequest, Request};
use crate::auth::Actor;
use crate::concurrency::delete_if;
use crate::error::Error;
use crate::lease::LeaseAction;
use crate::machine::{Output, Time};
use std::time::Duration;

/// What failed is tried again after this long. An election timeout without an answer is a failure: done twice, it
/// changes nothing.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// What a contest made.
#[derive(Clone, Copy, Debug)]
pub(in crate::member) enum Trace {
    /// A lease, and maybe a key that goes with it.
    Lease,
    /// A key.
    Key { create_revision: i64 },
}

impl Member {
    /// The client does not wait any more.
    pub(super) fn give_up(&mut self, id: ServiceId) {
        let Some(contest) = self.services.contests.get_mut(&id) else { return };
        contest.client = None;
        let makes = matches!(contest.state, State::Granting | State::Entering { .. });
        // What was proposed may still happen: it is waited for.
        if self.writes.withdraw(step_of(id)) || !makes {
            self.leave(id);
        }
    }

    /// A step failed, and with it the contest.
    pub(super) fn contest_failed(&mut self, id: ServiceId, error: Error, out: &mut Vec<Output>) {
        let again_after = self.core.now + AGAIN_AFTER;
        let Some(contest) = self.services.contests.get_mut(&id) else { return };
        if let State::Leaving { again_at, .. } = &mut contest.state {
            *again_at = Some(again_after);
            return;
        }
        if let Some(client) = contest.client.take() {
            self.reply(client, Err(error), out);
        }
        self.leave(id);
    }

    /// Takes away what a contest made.
    pub(super) fn leave(&mut self, id: ServiceId) {
        self.services.stop_awaiting(id);
        let Some(contest) = self.services.contests.get_mut(&id) else { return };
        let trace = match contest.state {
            _ if contest.session.is_some() => Trace::Lease,
            State::Waiting { create_revision, created: true, .. } => Trace::Key { create_revision },
            _ => {
                self.services.contests.remove(&id);
                return;
            }
        };
        contest.state = State::Leaving { trace, again_at: None };
        self.try_to_leave(id, trace);
    }

    fn try_to_leave(&mut self, id: ServiceId, trace: Trace) {
        let Some(contest) = self.services.contests.get_mut(&id) else { return };
        let (key, lease, store) = (&contest.key, contest.lease, &self.core.state.store);
        let left = match trace {
            Trace::Lease => store.leases().get(lease).is_none(),
            Trace::Key { create_revision } => !store.holds_key_of(key, create_revision),
        };
        if left {
            self.services.contests.remove(&id);
            return;
        }
        contest.state = State::Leaving { trace, again_at: None };
        let action = match trace {
            Trace::Lease => Action::Lease(LeaseAction::Revoke(LeaseRevokeRequest { id: lease })),
            Trace::Key { create_revision } => Action::Kv(Request::Txn(delete_if(create_revision, key))),
        };
        let deadline = self.core.now + self.core.config.election_timeout();
        // Whoever contended may have lost its permissions, and is not asked.
        let asked = self.write_until(step_of(id), Actor::Member, action, deadline);
        if asked.is_err()
            && let Some(contest) = self.services.contests.get_mut(&id)
        {
            contest.state = State::Leaving { trace, again_at: Some(self.core.now + AGAIN_AFTER) };
        }
    }

    /// Tries again to take away what could not be.
    pub(super) fn leave_again(&mut self) {
        let now = self.core.now;
        let due = |state: &State| match state {
            State::Leaving { trace, again_at: Some(at) } if now >= *at => Some(*trace),
            _ => None,
        };
        let contests = self.services.contests.iter();
        let due: Vec<(ServiceId, Trace)> =
            contests.filter_map(|(&id, contest)| Some((id, due(&contest.state)?))).collect();
        for (id, trace) in due {
            self.try_to_leave(id, trace);
        }
    }

    /// Tells clients whose key could not be created in time.
    pub(super) fn expire_contests(&mut self, out: &mut Vec<Output>) {
        let now: Time = self.core.now;
        let expired: Vec<ServiceId> = self
            .services
            .contests
            .iter()
            .filter(|(_, contest)| matches!(contest.state, State::Entering { until, .. } if now >= until))
            .map(|(id, _)| *id)
            .collect();
        for id in expired {
            let Some(contest) = self.services.contests.get_mut(&id) else { continue };
            let Some(client) = contest.client.take() else { continue };
            if self.writes.withdraw(step_of(id)) {
                self.reply(client, Err(Error::NoLeader), out);
                self.leave(id);
            } else {
                self.reply(client, Err(Error::Timeout), out);
            }
        }
    }
}
