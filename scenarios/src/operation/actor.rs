//! The client of an operation, and what it has seen.

use super::tenant::Tenant;
use super::txn::put;
use revline_sim::World;
use revline_sim::client::Client;
use revline_store::api::{
    Compare, CompareResult, CompareTarget, KeyValue, RangeRequest, RequestOp, ResponseOp, TxnRequest,
};
use revline_store::bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A client that acts as planned, and remembers what it saw.
pub(crate) struct Actor {
    pub(super) client: Client,
    pub(super) tenant: Tenant,
    /// The newest revision this client has seen.
    revision: i64,
    /// The `mod_revision` of each key when this client last saw it; 0 for absent.
    pub(super) seen: BTreeMap<String, i64>,
    /// Each key as a read showed it last.
    last: BTreeMap<Bytes, Arc<KeyValue>>,
}

impl Actor {
    pub fn new(world: World, client: Client) -> Actor {
        Actor {
            tenant: Tenant::new(world, client.clone()),
            client,
            revision: 0,
            seen: BTreeMap::new(),
            last: BTreeMap::new(),
        }
    }

    /// The revision so many before the newest it has seen; there may be none such.
    pub(super) fn behind(&self, revisions: u64) -> i64 {
        self.revision - i64::try_from(revisions).unwrap_or(i64::MAX)
    }

    /// Notes the revision of an answer.
    pub(super) fn saw(&mut self, revision: i64) {
        self.revision = self.revision.max(revision);
    }

    /// Notes the revision of an answer, and what it says of a key.
    pub(super) fn saw_key(&mut self, key: &str, revision: i64, mod_revision: i64) {
        self.saw(revision);
        self.seen.insert(key.to_owned(), mod_revision);
    }

    /// Notes keys that a read showed.
    pub(super) fn saw_keys(&mut self, kvs: &[Arc<KeyValue>]) {
        for kv in kvs {
            if let Some(key) = kv.key.as_str() {
                self.seen.insert(key.to_owned(), kv.mod_revision);
            }
            self.last.insert(kv.key.clone(), kv.clone());
        }
    }

    /// A key as a read showed it last.
    pub(super) fn last_of(&self, key: &Bytes) -> Option<&KeyValue> {
        self.last.get(key).map(|kv| &**kv)
    }

    /// Writes a key if it is so, or else reads it.
    pub(super) async fn put_if(&mut self, key: &str, target: CompareTarget, value: &str) {
        let compare =
            Compare { key: key.into(), range_end: Bytes::default(), result: CompareResult::Equal, target };
        let get = RequestOp::Range(RangeRequest { key: key.into(), ..RangeRequest::default() });
        self.txn(TxnRequest { compare: vec![compare], success: vec![put(key, value)], failure: vec![get] })
            .await;
    }

    /// Asks for a txn, and notes what it read.
    pub(super) async fn txn(&mut self, txn: TxnRequest) {
        let Ok(response) = self.client.txn(txn).await else { return };
        self.saw(response.header.revision);
        self.saw_all(&response.responses);
    }

    fn saw_all(&mut self, responses: &[ResponseOp]) {
        for op in responses {
            match op {
                ResponseOp::Range(range) => self.saw_keys(&range.kvs),
                ResponseOp::Txn(txn) => self.saw_all(&txn.responses),
                ResponseOp::Put(_) | ResponseOp::DeleteRange(_) => {}
            }
        }
    }
}
