//! Streams that show the leaders of an election.
//!
//! etcd's `Observe` reads the leader, watches its key until it is deleted, and reads again: what was elected
//! and gone in between is not shown (`client/v3/concurrency/election.go`). Here each revision is looked at as it is
//! applied, and those that a snapshot skipped are looked up in its history, so that none is missed that was not
//! compacted.

use super::super::Member;
use super::super::read_index::Query;
use super::{ServiceId, step_of};
use crate::api::{
    Event, KeyValue, LeaderRequest, LeaderResponse, PermissionType, RangeRequest, Request, ResponseHeader,
    Token,
};
use crate::auth::Actor;
use crate::bytes::Bytes;
use crate::concurrency::{first_created, prefix};
use crate::error::Error;
use crate::machine::{Output, Reply, ServerFrame, SessionId};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A stream.
#[derive(Debug)]
pub(in crate::member) struct Observer {
    session: SessionId,
    stream: u64,
    name: Bytes,
    prefix: Bytes,
    shown: Shown,
    /// Who observes; nobody, if auth was off.
    user: Option<Arc<str>>,
}

#[derive(Debug)]
enum Shown {
    /// Nothing yet: it begins with what is committed when it is opened.
    Asking,
    /// There is no leader.
    Nobody,
    Leader(Arc<KeyValue>),
}

impl Observer {
    pub fn send(&self, response: Result<LeaderResponse, Error>, out: &mut Vec<Output>) {
        let frame = ServerFrame::Observe { stream: self.stream, response };
        out.push(Output::Client { session: self.session, frame });
    }

    /// Whether these changes may have made another leader, or changed what it says.
    fn is_concerned_by(&self, events: &[Event]) -> bool {
        match &self.shown {
            Shown::Asking => false,
            Shown::Nobody => events.iter().any(|event| event.kv.key.starts_with(&self.prefix)),
            Shown::Leader(kv) => events.iter().any(|event| event.kv.key == kv.key),
        }
    }
}

impl Member {
    /// Opens a stream. What is said on one that is open has no effect.
    pub(in crate::member) fn observe(
        &mut self,
        session: SessionId,
        stream: u64,
        request: LeaderRequest,
        token: Option<Token>,
        out: &mut Vec<Output>,
    ) {
        let (name, prefix) = (request.name.clone(), prefix(&request.name));
        let mut observer = Observer { session, stream, name, prefix, shown: Shown::Asking, user: None };
        if !self.is_voter() {
            return observer.send(Err(Error::NotSupportedForLearner), out);
        }
        match self.actor_of(token.as_ref()) {
            Ok(actor) => observer.user = actor.user().cloned(),
            Err(error) => return observer.send(Err(error), out),
        }
        if self.services.observers.values().any(|open| open.session == session && open.stream == stream) {
            return;
        }
        let id = self.services.next_id();
        self.services.observers.insert(id, observer);
        self.read_linearizably(step_of(id), Query::Kv(Request::Range(first_created(&request.name))), token);
    }

    /// What was committed when the stream was opened is applied. It begins with what is applied by now.
    pub(super) fn observe_from_now(
        &mut self,
        id: ServiceId,
        result: Result<Reply, Error>,
        out: &mut Vec<Output>,
    ) {
        if let Err(error) = result {
            if let Some(observer) = self.services.observers.remove(&id) {
                observer.send(Err(error), out);
            }
            return;
        }
        if let Some(observer) = self.services.observers.get_mut(&id) {
            observer.shown = Shown::Nobody;
        }
        self.show_leader(id, out);
    }

    pub(super) fn notify_observers(&mut self, events: &[Event], out: &mut Vec<Output>) {
        let observers = self.services.observers.iter();
        let concerned: Vec<ServiceId> =
            observers.filter(|(_, observer)| observer.is_concerned_by(events)).map(|(id, _)| *id).collect();
        for id in concerned {
            self.show_leader(id, out);
        }
    }

    /// Permissions changed: ends the streams of those who may no longer see what they observe.
    pub(in crate::member) fn recheck_observers(&mut self, out: &mut Vec<Output>) {
        let auth = &self.core.state.auth;
        let refusal = |observer: &Observer| {
            let RangeRequest { key, range_end, .. } = first_created(&observer.name);
            let actor = observer.user.as_ref().map_or(Actor::Nobody, |user| auth.now(user));
            auth.permit_range(&actor, PermissionType::Read, &key, &range_end).err()
        };
        let observers = self.services.observers.iter();
        let refused: Vec<(ServiceId, Error)> =
            observers.filter_map(|(&id, observer)| Some((id, refusal(observer)?))).collect();
        for (id, error) in refused {
            if let Some(observer) = self.services.observers.remove(&id) {
                observer.send(Err(error), out);
            }
            self.forget_callers(|caller| *caller == step_of(id));
        }
    }

    /// The store went from the revision `before` to that of a snapshot. What led in between is shown, unless it
    /// was compacted.
    pub(super) fn observers_restored(&mut self, before: i64, out: &mut Vec<Output>) {
        let store = &self.core.state.store;
        let (end, compacted) = (store.revision(), store.compact_revision());
        let mut to_look_at: Vec<(ServiceId, BTreeSet<i64>)> = Vec::new();
        for (id, observer) in &self.services.observers {
            let mut revisions = BTreeSet::from([end]);
            if before + 1 >= compacted {
                // Of what was changed at the compacted revision itself, deletions are forgotten.
                revisions.extend((before + 1 == compacted).then_some(compacted));
                let changes = store.changes_since(before + 1);
                let own = changes.filter(|kv| kv.key.starts_with(&observer.prefix));
                revisions.extend(own.map(|kv| kv.mod_revision));
            }
            to_look_at.push((*id, revisions));
        }
        for (id, revisions) in to_look_at {
            revisions.into_iter().for_each(|revision| self.show_leader_at(id, revision, out));
        }
    }

    fn show_leader(&mut self, id: ServiceId, out: &mut Vec<Output>) {
        self.show_leader_at(id, self.core.state.store.revision(), out);
    }

    /// Shows who leads at a revision that is not compacted, unless it was shown already.
    fn show_leader_at(&mut self, id: ServiceId, revision: i64, out: &mut Vec<Output>) {
        let Some(observer) = self.services.observers.get(&id) else { return };
        let range = self.core.state.store.range(&RangeRequest { revision, ..first_created(&observer.name) });
        let leader = range.expect("it is neither compacted nor of the future").kvs.into_iter().next();
        let shown = match (&observer.shown, leader) {
            (Shown::Asking, _) => return,
            (Shown::Leader(before), Some(kv)) if *before == kv => return,
            (_, None) => Shown::Nobody,
            (_, Some(kv)) => {
                let mut header = ResponseHeader::at(revision);
                self.core.cx(out).fill_header(&mut header);
                observer.send(Ok(LeaderResponse { header, kv: Some(kv.clone()) }), out);
                Shown::Leader(kv)
            }
        };
        if let Some(observer) = self.services.observers.get_mut(&id) {
            observer.shown = shown;
        }
    }

    pub(in crate::member) fn close_observer(&mut self, session: SessionId, stream: u64) {
        self.close_observers(|observer| observer.session == session && observer.stream == stream);
    }

    pub(in crate::member) fn close_observers_of(&mut self, session: SessionId) {
        self.close_observers(|observer| observer.session == session);
    }

    fn close_observers(&mut self, closed: impl Fn(&Observer) -> bool) {
        let observers = self.services.observers.extract_if(.., |_, observer| closed(observer));
        for id in observers.map(|(id, _)| id).collect::<Vec<_>>() {
            self.forget_callers(|caller| *caller == step_of(id));
        }
    }
}
