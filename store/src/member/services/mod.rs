//! The lock and election services: clients of this member that live in it.
//!
//! etcd's services are made of its client library, which talks to the member it runs in
//! (`server/etcdserver/api/v3lock`, `v3election`). So do these: they propose and read as clients do, and are
//! answered as clients are. But they see entries as they are applied: a waiter is woken by the deletion of the key
//! it waits for, without a watch that has to be opened, and without a timer.
//!
//! [`Waiters`] wait until they own a lock or lead, an [ask](asks) is a single request in other words,
//! and [`Observers`] are shown the leaders of an election.

mod asks;
mod give_up;
mod observers;
mod sessions;
mod waiter;
mod waiters;

use crate::api::{ElectionRequest, Event, LeaderRequest, LockRequest, Token};
use crate::error::Error;
use crate::frame::{ClientStream, Reply, SessionId};
use crate::mark::{Mark, reach_if};
use crate::member::caller::Caller;
use crate::member::cx::Cx;
use crate::member::v3_server::V3Server;
use asks::{Ask, Asks};
use observers::{Observer, Observers};
use std::collections::VecDeque;
use waiter::Waiter;
use waiters::Waiters;

/// A request of the services under way, in the order in which they came.
type ServiceId = u64;

/// A call of a service to the member it lives in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ServiceCall {
    id: ServiceId,
    purpose: Purpose,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// The next step.
    Step,
    /// To keep a lease alive meanwhile.
    KeepAlive,
}

/// The answers to the calls of services, in order.
pub(super) type ServiceAnswers = VecDeque<(ServiceCall, Result<Reply, Error>)>;

/// The requests of the lock and election services under way.
#[derive(Debug, Default)]
pub(super) struct Services {
    last_id: ServiceId,
    waiters: Waiters,
    asks: Asks,
    observers: Observers,
}

/// The caller that is told the outcome of a service's next step.
fn step_of(id: ServiceId) -> Caller {
    Caller::Service(ServiceCall { id, purpose: Purpose::Step })
}

/// The caller that is told whether a lease was kept alive.
fn keep_alive_of(id: ServiceId) -> Caller {
    Caller::Service(ServiceCall { id, purpose: Purpose::KeepAlive })
}

impl Services {
    fn next_id(&mut self) -> ServiceId {
        self.last_id += 1;
        self.last_id
    }

    /// A call of the lock service.
    pub fn lock(
        &mut self,
        cx: &mut Cx<'_>,
        server: &mut V3Server,
        client: Caller,
        request: LockRequest,
        token: Option<Token>,
    ) -> Result<(), Error> {
        let id = self.next_id();
        match request {
            LockRequest::Lock(lock) => self.waiters.begin(cx, server, id, Waiter::lock(client, lock, token)),
            LockRequest::Unlock(unlock) => self.asks.ask(cx, server, id, Ask::unlock(client, unlock), token),
        }
    }

    /// A call of the election service.
    pub fn election(
        &mut self,
        cx: &mut Cx<'_>,
        server: &mut V3Server,
        client: Caller,
        request: ElectionRequest,
        token: Option<Token>,
    ) -> Result<(), Error> {
        let id = self.next_id();
        let ask = match request {
            ElectionRequest::Campaign(campaign) => {
                return self.waiters.begin(cx, server, id, Waiter::campaign(client, campaign, token));
            }
            ElectionRequest::Proclaim(proclaim) => Ask::proclaim(client, proclaim),
            ElectionRequest::Leader(leader) => Ask::leader(client, &leader),
            ElectionRequest::Resign(resign) => Ask::resign(client, &resign),
        };
        self.asks.ask(cx, server, id, ask, token)
    }

    /// Opens a stream that observes an election. A request on one that is open has no effect.
    pub fn observe(
        &mut self,
        cx: &mut Cx<'_>,
        server: &mut V3Server,
        named: ClientStream,
        request: &LeaderRequest,
        token: Option<Token>,
    ) {
        let id = self.next_id();
        self.observers.open(cx, server, id, Observer::new(named, request), token);
    }

    /// Goes on with the member's answers and applied entries. The applied state is looked at only when all entries
    /// known to be committed are in it.
    pub fn advance(&mut self, cx: &mut Cx<'_>, server: &mut V3Server) {
        self.waiters.wake_restored();
        loop {
            if let Some((call, result)) = cx.next_service_answer() {
                self.answered(cx, server, call, result);
            } else if let Some(id) = self.waiters.next_woken() {
                self.waiters.look(cx, server, id);
            } else {
                return;
            }
        }
    }

    fn answered(
        &mut self,
        cx: &mut Cx<'_>,
        server: &mut V3Server,
        ServiceCall { id, purpose }: ServiceCall,
        result: Result<Reply, Error>,
    ) {
        match purpose {
            Purpose::KeepAlive => self.waiters.kept_alive(cx, id, result.is_ok()),
            Purpose::Step if self.waiters.has(id) => self.waiters.answered(cx, server, id, result),
            Purpose::Step if self.observers.has(id) => self.observers.answered(cx, id, result),
            Purpose::Step => self.asks.answered(cx, id, result),
        }
    }

    /// Passes on the applied changes, all of one request.
    pub fn notify(&mut self, cx: &mut Cx<'_>, events: &[Event]) {
        self.waiters.notify(events);
        self.observers.notify(cx, events);
    }

    /// Notes that the store, which stood at the revision `before`, was replaced by that of a snapshot.
    pub fn restored(&mut self, cx: &mut Cx<'_>, before: i64) {
        reach_if(self.waiters.iter().next().is_some(), Mark::SnapshotUnderWaiter);
        self.waiters.restored();
        self.observers.restored(cx, before);
    }

    /// Ends the streams that may no longer read the election they observe, after a change of permissions.
    pub fn recheck(&mut self, cx: &mut Cx<'_>, server: &mut V3Server) {
        self.observers.recheck(cx, server);
    }

    /// Advances the waiters as time passes.
    pub fn tick(&mut self, cx: &mut Cx<'_>, server: &mut V3Server) {
        self.waiters.tick(cx, server);
    }

    /// Clients went away.
    pub fn forget(&mut self, cx: &mut Cx<'_>, server: &mut V3Server, gone: &impl Fn(&Caller) -> bool) {
        self.waiters.forget(cx, server, gone);
        self.asks.forget(server, gone);
    }

    /// The client closed a stream.
    pub fn close_stream(&mut self, server: &mut V3Server, named: ClientStream) {
        self.observers.close(server, |observer| observer.named == named);
    }

    /// The streams of a connection broke with it.
    pub fn close_session(&mut self, server: &mut V3Server, session: SessionId) {
        self.observers.close(server, |observer| observer.named.session == session);
    }

    /// This member is none any more: ends the streams, and takes the callers.
    pub fn stop(&mut self, cx: &mut Cx<'_>) -> impl Iterator<Item = Caller> {
        let Services { waiters, asks, observers, .. } = std::mem::take(self);
        observers.stop(cx);
        waiters.into_callers().chain(asks.into_callers())
    }
}
