//! Owning a name: a lock, or the leadership of an election. Answered once it is owned.
//!
//! The way of a contest: a lease, unless the client brought one; a txn that creates its key; and then, as long
//! as a key stands that was created before, waiting for the newest of those to be deleted.
//!
//! That the name is owned is read from what this member applied, at the revision that the answer carries. It is
//! a fact of the log: at that revision the own key stood, and none that was created before. What is committed
//! stays so, and no other key ever was the first one at that revision. Nor is it a thing of the past: the
//! member applied the txn of this very contest first, so the revision lies between the request and the answer.
//! A member that is cut off applies nothing new: it is never told that the keys before are gone, and answers
//! nothing. etcd reads the own key once more from the leader, two messages and a heartbeat later; that would
//! tell of a lease that expired meanwhile, as the way to the client is too long to tell of it in any case.
//! What has to be right is that the key is looked at together with those before it, in one state.
//!
//! The answer carries the revision of the txn that created or found the own key, if that was the first one then,
//! and otherwise a revision at which it is. (etcd's `Campaign` answers with the former even if it waited.)
//!
//! etcd: `client/v3/concurrency/mutex.go`, `Lock`; `election.go`, `Campaign`.

use super::super::Member;
use super::super::caller::Caller;
use super::super::command::Action;
use super::give_up::Trace;
use super::session::Session;
use super::{ServiceId, step_of};
use crate::api::{
    AcquireRequest, AcquireResponse, CampaignRequest, CampaignResponse, ElectionResponse, LeaderKey,
    LeaseGrantRequest, LeaseGrantResponse, LeaseRequest, LeaseResponse, LockResponse, PutRequest, Request,
    Response, ResponseHeader, ResponseOp, Token, TxnRequest, TxnResponse,
};
use crate::bytes::Bytes;
use crate::concurrency::{SESSION_TTL_S, Standing, enter, ownership_key, put_if, standing, was_first};
use crate::defect::Defect;
use crate::error::Error;
use crate::machine::{Output, Reply, Time};
use std::sync::LazyLock;

/// A client's way to a name.
#[derive(Debug)]
pub(in crate::member) struct Contest {
    /// Who waits for it. `None` once it was given up.
    pub client: Option<Caller>,
    pub prize: Prize,
    pub name: Bytes,
    /// Who contends.
    pub token: Option<Token>,
    /// 0 until it is granted.
    pub lease: i64,
    /// The lease was granted for this contest.
    pub session: Option<Session>,
    /// The own key, once the lease is known.
    pub key: Bytes,
    pub state: State,
}

#[derive(Debug)]
pub(in crate::member) enum Prize {
    Lock,
    Leadership {
        /// What the leader is to say.
        value: Bytes,
    },
}

#[derive(Debug)]
pub(in crate::member) enum State {
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
    /// The contest is over, and what it made is to be taken away.
    Leaving { trace: Trace, again_at: Option<Time> },
}

impl Member {
    pub(super) fn lock(
        &mut self,
        client: Caller,
        lock: AcquireRequest,
        token: Option<Token>,
    ) -> Result<(), Error> {
        self.contend(client, Prize::Lock, (lock.name, lock.lease), token)
    }

    pub(super) fn campaign(
        &mut self,
        client: Caller,
        campaign: CampaignRequest,
        token: Option<Token>,
    ) -> Result<(), Error> {
        let prize = Prize::Leadership { value: campaign.value };
        self.contend(client, prize, (campaign.name, campaign.lease), token)
    }

    fn contend(
        &mut self,
        client: Caller,
        prize: Prize,
        (name, lease): (Bytes, i64),
        token: Option<Token>,
    ) -> Result<(), Error> {
        let id = self.services.next_id();
        let (client, key) = (Some(client), ownership_key(&name, lease));
        let state = State::Granting;
        let contest = Contest { client, prize, name, token, lease, session: None, key, state };
        self.services.contests.insert(id, contest);
        let begun = if lease == 0 { self.ask_lease(id) } else { self.enter(id) };
        if begun.is_err() {
            self.services.contests.remove(&id);
        }
        begun
    }

    /// Every step is taken as the one who contends.
    fn token_of(&self, id: ServiceId) -> Option<Token> {
        self.services.contests.get(&id).and_then(|contest| contest.token.clone())
    }

    fn ask_lease(&mut self, id: ServiceId) -> Result<(), Error> {
        let grant = LeaseGrantRequest { ttl_s: SESSION_TTL_S, id: 0 };
        let token = self.token_of(id);
        self.lease_call(step_of(id), LeaseRequest::Grant(grant), token)
    }

    fn enter(&mut self, id: ServiceId) -> Result<(), Error> {
        let now = self.core.now;
        let until = now + self.core.config.request_timeout();
        // Given up meanwhile, it goes on waiting for the txn, to delete the key that it may still create.
        let deadline = until + self.core.config.request_timeout();
        let Some(contest) = self.services.contests.get_mut(&id) else { return Ok(()) };
        contest.state = State::Entering { until };
        let txn = enter(&contest.key, contest.prize.value(), contest.lease);
        self.propose_step(id, txn, deadline)
    }

    fn propose_step(&mut self, service: ServiceId, txn: TxnRequest, deadline: Time) -> Result<(), Error> {
        let token = self.token_of(service);
        let actor = self.actor_of(token.as_ref())?;
        self.write_until(step_of(service), actor, Action::Kv(Request::Txn(txn)), deadline)
    }

    pub(super) fn contest_answered(
        &mut self,
        id: ServiceId,
        result: Result<Reply, Error>,
        out: &mut Vec<Output>,
    ) {
        let Some(contest) = self.services.contests.get(&id) else { return };
        let result = match (&contest.state, result) {
            (_, Err(error)) => Err(error),
            (State::Granting, Ok(Reply::Lease(LeaseResponse::Grant(granted)))) => self.granted(id, &granted),
            (State::Entering { .. }, Ok(Reply::Kv(Response::Txn(txn)))) => self.entered(id, &txn),
            (
                &State::Proclaiming { create_revision, entered },
                Ok(Reply::Kv(Response::Txn(TxnResponse { succeeded: true, .. }))),
            ) => {
                self.wait(id, create_revision, false, entered);
                Ok(())
            }
            (State::Proclaiming { .. }, Ok(_)) => Err(Error::ElectionNotLeader),
            (State::Leaving { .. }, Ok(_)) => {
                self.services.contests.remove(&id);
                Ok(())
            }
            (state, Ok(reply)) => unreachable!("{state:?} was answered with {reply:?}"),
        };
        if let Err(error) = result {
            self.contest_failed(id, error, out);
        }
    }

    fn granted(&mut self, id: ServiceId, granted: &LeaseGrantResponse) -> Result<(), Error> {
        let Some(contest) = self.services.contests.get_mut(&id) else { return Ok(()) };
        contest.lease = granted.id;
        contest.key = ownership_key(&contest.name, granted.id);
        contest.session = Some(Session::granted(granted.ttl_s, self.core.now));
        if contest.client.is_none() {
            self.leave(id);
            return Ok(());
        }
        self.enter(id)
    }

    /// The own key is there: by this contest, or, for a lease that contended before, by an earlier one.
    fn entered(&mut self, id: ServiceId, txn: &TxnResponse) -> Result<(), Error> {
        let until = self.core.now + self.core.config.request_timeout();
        let Some(contest) = self.services.contests.get_mut(&id) else { return Ok(()) };
        let Some(ResponseOp::Range(found)) = txn.responses.first() else {
            debug_assert!(txn.succeeded, "what is not put is read");
            self.wait(id, txn.header.revision, true, txn.header.revision);
            return Ok(());
        };
        let Some(kv) = found.kvs.first() else { unreachable!("its create revision is not 0: it is there") };
        let (create_revision, entered) = (kv.create_revision, txn.header.revision);
        if contest.prize.is_shown_by(&kv.value) || contest.client.is_none() {
            self.wait(id, create_revision, false, entered);
            return Ok(());
        }
        contest.state = State::Proclaiming { create_revision, entered };
        let (key, value, lease) = (contest.key.clone(), contest.prize.value().clone(), contest.lease);
        let put = PutRequest { key, value, lease, ..PutRequest::default() };
        self.propose_step(id, put_if(create_revision, put), until)
    }

    /// Looks how the own key stands, now and whenever one that it waits for is deleted.
    fn wait(&mut self, id: ServiceId, create_revision: i64, created: bool, entered: i64) {
        let Some(contest) = self.services.contests.get_mut(&id) else { return };
        contest.state = State::Waiting { create_revision, created, entered, behind: None };
        if contest.client.is_some() {
            self.services.woken.insert(id);
        } else {
            self.leave(id);
        }
    }

    pub(super) fn look(&mut self, id: ServiceId, out: &mut Vec<Output>) {
        self.services.stop_awaiting(id);
        if let Err(error) = self.permit_contest(id) {
            return self.contest_failed(id, error, out);
        }
        let store = &self.core.state.store;
        let Some(contest) = self.services.contests.get_mut(&id) else { return };
        let State::Waiting { create_revision, entered, .. } = contest.state else { return };
        let careless = self.core.config.defects.has(Defect::LockWithoutOwnershipCheck)
            && matches!(contest.prize, Prize::Lock);
        match standing(store, &contest.name, &contest.key, create_revision, !careless) {
            Standing::First => {
                let at_once = was_first(store, &contest.name, create_revision, entered);
                let revision = if at_once { entered } else { store.revision() };
                let reply = contest.won(create_revision, ResponseHeader::at(revision));
                let contest = self.services.contests.remove(&id);
                if let Some(client) = contest.and_then(|contest| contest.client) {
                    self.reply(client, Ok(reply), out);
                }
            }
            Standing::Behind(key) => {
                self.services.awaited.extend([(contest.key.clone(), id), (key.clone(), id)]);
                contest.now_behind(key);
            }
            Standing::Gone => {
                let error = contest.prize.lost();
                self.contest_failed(id, error, out);
            }
        }
    }

    /// Whoever waits may have lost the right to see its own key meanwhile.
    fn permit_contest(&mut self, id: ServiceId) -> Result<(), Error> {
        if !self.core.state.auth.is_enabled() {
            return Ok(());
        }
        let contest = self.services.contests.get(&id);
        let waits = contest.filter(|contest| matches!(contest.state, State::Waiting { .. }));
        let Some((token, key)) = waits.map(|contest| (contest.token.clone(), contest.key.clone())) else {
            return Ok(());
        };
        self.permit_owner(token.as_ref(), &key)
    }

    /// A snapshot took the place of what was applied: keys that contests wait for may be gone.
    ///
    /// What was proposed and not answered is not proposed again: it may have been applied in what the snapshot
    /// skipped, and its key deleted since. Its client is told in time that nobody knows, as etcd tells it
    /// (`server/etcdserver/v3_server.go`, `processInternalRaftRequestOnce`).
    pub(super) fn contests_restored(&mut self) {
        let waiting = self.services.contests.iter();
        let waiting = waiting.filter(|(_, contest)| matches!(contest.state, State::Waiting { .. }));
        self.services.woken.extend(waiting.map(|(&id, _)| id));
    }
}

impl Contest {
    fn now_behind(&mut self, key: Bytes) {
        if let State::Waiting { behind, .. } = &mut self.state {
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

    /// True if an own key that is there says already what it is to say. A lock leaves it as it is.
    fn is_shown_by(&self, shown: &Bytes) -> bool {
        match self {
            Prize::Lock => true,
            Prize::Leadership { value } => value == shown,
        }
    }

    /// What is said when the own key is gone. (etcd's `Campaign` does not look.)
    fn lost(&self) -> Error {
        match self {
            Prize::Lock => Error::SessionExpired,
            Prize::Leadership { .. } => Error::ElectionNotLeader,
        }
    }
}
