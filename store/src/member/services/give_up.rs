//! Waiters that end without a prize: the client went away, or a step failed. Their leftovers must not stand
//! in the way of others.
//!
//! The own key is deleted, if this waiter created it: one that stood before belongs to an earlier waiter with the
//! same lease, and may be owned by its client. A lease that was granted for the waiter is revoked, with the key.
//! Both are tried until the applied state shows that they are gone. Only a member that dies over it leaves the key
//! to its lease, and one that does not learn in time the outcome of its txn.
//!
//! etcd: `client/v3/concurrency/mutex.go` deletes the key when the context of `Lock` ends while it waits.

use crate::api::{LeaseRevokeRequest, Request};
use crate::auth::Actor;
use crate::concurrency::delete_if;
use crate::error::Error;
use crate::lease::LeaseAction;
use crate::mark::{Mark, reach};
use crate::member::caller::Caller;
use crate::member::cx::Cx;
use crate::member::services::waiter::Stage;
use crate::member::services::waiters::Waiters;
use crate::member::services::{ServiceId, step_of};
use crate::member::state::command::Action;
use crate::member::v3_server::V3Server;
use std::time::Duration;

/// A step that failed is tried again after this long. An election timeout without an answer is a failure: done twice, it
/// changes nothing.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// The lease or the key that a waiter left in the store.
#[derive(Clone, Copy, Debug)]
pub(super) enum Leftover {
    /// A lease, and maybe a key that goes with it.
    Lease,
    /// A key.
    Key { create_revision: i64 },
}

impl Waiters {
    /// Expires waiters, keeps leases alive and removes leftovers, as time passes.
    pub fn tick(&mut self, cx: &mut Cx<'_>, server: &mut V3Server) {
        self.expire(cx, server);
        self.keep_alive(cx, server);
        self.leave_again(cx, server);
    }

    /// Gives up the waiters whose clients went away.
    pub fn forget(&mut self, cx: &mut Cx<'_>, server: &mut V3Server, gone: &impl Fn(&Caller) -> bool) {
        let given_up: Vec<ServiceId> = self
            .iter()
            .filter(|(_, waiter)| waiter.client.is_some_and(|client| gone(&client)))
            .map(|(id, _)| *id)
            .collect();
        for id in given_up {
            self.give_up(cx, server, id);
        }
    }

    fn give_up(&mut self, cx: &mut Cx<'_>, server: &mut V3Server, id: ServiceId) {
        let Some(waiter) = self.get_mut(id) else { return };
        reach(Mark::WaiterGaveUp);
        waiter.client = None;
        let makes = matches!(waiter.stage, Stage::Granting | Stage::Entering { .. });
        // A proposal may still be applied: it is waited for.
        if server.writes.withdraw(step_of(id)) || !makes {
            self.leave(cx, server, id);
        }
    }

    /// A step failed, and with it the waiter.
    pub(super) fn failed(&mut self, cx: &mut Cx<'_>, server: &mut V3Server, id: ServiceId, error: Error) {
        let Some(waiter) = self.get_mut(id) else { return };
        if let Stage::Leaving { again_at, .. } = &mut waiter.stage {
            *again_at = Some(cx.now + AGAIN_AFTER);
            return;
        }
        if let Some(client) = waiter.client.take() {
            cx.reply(client, Err(error));
        }
        self.leave(cx, server, id);
    }

    /// Takes away the leftovers of a waiter.
    pub(super) fn leave(&mut self, cx: &mut Cx<'_>, server: &mut V3Server, id: ServiceId) {
        self.stop_awaiting(id);
        let Some(waiter) = self.get_mut(id) else { return };
        let leftover = match waiter.stage {
            _ if waiter.session.is_some() => Leftover::Lease,
            Stage::Waiting { create_revision, created: true, .. } => Leftover::Key { create_revision },
            _ => {
                self.remove(id);
                return;
            }
        };
        waiter.stage = Stage::Leaving { leftover, again_at: None };
        self.try_to_leave(cx, server, id, leftover);
    }

    fn try_to_leave(&mut self, cx: &mut Cx<'_>, server: &mut V3Server, id: ServiceId, leftover: Leftover) {
        let Some(waiter) = self.get_mut(id) else { return };
        let (key, lease, store) = (&waiter.key, waiter.lease, &cx.state.store);
        let left = match leftover {
            Leftover::Lease => store.leases().get(lease).is_none(),
            Leftover::Key { create_revision } => !store.holds_key_of(key, create_revision),
        };
        if left {
            self.remove(id);
            return;
        }
        let action = match leftover {
            Leftover::Lease => Action::Lease(LeaseAction::Revoke(LeaseRevokeRequest { id: lease })),
            Leftover::Key { create_revision } => Action::Kv(Request::Txn(delete_if(create_revision, key))),
        };
        let deadline = cx.now + cx.config.election_timeout();
        // The user may have lost its permissions, and is not asked.
        let asked = server.writes.write_until(cx, step_of(id), Actor::Member, action, deadline);
        let again_at = asked.is_err().then(|| cx.now + AGAIN_AFTER);
        waiter.stage = Stage::Leaving { leftover, again_at };
    }

    /// Tries again to remove the leftovers.
    fn leave_again(&mut self, cx: &mut Cx<'_>, server: &mut V3Server) {
        let due = |stage: &Stage| match stage {
            Stage::Leaving { leftover, again_at: Some(at) } if cx.now >= *at => Some(*leftover),
            _ => None,
        };
        let due: Vec<(ServiceId, Leftover)> =
            self.iter().filter_map(|(&id, waiter)| Some((id, due(&waiter.stage)?))).collect();
        for (id, leftover) in due {
            self.try_to_leave(cx, server, id, leftover);
        }
    }

    /// Tells clients whose key could not be created in time.
    fn expire(&mut self, cx: &mut Cx<'_>, server: &mut V3Server) {
        let expired: Vec<ServiceId> = self
            .iter()
            .filter(|(_, waiter)| matches!(waiter.stage, Stage::Entering { until } if cx.now >= until))
            .map(|(id, _)| *id)
            .collect();
        for id in expired {
            let Some(client) = self.get_mut(id).and_then(|waiter| waiter.client.take()) else { continue };
            if server.writes.withdraw(step_of(id)) {
                cx.reply(client, Err(Error::NoLeader));
                self.leave(cx, server, id);
            } else {
                cx.reply(client, Err(Error::Timeout));
            }
        }
    }
}
