//! Lock waiters and candidates: clients on their way to a lock, or to the leadership of an election. Each is answered
//! once it owns that name.
//!
//! The way of a waiter: a lease, unless the client brought one; a txn that creates its key; and then, as long
//! as a key stands that was created before, waiting for the newest of those to be deleted.
//!
//! That the name is owned is read from this member's applied state, at the revision that the answer carries. It is
//! a fact of the log: at that revision the own key stood, and none that was created before. A committed entry stays
//! so, and no other key ever was the first one at that revision. Nor is it a thing of the past: the member applied
//! the txn of this very waiter first, so the revision lies between the request and the answer. A member that is cut
//! off applies nothing new: it never learns that the keys before are gone, and answers nothing. etcd reads the own
//! key once more from the leader, two messages and a heartbeat later; that would tell of a lease that expired
//! meanwhile, as the way to the client is too long to tell of it in any case. The key has to be looked at together
//! with those before it, in one state.
//!
//! The answer carries the revision of the txn that created or found the own key, if that was the first one then,
//! and otherwise a revision at which it is. (etcd's `Campaign` answers with the former even if it waited.)
//!
//! etcd: `client/v3/concurrency/mutex.go`, `Lock`; `election.go`, `Campaign`.

use crate::api::{
    Event, EventType, LeaseGrantRequest, LeaseGrantResponse, LeaseRequest, LeaseResponse, PutRequest,
    Response, ResponseHeader, ResponseOp, TxnResponse,
};
use crate::bytes::Bytes;
use crate::concurrency::{Rank, SESSION_TTL_S, enter, ownership_key, put_if, rank, was_first};
use crate::defect::altered;
use crate::error::Error;
use crate::frame::Reply;
use crate::member::caller::Caller;
use crate::member::cx::Cx;
use crate::member::services::sessions::Session;
use crate::member::services::waiter::{Prize, Stage, Waiter};
use crate::member::services::{ServiceId, step_of};
use crate::member::v3_server::V3Server;
use std::collections::{BTreeMap, BTreeSet};

/// The lock waiters and candidates of a member. See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Waiters {
    waiters: BTreeMap<ServiceId, Waiter>,
    /// The keys that waiters wait to see deleted.
    awaited: BTreeSet<(Bytes, ServiceId)>,
    /// Waiters for which such a key was deleted.
    woken: BTreeSet<ServiceId>,
    /// A snapshot took the place of the applied state.
    restored: bool,
}

impl Waiters {
    /// Begins with a lease, or with the own key if the client brought a lease.
    pub fn begin(
        &mut self,
        cx: &mut Cx<'_>,
        server: &mut V3Server,
        id: ServiceId,
        waiter: Waiter,
    ) -> Result<(), Error> {
        let lease = waiter.lease;
        self.waiters.insert(id, waiter);
        let begun = if lease == 0 { self.ask_lease(cx, server, id) } else { self.enter(cx, server, id) };
        if begun.is_err() {
            self.waiters.remove(&id);
        }
        begun
    }

    fn ask_lease(&mut self, cx: &mut Cx<'_>, server: &mut V3Server, id: ServiceId) -> Result<(), Error> {
        let grant = LeaseGrantRequest { ttl_s: SESSION_TTL_S, id: 0 };
        let token = self.waiters.get(&id).and_then(|waiter| waiter.token.clone());
        server.lease(cx, step_of(id), LeaseRequest::Grant(grant), token)
    }

    fn enter(&mut self, cx: &mut Cx<'_>, server: &mut V3Server, id: ServiceId) -> Result<(), Error> {
        let until = cx.request_deadline();
        // Given up meanwhile, it goes on waiting for the txn, to delete the key that it may still create.
        let deadline = until + cx.config.request_timeout();
        let Some(waiter) = self.waiters.get_mut(&id) else { return Ok(()) };
        waiter.stage = Stage::Entering { until };
        let txn = enter(&waiter.key, waiter.prize.value(), waiter.lease);
        waiter.propose(cx, server, id, txn, deadline)
    }

    /// The outcome of a step.
    pub fn answered(
        &mut self,
        cx: &mut Cx<'_>,
        server: &mut V3Server,
        id: ServiceId,
        result: Result<Reply, Error>,
    ) {
        let Some(waiter) = self.waiters.get(&id) else { return };
        let result = match (&waiter.stage, result) {
            (_, Err(error)) => Err(error),
            (Stage::Granting, Ok(Reply::Lease(LeaseResponse::Grant(granted)))) => {
                self.granted(cx, server, id, &granted)
            }
            (Stage::Entering { .. }, Ok(Reply::Kv(Response::Txn(txn)))) => self.entered(cx, server, id, &txn),
            (
                &Stage::Proclaiming { create_revision, entered },
                Ok(Reply::Kv(Response::Txn(TxnResponse { succeeded: true, .. }))),
            ) => {
                self.wait(cx, server, id, Stage::waiting(create_revision, false, entered));
                Ok(())
            }
            (Stage::Proclaiming { .. }, Ok(_)) => Err(Error::ElectionNotLeader),
            (Stage::Leaving { .. }, Ok(_)) => {
                self.waiters.remove(&id);
                Ok(())
            }
            (stage, Ok(reply)) => unreachable!("{stage:?} was answered with {reply:?}"),
        };
        if let Err(error) = result {
            self.failed(cx, server, id, error);
        }
    }

    fn granted(
        &mut self,
        cx: &mut Cx<'_>,
        server: &mut V3Server,
        id: ServiceId,
        granted: &LeaseGrantResponse,
    ) -> Result<(), Error> {
        let Some(waiter) = self.waiters.get_mut(&id) else { return Ok(()) };
        waiter.lease = granted.id;
        waiter.key = ownership_key(&waiter.name, granted.id);
        waiter.session = Some(Session::granted(granted.ttl_s, cx.now));
        if waiter.client.is_none() {
            self.leave(cx, server, id);
            return Ok(());
        }
        self.enter(cx, server, id)
    }

    /// Notes that the own key is there: of this waiter, or, for a lease that waited before, of an earlier one.
    fn entered(
        &mut self,
        cx: &mut Cx<'_>,
        server: &mut V3Server,
        id: ServiceId,
        txn: &TxnResponse,
    ) -> Result<(), Error> {
        let entered = txn.header.revision;
        let Some(waiter) = self.waiters.get_mut(&id) else { return Ok(()) };
        let Some(ResponseOp::Range(found)) = txn.responses.first() else {
            debug_assert!(txn.succeeded, "what is not put is read");
            self.wait(cx, server, id, Stage::waiting(entered, true, entered));
            return Ok(());
        };
        let Some(kv) = found.kvs.first() else { unreachable!("its create revision is not 0: it is there") };
        let create_revision = kv.create_revision;
        if waiter.prize.is_shown_by(&kv.value) || waiter.client.is_none() {
            self.wait(cx, server, id, Stage::waiting(create_revision, false, entered));
            return Ok(());
        }
        waiter.stage = Stage::Proclaiming { create_revision, entered };
        let (key, value, lease) = (waiter.key.clone(), waiter.prize.value().clone(), waiter.lease);
        let put = PutRequest { key, value, lease, ..PutRequest::default() };
        waiter.propose(cx, server, id, put_if(create_revision, put), cx.request_deadline())
    }

    /// Looks at the keys of the name, now and whenever one that the waiter waits for is deleted.
    fn wait(&mut self, cx: &mut Cx<'_>, server: &mut V3Server, id: ServiceId, waiting: Stage) {
        let Some(waiter) = self.waiters.get_mut(&id) else { return };
        waiter.stage = waiting;
        if waiter.client.is_some() {
            self.woken.insert(id);
        } else {
            self.leave(cx, server, id);
        }
    }

    /// Looks whether the own key is the first one by now.
    pub fn look(&mut self, cx: &mut Cx<'_>, server: &mut V3Server, id: ServiceId) {
        self.stop_awaiting(id);
        let Some(waiter) = self.waiters.get_mut(&id) else { return };
        if let Err(error) = waiter.permit(cx, server) {
            return self.failed(cx, server, id, error);
        }
        let Stage::Waiting { create_revision, entered, .. } = waiter.stage else { return };
        let store = &cx.state.store;
        let careless =
            matches!(waiter.prize, Prize::Lock) && altered!(cx.config.defects, lock_without_ownership_check);
        match rank(store, &waiter.name, &waiter.key, create_revision, !careless) {
            Rank::First => {
                let at_once = was_first(store, &waiter.name, create_revision, entered);
                let revision = if at_once { entered } else { store.revision() };
                let reply = waiter.won(create_revision, ResponseHeader::at(revision));
                let waiter = self.waiters.remove(&id);
                if let Some(client) = waiter.and_then(|waiter| waiter.client) {
                    cx.reply(client, Ok(reply));
                }
            }
            Rank::Behind(key) => {
                self.awaited.extend([(waiter.key.clone(), id), (key.clone(), id)]);
                waiter.now_behind(key);
            }
            Rank::Gone => {
                let error = waiter.prize.lost();
                self.failed(cx, server, id, error);
            }
        }
    }

    /// Stops waiting for any key, until the waiter has looked again.
    pub(super) fn stop_awaiting(&mut self, id: ServiceId) {
        let Some(waiter) = self.waiters.get_mut(&id) else { return };
        if let Stage::Waiting { behind, .. } = &mut waiter.stage
            && let Some(behind) = behind.take()
        {
            self.awaited.remove(&(behind, id));
            self.awaited.remove(&(waiter.key.clone(), id));
        }
    }

    /// Wakes the waiters whose keys were deleted by the applied changes, all of one request.
    pub fn notify(&mut self, events: &[Event]) {
        if self.awaited.is_empty() {
            return;
        }
        for event in events.iter().filter(|event| event.event_type == EventType::Delete) {
            let key = &event.kv.key;
            let waiting = self.awaited.range((key.clone(), 0)..=(key.clone(), ServiceId::MAX));
            self.woken.extend(waiting.map(|(_, id)| id));
        }
    }

    /// Notes that a snapshot took the place of the applied state.
    pub fn restored(&mut self) {
        self.restored = true;
    }

    /// Wakes all waiters if a snapshot took the place of the applied state: keys that they wait for may be gone.
    ///
    /// A step that was proposed and not answered is not proposed again: it may have been applied in the part of the
    /// log that the snapshot skipped, and its key deleted since. Its client is told in time that the outcome is
    /// unknown, as etcd tells it (`server/etcdserver/v3_server.go`, `processInternalRaftRequestOnce`).
    pub fn wake_restored(&mut self) {
        if std::mem::take(&mut self.restored) {
            let waiting = self.waiters.iter();
            let waiting = waiting.filter(|(_, waiter)| matches!(waiter.stage, Stage::Waiting { .. }));
            self.woken.extend(waiting.map(|(&id, _)| id));
        }
    }

    /// Takes the next waiter that was woken.
    pub fn next_woken(&mut self) -> Option<ServiceId> {
        self.woken.pop_first()
    }

    /// Returns true if this is the id of a waiter.
    pub fn has(&self, id: ServiceId) -> bool {
        self.waiters.contains_key(&id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&ServiceId, &Waiter)> {
        self.waiters.iter()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&ServiceId, &mut Waiter)> {
        self.waiters.iter_mut()
    }

    pub(super) fn get_mut(&mut self, id: ServiceId) -> Option<&mut Waiter> {
        self.waiters.get_mut(&id)
    }

    pub(super) fn remove(&mut self, id: ServiceId) {
        self.waiters.remove(&id);
    }

    /// The clients that still wait.
    pub fn into_callers(self) -> impl Iterator<Item = Caller> {
        self.waiters.into_values().filter_map(|waiter| waiter.client)
    }
}
