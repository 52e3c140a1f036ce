//! Lock waiters and candidates: clients on their way to a lock, or to the leadership of an election. Each is answered
//! once it owns that name.
//!
//! The way of a waiter: a lease, unless the client brought one; a txn that creates its key; and then, as long
//! as a key stands that was created before, waiting for the newest of those to be deleted.
//!
//! That the name is owned is read from what this member applied, at the revision that the answer carries. It is
//! a fact of the log: at that revision the own key stood, and none that was created before. What is committed
//! stays so, and no other key ever was the first one at that revision. Nor is it a thing of the past: the
//! member applied the txn of this very waiter first, so the revision lies between the request and the answer.
//! A member that is cut off applies nothing new: it never learns that the keys before are gone, and answers
//! nothing. etcd reads the own key once more from the leader, two messages and a heartbeat later; that would
//! tell of a lease that expired meanwhile, as the way to the client is too long to tell of it in any case.
//! What has to be right is that the key is looked at together with those before it, in one state.
//!
//! The answer carries the revision of the txn that created or found the own key, if that was the first one then,
//! and otherwise a revision at which it is. (etcd's `Campaign` answers with the former even if it waited.)
//!
//! etcd: `client/v3/concurrency/mutex.go`, `Lock`; `election.go`, `Campaign`.

use super::give_up::Leftover;
use super::sessions::Session;
use super::{ServiceId, step_of};
use crate::api::{
    AcquireRequest, AcquireResponse, CampaignRequest, CampaignResponse, ElectionResponse, Event, EventType,
    LeaderKey, LeaseGrantRequest, LeaseGrantResponse, LeaseRequest, LeaseResponse, LockResponse, PutRequest,
    Request, Response, ResponseHeader, ResponseOp, Token, TxnRequest, TxnResponse,
};
use crate::bytes::Bytes;
use crate::concurrency::{SESSION_TTL_S, Standing, enter, ownership_key, put_if, standing, was_first};
use crate::defect::altered;
use crate::error::Error;
use crate::machine::{Reply, Time};
use crate::member::caller::Caller;
use crate::member::command::Action;
use crate::member::cx::Cx;
use crate::member::v3_server::V3Server;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// The lock waiters and candidates of a member. See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Waiters {
    waiters: BTreeMap<ServiceId, Waiter>,
    /// The keys that waiters wait to see deleted.
    awaited: BTreeSet<(Bytes, ServiceId)>,
    /// Waiters for which such a key was deleted.
    woken: BTreeSet<ServiceId>,
    /// A snapshot took the place of what was applied.
    restored: bool,
}

/// A lock waiter, or a candidate of an election.
#[derive(Debug)]
pub(super) struct Waiter {
    /// `None` once it was given up.
    pub client: Option<Caller>,
    prize: Prize,
    name: Bytes,
    /// The token of the client: every step is taken as its user.
    token: Option<Token>,
    /// 0 until it is granted.
    pub lease: i64,
    /// The lease was granted for this waiter.
    pub session: Option<Session>,
    /// The own key, once the lease is known.
    pub key: Bytes,
    pub stage: Stage,
}

#[derive(Debug)]
enum Prize {
    Lock,
    Leadership {
        /// The value that the leader proclaims.
        value: Bytes,
    },
}

/// How far a waiter has come.
#[derive(Debug)]
pub(super) enum Stage {
    /// A lease is being granted.
    Granting,
    /// The own key is being created.
    Entering {
        /// When the client is told that it takes too long.
        until: Time,
    },
    /// The own key is there already, and is being given another value.
    Proclaiming {
        create_revision: i64,
        /// The revision of the txn that found it.
        entered: i64,
    },
    /// The own key is there.
    Waiting {
        create_revision: i64,
        /// It was not there before.
        created: bool,
        /// The revision of the txn that created or found it.
        entered: i64,
        /// The newest key that was created before it.
        behind: Option<Bytes>,
    },
    /// The waiting is over, and what it left is to be taken away.
    Leaving { leftover: Leftover, again_at: Option<Time> },
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

    /// The own key is there: of this waiter, or, for a lease that waited before, of an earlier one.
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
        match standing(store, &waiter.name, &waiter.key, create_revision, !careless) {
            Standing::First => {
                let at_once = was_first(store, &waiter.name, create_revision, entered);
                let revision = if at_once { entered } else { store.revision() };
                let reply = waiter.won(create_revision, ResponseHeader::at(revision));
                let waiter = self.waiters.remove(&id);
                if let Some(client) = waiter.and_then(|waiter| waiter.client) {
                    cx.reply(client, Ok(reply));
                }
            }
            Standing::Behind(key) => {
                self.awaited.extend([(waiter.key.clone(), id), (key.clone(), id)]);
                waiter.now_behind(key);
            }
            Standing::Gone => {
                let error = waiter.prize.lost();
                self.failed(cx, server, id, error);
            }
        }
    }

    /// The waiter waits for nothing, until it has looked again.
    pub(super) fn stop_awaiting(&mut self, id: ServiceId) {
        let Some(waiter) = self.waiters.get_mut(&id) else { return };
        if let Stage::Waiting { behind, .. } = &mut waiter.stage
            && let Some(behind) = behind.take()
        {
            self.awaited.remove(&(behind, id));
            self.awaited.remove(&(waiter.key.clone(), id));
        }
    }

    /// These changes, all of one request, were applied: wakes the waiters whose keys were deleted.
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

    /// A snapshot took the place of what was applied.
    pub fn restored(&mut self) {
        self.restored = true;
    }

    /// Wakes all waiters if a snapshot took the place of what was applied: keys that they wait for may be gone.
    ///
    /// What was proposed and not answered is not proposed again: it may have been applied in what the snapshot
    /// skipped, and its key deleted since. Its client is told in time that nobody knows, as etcd tells it
    /// (`server/etcdserver/v3_server.go`, `processInternalRaftRequestOnce`).
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

    /// Whether this is the id of a waiter.
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

impl Stage {
    /// Waiting, before the first look.
    fn waiting(create_revision: i64, created: bool, entered: i64) -> Stage {
        Stage::Waiting { create_revision, created, entered, behind: None }
    }
}

impl Waiter {
    /// A client that waits for a lock.
    pub fn lock(client: Caller, lock: AcquireRequest, token: Option<Token>) -> Waiter {
        Waiter::new(client, Prize::Lock, (lock.name, lock.lease), token)
    }

    /// A client that campaigns.
    pub fn campaign(client: Caller, campaign: CampaignRequest, token: Option<Token>) -> Waiter {
        let prize = Prize::Leadership { value: campaign.value };
        Waiter::new(client, prize, (campaign.name, campaign.lease), token)
    }

    fn new(client: Caller, prize: Prize, (name, lease): (Bytes, i64), token: Option<Token>) -> Waiter {
        let (client, key) = (Some(client), ownership_key(&name, lease));
        Waiter { client, prize, name, token, lease, session: None, key, stage: Stage::Granting }
    }

    /// Proposes a step, as the user of the client.
    fn propose(
        &self,
        cx: &mut Cx<'_>,
        server: &mut V3Server,
        id: ServiceId,
        txn: TxnRequest,
        deadline: Time,
    ) -> Result<(), Error> {
        let action = Action::Kv(Request::Txn(txn));
        server.write_until(cx, step_of(id), self.token.as_ref(), action, deadline)
    }

    /// The client may have lost the right to see its own key meanwhile.
    fn permit(&self, cx: &Cx<'_>, server: &mut V3Server) -> Result<(), Error> {
        match self.stage {
            Stage::Waiting { .. } if cx.state.auth.is_enabled() => {
                server.gate.permit_owner(cx, self.token.as_ref(), &self.key)
            }
            _ => Ok(()),
        }
    }

    fn now_behind(&mut self, key: Bytes) {
        if let Stage::Waiting { behind, .. } = &mut self.stage {
            *behind = Some(key);
        }
    }

    fn won(&self, create_revision: i64, header: ResponseHeader) -> Reply {
        let key = self.key.clone();
        match self.prize {
            Prize::Lock => Reply::Lock(LockResponse::Lock(AcquireResponse { header, key })),
            Prize::Leadership { .. } => {
                let leader =
                    LeaderKey { name: self.name.clone(), key, rev: create_revision, lease: self.lease };
                Reply::Election(ElectionResponse::Campaign(CampaignResponse { header, leader }))
            }
        }
    }
}

impl Prize {
    /// The value of the own key.
    fn value(&self) -> &Bytes {
        static NOTHING: LazyLock<Bytes> = LazyLock::new(Bytes::default);
        match self {
            Prize::Lock => &NOTHING,
            Prize::Leadership { value } => value,
        }
    }

    /// Whether an own key that is there has the value already. A lock leaves it as it is.
    fn is_shown_by(&self, shown: &Bytes) -> bool {
        match self {
            Prize::Lock => true,
            Prize::Leadership { value } => value == shown,
        }
    }

    /// The error when the own key is gone. (etcd's `Campaign` does not look.)
    fn lost(&self) -> Error {
        match self {
            Prize::Lock => Error::SessionExpired,
            Prize::Leadership { .. } => Error::ElectionNotLeader,
        }
    }
}
