//! The lock and election services: clients of this member that live in it.
//!
//! etcd's services are made of its client library, which talks to the member it runs in
//! (`server/etcdserver/api/v3lock`, `v3election`). So do these: they propose and read as clients do, and are
//! answered as clients are. But they see what is applied as it is applied: whoever waits for a key to go is
//! woken by its deletion, without a watch that has to be opened, and without a timer.
//!
//! A [`contest`] ends once a lock is owned or a campaign won, an [`ask`] is a single request in other words,
//! and [`observe`] shows the leaders of an election.

mod ask;
mod contest;
mod give_up;
mod observe;
mod session;

use super::Member;
use super::caller::Caller;
use crate::api::{ElectionRequest, Event, EventType, LockRequest, Token};
use crate::bytes::Bytes;
use crate::error::Error;
use crate::machine::{Output, Reply};
use ask::Ask;
use contest::{Contest, State};
use observe::Observer;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A request of the services under way, in the order in which they came.
type ServiceId = u64;

/// What a service asked of the member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ServiceCall {
    id: ServiceId,
    part: Part,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The next step.
    Step,
    /// To keep a lease alive meanwhile.
    KeepAlive,
}

/// The answers to the calls of services, in order.
pub(super) type ServiceAnswers = VecDeque<(ServiceCall, Result<Reply, Error>)>;

/// Everything the services are doing.
#[derive(Debug, Default)]
pub(super) struct Services {
    last_id: ServiceId,
    contests: BTreeMap<ServiceId, Contest>,
    asks: BTreeMap<ServiceId, Ask>,
    observers: BTreeMap<ServiceId, Observer>,
    /// The keys that contests wait to see deleted.
    awaited: BTreeSet<(Bytes, ServiceId)>,
    /// Contests for which such a key was deleted.
    woken: BTreeSet<ServiceId>,
    /// A snapshot took the place of what was applied.
    restored: bool,
}

impl Services {
    fn next_id(&mut self) -> ServiceId {
        self.last_id += 1;
        self.last_id
    }

    /// Contest `id` waits for nothing, until it has looked again.
    fn stop_awaiting(&mut self, id: ServiceId) {
        let Some(contest) = self.contests.get_mut(&id) else { return };
        if let State::Waiting { behind, .. } = &mut contest.state
            && let Some(behind) = behind.take()
        {
            self.awaited.remove(&(behind, id));
            self.awaited.remove(&(contest.key.clone(), id));
        }
    }
}

fn step_of(id: ServiceId) -> Caller {
    Caller::Service(ServiceCall { id, part: Part::Step })
}

fn keep_alive_of(id: ServiceId) -> Caller {
    Caller::Service(ServiceCall { id, part: Part::KeepAlive })
}

impl Member {
    pub(super) fn lock_call(
        &mut self,
        caller: Caller,
        request: LockRequest,
        token: Option<Token>,
    ) -> Result<(), Error> {
        match request {
            LockRequest::Lock(lock) => self.lock(caller, lock, token),
            LockRequest::Unlock(unlock) => self.unlock(caller, unlock, token),
        }
    }

    pub(super) fn election_call(
        &mut self,
        caller: Caller,
        request: ElectionRequest,
        token: Option<Token>,
    ) -> Result<(), Error> {
        match request {
            ElectionRequest::Campaign(campaign) => self.campaign(caller, campaign, token),
            ElectionRequest::Proclaim(proclaim) => self.proclaim(caller, proclaim, token),
            ElectionRequest::Leader(leader) => self.leader(caller, leader, token),
            ElectionRequest::Resign(resign) => self.resign(caller, resign, token),
        }
    }

    /// The services go on with what the member answered and applied. They look at what was applied only when
    /// all that is known to be committed is.
    pub(super) fn advance_services(&mut self, out: &mut Vec<Output>) {
        if std::mem::take(&mut self.services.restored) {
            self.contests_restored();
        }
        loop {
            if let Some((call, result)) = self.core.service_answers.pop_front() {
                self.service_answered(call, result, out);
            } else if let Some(id) = self.services.woken.pop_first() {
                self.look(id, out);
            } else {
                return;
            }
        }
    }

    fn service_answered(
        &mut self,
        ServiceCall { id, part }: ServiceCall,
        result: Result<Reply, Error>,
        out: &mut Vec<Output>,
    ) {
        match part {
            Part::KeepAlive => self.session_kept_alive(id, result.is_ok()),
            Part::Step if self.services.contests.contains_key(&id) => self.contest_answered(id, result, out),
            Part::Step if self.services.observers.contains_key(&id) => self.observe_from_now(id, result, out),
            Part::Step => self.ask_answered(id, result, out),
        }
    }

    /// These changes, all of one request, were applied.
    pub(super) fn notify_services(&mut self, events: &[Event], out: &mut Vec<Output>) {
        let Services { awaited, woken, .. } = &mut self.services;
        if !awaited.is_empty() {
            for event in events.iter().filter(|event| event.event_type == EventType::Delete) {
                let key = &event.kv.key;
                let waiting = awaited.range((key.clone(), 0)..=(key.clone(), ServiceId::MAX));
                woken.extend(waiting.map(|(_, id)| id));
            }
        }
        if !self.services.observers.is_empty() {
            self.notify_observers(events, out);
        }
    }

    /// The store, which stood at the revision `before`, was replaced by that of a snapshot.
    pub(super) fn services_restored(&mut self, before: i64, out: &mut Vec<Output>) {
        self.services.restored = true;
        self.observers_restored(before, out);
    }

    /// Time passed.
    pub(super) fn tick_services(&mut self, out: &mut Vec<Output>) {
        self.expire_contests(out);
        self.keep_sessions_alive();
        self.leave_again();
    }

    /// Clients went away.
    pub(super) fn forget_clients_of_services(&mut self, gone: &impl Fn(&Caller) -> bool) {
        let given_up: Vec<ServiceId> = self
            .services
            .contests
            .iter()
            .filter(|(_, contest)| contest.client.is_some_and(|client| gone(&client)))
            .map(|(id, _)| *id)
            .collect();
        for id in given_up {
            self.give_up(id);
        }
        let asks = self.services.asks.extract_if(.., |_, ask| gone(&ask.client));
        for id in asks.map(|(id, _)| id).collect::<Vec<_>>() {
            self.forget_callers(|caller| *caller == step_of(id));
        }
    }

    /// This member is none any more: gives the clients that wait.
    pub(super) fn stop_services(&mut self, out: &mut Vec<Output>) -> Vec<Caller> {
        let services = std::mem::take(&mut self.services);
        for observer in services.observers.values() {
            observer.send(Err(Error::Stopped), out);
        }
        let contests = services.contests.into_values().filter_map(|contest| contest.client);
        contests.chain(services.asks.into_values().map(|ask| ask.client)).collect()
    }
}
