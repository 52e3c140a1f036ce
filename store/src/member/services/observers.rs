//! Observers: streams that show the leaders of an election.
//!
//! etcd's `Observe` reads the leader, watches its key until it is deleted, and reads again: leaders that were
//! elected and gone in between are not shown (`client/v3/concurrency/election.go`). Here each revision is looked at
//! as it is applied, and those that a snapshot skipped are looked up in its history, so that no leader is missed
//! that was not compacted.

use crate::api::{
    Event, KeyValue, LeaderRequest, LeaderResponse, PermissionType, RangeRequest, Request, ResponseHeader,
    Token,
};
use crate::auth::{Actor, AuthStore};
use crate::bytes::Bytes;
use crate::concurrency::{first_created, prefix};
use crate::error::Error;
use crate::frame::{ClientStream, Reply, ServerFrame};
use crate::member::Output;
use crate::member::caller::Caller;
use crate::member::cx::Cx;
use crate::member::services::{ServiceId, step_of};
use crate::member::v3_server::V3Server;
use crate::member::v3_server::query::Query;
use crate::mvcc::Store;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The streams that observe elections.
#[derive(Debug, Default)]
pub(super) struct Observers(BTreeMap<ServiceId, Observer>);

/// A stream that shows the leaders of an election.
#[derive(Debug)]
pub(super) struct Observer {
    pub named: ClientStream,
    name: Bytes,
    prefix: Bytes,
    shown: Shown,
    /// The user that observes, if auth was on.
    user: Option<Arc<str>>,
}

#[derive(Debug)]
enum Shown {
    /// Nothing yet: it begins with the entries committed when it is opened.
    Asking,
    /// That there is no leader.
    NoLeader,
    Leader(Arc<KeyValue>),
}

impl Observer {
    /// A stream that was shown nothing yet.
    pub fn new(named: ClientStream, request: &LeaderRequest) -> Observer {
        let (name, prefix) = (request.name.clone(), prefix(&request.name));
        Observer { named, name, prefix, shown: Shown::Asking, user: None }
    }

    fn send(&self, cx: &mut Cx<'_>, response: Result<LeaderResponse, Error>) {
        let ClientStream { session, stream } = self.named;
        cx.out.push(Output::Client { session, frame: ServerFrame::Observe { stream, response } });
    }

    /// Returns true if these changes may have made another leader, or changed its value.
    fn is_concerned_by(&self, events: &[Event]) -> bool {
        match &self.shown {
            Shown::Asking => false,
            Shown::NoLeader => events.iter().any(|event| event.kv.key.starts_with(&self.prefix)),
            Shown::Leader(kv) => events.iter().any(|event| event.kv.key == kv.key),
        }
    }

    /// The error that ends the stream, if its user may no longer read the election.
    fn refusal(&self, auth: &AuthStore) -> Option<Error> {
        let RangeRequest { key, range_end, .. } = first_created(&self.name);
        let actor = self.user.as_ref().map_or(Actor::Nobody, |user| auth.now(user));
        auth.permit_range(&actor, PermissionType::Read, &key, &range_end).err()
    }

    /// The revisions at which another leader may have begun since `before`, up to now. Those that were compacted are not
    /// looked at.
    fn revisions_since(&self, store: &Store, before: i64) -> BTreeSet<i64> {
        let (end, compacted) = (store.revision(), store.compact_revision());
        let mut revisions = BTreeSet::from([end]);
        if before + 1 >= compacted {
            // Of the changes at the compacted revision itself, deletions are forgotten.
            revisions.extend((before + 1 == compacted).then_some(compacted));
            let changes = store.changes_since(before + 1);
            let own = changes.filter(|kv| kv.key.starts_with(&self.prefix));
            revisions.extend(own.map(|kv| kv.mod_revision));
        }
        revisions
    }

    /// Shows the leader at a revision that is not compacted, unless it was shown already.
    fn show_leader_at(&mut self, cx: &mut Cx<'_>, revision: i64) {
        let range = cx.state.store.range(&RangeRequest { revision, ..first_created(&self.name) });
        let leader = range.expect("it is neither compacted nor of the future").kvs.into_iter().next();
        self.shown = match (&self.shown, leader) {
            (Shown::Asking, _) => return,
            (Shown::Leader(before), Some(kv)) if *before == kv => return,
            (_, None) => Shown::NoLeader,
            (_, Some(kv)) => {
                let mut header = ResponseHeader::at(revision);
                cx.fill_header(&mut header);
                self.send(cx, Ok(LeaderResponse { header, kv: Some(kv.clone()) }));
                Shown::Leader(kv)
            }
        };
    }
}

impl Observers {
    /// Returns true if this is the id of a stream.
    pub fn has(&self, id: ServiceId) -> bool {
        self.0.contains_key(&id)
    }

    /// Opens a stream, unless it is open.
    pub fn open(
        &mut self,
        cx: &mut Cx<'_>,
        server: &mut V3Server,
        id: ServiceId,
        mut observer: Observer,
        token: Option<Token>,
    ) {
        if !cx.is_voter() {
            return observer.send(cx, Err(Error::NotSupportedForLearner));
        }
        match server.gate.actor_of(cx, token.as_ref()) {
            Ok(actor) => observer.user = actor.user().cloned(),
            Err(error) => return observer.send(cx, Err(error)),
        }
        if self.0.values().any(|open| open.named == observer.named) {
            return;
        }
        let query = Query::Kv(Request::Range(first_created(&observer.name)));
        self.0.insert(id, observer);
        server.reads.push(cx, step_of(id), query, token);
    }

    /// All that was committed when the stream was opened is applied: shows the leader as it is now.
    pub fn answered(&mut self, cx: &mut Cx<'_>, id: ServiceId, result: Result<Reply, Error>) {
        if let Err(error) = result {
            if let Some(observer) = self.0.remove(&id) {
                observer.send(cx, Err(error));
            }
        } else if let Some(observer) = self.0.get_mut(&id) {
            observer.shown = Shown::NoLeader;
            observer.show_leader_at(cx, cx.state.store.revision());
        }
    }

    /// Shows the leaders that these changes, all of one request, have made.
    pub fn notify(&mut self, cx: &mut Cx<'_>, events: &[Event]) {
        for observer in self.0.values_mut().filter(|observer| observer.is_concerned_by(events)) {
            observer.show_leader_at(cx, cx.state.store.revision());
        }
    }

    /// Ends the streams that may no longer read the election they observe, after a change of permissions.
    pub fn recheck(&mut self, cx: &mut Cx<'_>, server: &mut V3Server) {
        let auth = &cx.state.auth;
        let observers = self.0.iter();
        let refused: Vec<(ServiceId, Error)> =
            observers.filter_map(|(&id, observer)| Some((id, observer.refusal(auth)?))).collect();
        for (id, error) in refused {
            if let Some(observer) = self.0.remove(&id) {
                observer.send(cx, Err(error));
            }
            server.forget(&|caller: &Caller| *caller == step_of(id));
        }
    }

    /// The store went from the revision `before` to that of a snapshot. The leaders in between are shown, unless they
    /// were compacted.
    pub fn restored(&mut self, cx: &mut Cx<'_>, before: i64) {
        for observer in self.0.values_mut() {
            for revision in observer.revisions_since(&cx.state.store, before) {
                observer.show_leader_at(cx, revision);
            }
        }
    }

    /// Closes streams without a word.
    pub fn close(&mut self, server: &mut V3Server, closed: impl Fn(&Observer) -> bool) {
        for (id, _) in self.0.extract_if(.., |_, observer| closed(observer)) {
            server.forget(&|caller: &Caller| *caller == step_of(id));
        }
    }

    /// Ends all streams: this member was removed.
    pub fn stop(self, cx: &mut Cx<'_>) {
        for observer in self.0.into_values() {
            observer.send(cx, Err(Error::Stopped));
        }
    }
}
