//! A lock waiter, or a candidate of an election (`client/v3/concurrency/key.go`).
//!
//! The txn that creates the waiter's key lists the keys that were there before; a watch from the revision after it
//! shows the deletion of the last of them, and of the waiter's own key if that went first. So a hand-over takes no
//! round trip but that of the owner that hands over: etcd's recipe watches one key at a time, and then has to ask
//! again. The price is that every waiter is told of every key that goes.

use super::{is_owner, ownership_key, prefix, prefix_end};
use crate::api::{
    EventType, FilterType, PutRequest, RangeRequest, RangeResponse, RequestOp, ResponseOp, TxnRequest,
    TxnResponse, WatchCreateRequest,
};
use crate::bytes::Bytes;
use crate::client::WatchItem;
use std::collections::BTreeSet;

/// A waiter: its key, and the keys that were created before it. Its host asks for the [`WaiterStep`], and reports
/// its result.
#[derive(Clone, Debug)]
pub struct Waiter {
    name: Bytes,
    key: Bytes,
    value: Bytes,
    lease: i64,
    create_revision: i64,
    before: BTreeSet<Bytes>,
    /// The revision of the known keys.
    revision: i64,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Outside,
    Follows,
    /// Revisions that it wanted to follow were compacted.
    Behind,
    Gone,
}

/// The next step of a waiter.
#[derive(Clone, Debug, PartialEq)]
pub enum WaiterStep {
    /// Create the key, or look whether all is as it was: [`Waiter::answered`] takes the answer.
    Ask(TxnRequest),
    /// Watch the other waiters: [`Waiter::watched`] takes the responses of the watch.
    Watch(WatchCreateRequest),
    /// It owns the name, at this revision.
    Owns(i64),
    /// Its key is gone.
    Gone,
}

impl Waiter {
    /// A waiter for a name, with a lease that its key goes with. A candidate shows `value`.
    pub fn new(name: Bytes, lease: i64, value: Bytes) -> Waiter {
        Waiter {
            key: ownership_key(name.as_slice(), lease),
            name,
            value,
            lease,
            create_revision: 0,
            before: BTreeSet::new(),
            revision: 0,
            stage: Stage::Outside,
        }
    }

    /// The name it waits for.
    pub fn name(&self) -> &Bytes {
        &self.name
    }

    /// Its key.
    pub fn key(&self) -> &Bytes {
        &self.key
    }

    /// The revision that created its key.
    pub fn create_revision(&self) -> i64 {
        self.create_revision
    }

    /// The value of its key: another one than asked for, if the key was there already.
    pub fn value(&self) -> &Bytes {
        &self.value
    }

    /// The next step.
    pub fn next(&self) -> WaiterStep {
        match self.stage {
            Stage::Outside => WaiterStep::Ask(self.enter()),
            Stage::Gone => WaiterStep::Gone,
            _ if self.before.is_empty() => WaiterStep::Owns(self.revision),
            Stage::Follows => WaiterStep::Watch(self.follow()),
            Stage::Behind => WaiterStep::Ask(self.look()),
        }
    }

    fn enter(&self) -> TxnRequest {
        let put = PutRequest {
            key: self.key.clone(),
            value: self.value.clone(),
            lease: self.lease,
            ..PutRequest::default()
        };
        TxnRequest {
            compare: vec![is_owner(&self.key, 0)],
            success: vec![RequestOp::Put(put), RequestOp::Range(self.everybody())],
            failure: self.look().success,
        }
    }

    fn look(&self) -> TxnRequest {
        let own = RangeRequest { key: self.key.clone(), ..RangeRequest::default() };
        let success = vec![RequestOp::Range(own), RequestOp::Range(self.everybody())];
        TxnRequest { success, ..TxnRequest::default() }
    }

    fn everybody(&self) -> RangeRequest {
        let (key, range_end) = (prefix(self.name.as_slice()), prefix_end(self.name.as_slice()));
        RangeRequest { key, range_end, keys_only: true, ..RangeRequest::default() }
    }

    fn follow(&self) -> WatchCreateRequest {
        WatchCreateRequest {
            key: prefix(self.name.as_slice()),
            range_end: prefix_end(self.name.as_slice()),
            start_revision: self.revision + 1,
            filters: vec![FilterType::NoPut],
            ..WatchCreateRequest::default()
        }
    }

    /// Takes the answer to a txn.
    ///
    /// # Panics
    ///
    /// If it is the answer to another txn.
    pub fn answered(&mut self, response: &TxnResponse) {
        let revision = response.header.revision;
        let (own, all) = match &response.responses[..] {
            [ResponseOp::Put(_), ResponseOp::Range(all)] => (None, all),
            [ResponseOp::Range(own), ResponseOp::Range(all)] => (Some(own.kvs.first()), all),
            other => unreachable!("answers to other operations: {other:?}"),
        };
        match (self.stage, own) {
            (Stage::Outside, None) => self.create_revision = revision,
            (Stage::Outside, Some(Some(own))) => {
                self.create_revision = own.create_revision;
                self.value = own.value.clone();
            }
            (_, Some(Some(own))) if own.create_revision == self.create_revision => {}
            _ => return self.stage = Stage::Gone,
        }
        self.before = created_before(all, self.create_revision);
        (self.revision, self.stage) = (revision, Stage::Follows);
    }

    /// Takes an item of the watch; false if the watch is of no more use.
    pub fn watched(&mut self, item: &WatchItem) -> bool {
        match item {
            WatchItem::Events(events) => {
                for kv in
                    events.iter().filter(|event| event.event_type == EventType::Delete).map(|event| &event.kv)
                {
                    if kv.key == self.key {
                        self.stage = Stage::Gone;
                        return false;
                    }
                    if self.before.remove(&kv.key) {
                        self.revision = kv.mod_revision;
                    }
                }
                !self.before.is_empty()
            }
            WatchItem::Progress(_) => true,
            WatchItem::Compacted(_) => {
                self.stage = Stage::Behind;
                false
            }
            WatchItem::Refused(_) => false,
        }
    }
}

fn created_before(all: &RangeResponse, create_revision: i64) -> BTreeSet<Bytes> {
    all.kvs.iter().filter(|kv| kv.create_revision < create_revision).map(|kv| kv.key.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{DeleteRangeRequest, Event, Request, Response};
    use crate::defect::Defects;
    use crate::mvcc::Store;
    use std::sync::Arc;

    fn ask(store: &mut Store, waiter: &mut Waiter) {
        let WaiterStep::Ask(mut txn) = waiter.next() else { panic!("{:?}", waiter.next()) };
        // This store knows of no leases.
        if let Some(RequestOp::Put(put)) = txn.success.first_mut() {
            put.lease = 0;
        }
        let Ok(Response::Txn(response)) = store.apply(&Request::Txn(txn)).result else {
            unreachable!("a txn is answered as one")
        };
        waiter.answered(&response);
    }

    fn delete(store: &mut Store, key: &Bytes) -> WatchItem {
        let delete = DeleteRangeRequest { key: key.clone(), ..DeleteRangeRequest::default() };
        let mod_revision = store.apply(&Request::DeleteRange(delete)).revision;
        let kv = crate::api::KeyValue { key: key.clone(), mod_revision, ..Default::default() };
        WatchItem::Events([Event { event_type: EventType::Delete, kv: Arc::new(kv), prev_kv: None }].into())
    }

    fn waiters(store: &mut Store) -> [Waiter; 3] {
        [1, 2, 3].map(|lease| {
            let mut waiter = Waiter::new("n".into(), lease, format!("v{lease}").as_str().into());
            ask(store, &mut waiter);
            waiter
        })
    }

    #[test]
    fn waiters_own_a_name_in_the_order_in_which_their_keys_were_created() {
        let mut store = Store::new(Defects::NONE);
        let [first, mut second, mut third] = waiters(&mut store);
        assert_eq!(first.next(), WaiterStep::Owns(first.create_revision()));
        assert!(matches!(third.next(), WaiterStep::Watch(watch) if watch.start_revision == 5));
        let gone = delete(&mut store, second.key());
        assert!(!second.watched(&gone) && third.watched(&gone));
        assert_eq!(second.next(), WaiterStep::Gone);
        assert!(!third.watched(&delete(&mut store, first.key())));
        assert_eq!(third.next(), WaiterStep::Owns(6));
    }

    #[test]
    fn a_key_that_is_there_already_is_taken_over_with_its_value() {
        let mut store = Store::new(Defects::NONE);
        let [first, ..] = waiters(&mut store);
        let mut again = Waiter::new("n".into(), 1, "other".into());
        ask(&mut store, &mut again);
        assert_eq!((again.create_revision(), again.value()), (first.create_revision(), &Bytes::from("v1")));
    }

    #[test]
    fn a_waiter_looks_again_once_what_it_followed_was_compacted() {
        let mut store = Store::new(Defects::NONE);
        let [first, mut second, mut third] = waiters(&mut store);
        delete(&mut store, first.key());
        assert!(!second.watched(&WatchItem::Compacted(5)));
        ask(&mut store, &mut second);
        assert_eq!(second.next(), WaiterStep::Owns(5));
        delete(&mut store, third.key());
        assert!(!third.watched(&WatchItem::Compacted(6)));
        ask(&mut store, &mut third);
        assert_eq!(third.next(), WaiterStep::Gone);
    }
}
