//! Waiting for one's turn among keys under a prefix: what locks and elections have in common
//! (etcd: `client/v3/concurrency/key.go`).
//!
//! Everybody has a key of their own there, `name/hex(lease)`, and the one whose key was created first has
//! the turn. The txn that creates the key lists those that were there before; a watch from the revision after it
//! tells when the last of them is gone, and whether the own key went first. So a hand-over takes no round trip
//! but that of the one who hands over: etcd's recipe watches one key at a time, and then has to ask again.
//! The price is that every waiting client is told of every key that goes.

use super::ownership::Ownership;
use super::recipe_error::RecipeError;
use super::session::Session;
use super::watch::WatchOptions;
use super::{CallError, WatchItem, kv};
use revline_checker::history::HoldKind;
use revline_store::api::{
    Compare, CompareResult, CompareTarget, EventType, PutRequest, RangeRequest, RangeResponse, RequestOp,
    ResponseOp, TxnRequest,
};
use revline_store::bytes::Bytes;
use revline_store::concurrency::{ownership_key, prefix};
use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// A key of one's own, and those that were created before it.
pub(super) struct Turn {
    pub owner: Ownership,
    before: BTreeSet<Bytes>,
    /// What is known, is known at this revision.
    revision: i64,
}

/// Holds if the key was created at this revision, and is there; with 0 if it is not there.
pub(super) fn created_at(key: &Bytes, revision: i64) -> Compare {
    Compare {
        key: key.clone(),
        range_end: Bytes::default(),
        result: CompareResult::Equal,
        target: CompareTarget::CreateRevision(revision),
    }
}

fn everybody(name: &Bytes) -> RangeRequest {
    let key = prefix(name.as_slice());
    RangeRequest { range_end: kv::range_end(&key, true), key, keys_only: true, ..RangeRequest::default() }
}

/// Ends the session if the caller goes away while nobody knows whether its key was made.
struct Unanswered<'a>(Option<&'a Session>);

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        if let Some(session) = self.0.take().filter(|_| !std::thread::panicking()) {
            session.abandon();
        }
    }
}

impl Turn {
    /// Makes a key, or finds the one that is there.
    pub async fn enter(
        session: &Session,
        kind: HoldKind,
        name: Bytes,
        value: Bytes,
    ) -> Result<Turn, RecipeError> {
        if session.is_lost() {
            return Err(RecipeError::SessionLost);
        }
        let key = ownership_key(name.as_slice(), session.lease());
        let put = PutRequest {
            key: key.clone(),
            value: value.clone(),
            lease: session.lease(),
            ..PutRequest::default()
        };
        let own = RangeRequest { key: key.clone(), ..RangeRequest::default() };
        let txn = TxnRequest {
            compare: vec![created_at(&key, 0)],
            success: vec![RequestOp::Put(put), RequestOp::Range(everybody(&name))],
            failure: vec![RequestOp::Range(own), RequestOp::Range(everybody(&name))],
        };
        let mut unanswered = Unanswered(Some(session));
        let answer = session.client().txn(txn).await;
        if !matches!(answer, Err(CallError::Unknown(_))) {
            unanswered.0 = None;
        }
        let response = answer.map_err(RecipeError::of)?;
        let revision = response.header.revision;
        let (own, all) = match &response.responses[..] {
            [ResponseOp::Put(_), ResponseOp::Range(all)] => (None, all),
            [ResponseOp::Range(own), ResponseOp::Range(all)] => (own.kvs.first(), all),
            other => unreachable!("answers to other operations: {other:?}"),
        };
        let created = own.map_or(revision, |own| own.create_revision);
        let shown = own.map_or(&value, |own| &own.value).clone();
        let owner = Ownership::new(session.clone(), kind, (name, key), created, shown);
        Ok(Turn { before: before(all, created), owner, revision })
    }

    /// Whether nobody comes before.
    pub fn has_come(&self) -> bool {
        self.before.is_empty()
    }

    /// Waits until nobody comes before; then it is recorded as held.
    pub async fn wait(mut self) -> Result<Ownership, RecipeError> {
        let session = self.owner.session().clone();
        while !self.before.is_empty() {
            match first(self.advance(), session.lost()).await {
                Some(advanced) => advanced?,
                None => return Err(RecipeError::SessionLost),
            }
        }
        if session.is_lost() {
            return Err(RecipeError::SessionLost);
        }
        self.owner.acquired(self.revision);
        Ok(self.owner)
    }

    /// Follows what becomes of those before, until none is left or history is gone.
    async fn advance(&mut self) -> Result<(), RecipeError> {
        let key = prefix(self.owner.name().as_slice());
        let range_end = kv::range_end(&key, true);
        let options =
            WatchOptions { start_revision: self.revision + 1, no_put: true, ..WatchOptions::default() };
        let mut watcher = self.owner.session().client().watch(key, range_end, options).await;
        while let Some(item) = watcher.next().await {
            match item {
                WatchItem::Events(events) => {
                    let gone = events.iter().filter(|event| event.event_type == EventType::Delete);
                    for kv in gone.map(|event| &event.kv) {
                        if kv.key == *self.owner.key() {
                            return Err(self.owner.gone());
                        }
                        if self.before.remove(&kv.key) {
                            self.revision = kv.mod_revision;
                        }
                    }
                    if self.before.is_empty() {
                        return Ok(());
                    }
                }
                WatchItem::Progress(_) => {}
                WatchItem::Compacted(_) => return self.look_again().await,
                WatchItem::Refused(why) => return Err(RecipeError::WatchRefused(why)),
            }
        }
        Ok(())
    }

    /// Asks anew who is there.
    async fn look_again(&mut self) -> Result<(), RecipeError> {
        let own = RangeRequest { key: self.owner.key().clone(), ..RangeRequest::default() };
        let success = vec![RequestOp::Range(own), RequestOp::Range(everybody(self.owner.name()))];
        let txn = TxnRequest { success, ..TxnRequest::default() };
        let response = self.owner.session().client().txn(txn).await.map_err(RecipeError::of)?;
        let [ResponseOp::Range(own), ResponseOp::Range(all)] = &response.responses[..] else {
            unreachable!("answers to other operations")
        };
        let created = self.owner.create_revision();
        if own.kvs.first().is_none_or(|own| own.create_revision != created) {
            return Err(self.owner.gone());
        }
        (self.before, self.revision) = (before(all, created), response.header.revision);
        Ok(())
    }
}

/// The keys that were created before.
fn before(all: &RangeResponse, created: i64) -> BTreeSet<Bytes> {
    all.kvs.iter().filter(|kv| kv.create_revision < created).map(|kv| kv.key.clone()).collect()
}

/// What `wanted` comes to, unless `end` does first.
async fn first<T>(wanted: impl Future<Output = T>, end: impl Future<Output = ()>) -> Option<T> {
    let (mut wanted, mut end) = (pin!(wanted), pin!(end));
    poll_fn(|context| {
        if let Poll::Ready(value) = wanted.as_mut().poll(context) {
            return Poll::Ready(Some(value));
        }
        end.as_mut().poll(context).map(|()| None)
    })
    .await
}
