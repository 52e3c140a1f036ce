//! A client that acts as planned, and remembers what it saw.

use super::tenant::{Office, Tenant};
use crate::plan::{Action, END_OF_KEYS, FIRST_KEY, FROM_KEY};
use revline_sim::World;
use revline_sim::client::{Client, DeleteOptions, GetOptions};
use revline_store::api::{
    Compare, CompareResult, CompareTarget, DeleteRangeRequest, PutRequest, RangeRequest, RequestOp,
    ResponseOp, TxnRequest,
};
use revline_store::bytes::Bytes;
use std::collections::BTreeMap;

pub(super) struct Actor {
    client: Client,
    tenant: Tenant,
    /// The newest revision this client has seen.
    revision: i64,
    /// The `mod_revision` of each key when this client last saw it; 0 for absent.
    seen: BTreeMap<String, i64>,
}

impl Actor {
    pub fn new(world: World, client: Client) -> Actor {
        Actor { tenant: Tenant::new(world, client.clone()), client, revision: 0, seen: BTreeMap::new() }
    }

    /// Does it, and remembers what came of it. What failed is in the history, and nothing to go on.
    pub async fn act(&mut self, action: &Action) {
        match action {
            Action::Put { key, value } => {
                if let Ok(response) = self.client.put(key.as_str(), value.as_str()).await {
                    self.saw(response.header.revision);
                    self.seen.insert(key.clone(), response.header.revision);
                }
            }
            Action::Delete { key } => {
                if let Ok(response) = self.client.delete(key.as_str(), DeleteOptions::default()).await {
                    self.saw(response.header.revision);
                    self.seen.insert(key.clone(), 0);
                }
            }
            Action::Get { key, serializable } => {
                let options = GetOptions { serializable: *serializable, ..GetOptions::default() };
                if let Ok(response) = self.client.get_with(key.as_str(), options).await {
                    self.saw(response.header.revision);
                    self.seen.insert(key.clone(), response.first().map_or(0, |kv| kv.mod_revision));
                }
            }
            Action::List { serializable, behind } => self.list(*serializable, *behind).await,
            Action::PutSeveral { keys, value } => {
                let puts = keys.iter().map(|key| put(key, value));
                let success = puts.chain([list()]).collect();
                self.txn(TxnRequest { success, ..TxnRequest::default() }).await;
            }
            Action::ReadSeveral { keys, serializable } => {
                let get = |key: &String| {
                    RequestOp::Range(RangeRequest {
                        key: key.as_str().into(),
                        serializable: *serializable,
                        ..RangeRequest::default()
                    })
                };
                let success = keys.iter().map(get).collect();
                self.txn(TxnRequest { success, ..TxnRequest::default() }).await;
            }
            Action::CompareAndSwap { key, value } => {
                let expected = self.seen.get(key).copied().unwrap_or(0);
                self.put_if(key, CompareTarget::ModRevision(expected), value).await;
            }
            Action::Create { key, value } => self.put_if(key, CompareTarget::Version(0), value).await,
            Action::Replace { from, to, value } => {
                let delete = RequestOp::DeleteRange(DeleteRangeRequest {
                    key: from.as_str().into(),
                    ..DeleteRangeRequest::default()
                });
                let success = vec![delete, put(to, value), list()];
                self.txn(TxnRequest { success, ..TxnRequest::default() }).await;
            }
            Action::LookBack { key, value, behind } => {
                let get = RequestOp::Range(RangeRequest {
                    key: key.as_str().into(),
                    revision: (self.revision - i64::try_from(*behind).unwrap_or(i64::MAX)).max(1),
                    ..RangeRequest::default()
                });
                let success = vec![put(key, value), get];
                self.txn(TxnRequest { success, ..TxnRequest::default() }).await;
            }
            Action::Compact { behind } => {
                let revision = self.revision - i64::try_from(*behind).unwrap_or(i64::MAX);
                if revision > 0
                    && let Ok(response) = self.client.compact(revision).await
                {
                    self.saw(response.header.revision);
                }
            }
            Action::ListFrom { key, serializable } => {
                let options =
                    GetOptions { from_key: true, serializable: *serializable, ..GetOptions::default() };
                if let Ok(response) = self.client.get_with(key.as_str(), options).await {
                    self.saw(response.header.revision);
                }
            }
            Action::DeleteFrom { key } => {
                let options = DeleteOptions { from_key: true, ..DeleteOptions::default() };
                if let Ok(response) = self.client.delete(key.as_str(), options).await {
                    self.saw(response.header.revision);
                    self.seen.split_off(key);
                }
            }
            Action::CompareFrom { key, value } => self.compare_from(key, value).await,
            Action::Grant { lease, ttl_s } => {
                if let Ok(response) = self.client.grant_with_id(*lease, *ttl_s).await {
                    self.saw(response.header.revision);
                }
            }
            Action::Attach { lease, key, value } => {
                if let Ok(response) = self.client.put_with_lease(key.as_str(), value.as_str(), *lease).await {
                    self.saw(response.header.revision);
                    self.seen.insert(key.clone(), response.header.revision);
                }
            }
            Action::KeepAlive { lease } => {
                if let Ok(response) = self.client.keep_alive_once(*lease).await {
                    self.saw(response.header.revision);
                }
            }
            Action::Revoke { lease } => {
                if let Ok(response) = self.client.revoke(*lease).await {
                    self.saw(response.header.revision);
                }
            }
            Action::TimeToLive { lease, keys } => {
                if let Ok(response) = self.client.time_to_live(*lease, *keys).await {
                    self.saw(response.header.revision);
                }
            }
            Action::Lock(tenure) => self.tenant.serve(Office::Lock, tenure).await,
            Action::Lead(tenure) => self.tenant.serve(Office::Leadership, tenure).await,
            Action::Leases => {
                if let Ok(response) = self.client.leases().await {
                    self.saw(response.header.revision);
                }
            }
        }
    }

    fn saw(&mut self, revision: i64) {
        self.revision = self.revision.max(revision);
    }

    async fn list(&mut self, serializable: bool, behind: u64) {
        let behind = i64::try_from(behind).unwrap_or(i64::MAX);
        let revision = if behind == 0 { 0 } else { (self.revision - behind).max(0) };
        let options = GetOptions { prefix: true, serializable, revision, ..GetOptions::default() };
        if let Ok(response) = self.client.get_with(FIRST_KEY, options).await {
            self.saw(response.header.revision);
        }
    }

    async fn put_if(&mut self, key: &str, target: CompareTarget, value: &str) {
        let compare =
            Compare { key: key.into(), range_end: Bytes::default(), result: CompareResult::Equal, target };
        let get = RequestOp::Range(RangeRequest { key: key.into(), ..RangeRequest::default() });
        self.txn(TxnRequest { compare: vec![compare], success: vec![put(key, value)], failure: vec![get] })
            .await;
    }

    async fn compare_from(&mut self, key: &str, value: &str) {
        let compare = Compare {
            key: key.into(),
            range_end: FROM_KEY.into(),
            result: CompareResult::Greater,
            target: CompareTarget::Version(0),
        };
        let all = || {
            RequestOp::Range(RangeRequest {
                key: key.into(),
                range_end: FROM_KEY.into(),
                ..RangeRequest::default()
            })
        };
        let inner = TxnRequest { success: vec![all()], ..TxnRequest::default() };
        let success = vec![put(key, value), RequestOp::Txn(inner)];
        self.txn(TxnRequest { compare: vec![compare], success, failure: vec![all()] }).await;
    }

    async fn txn(&mut self, txn: TxnRequest) {
        let Ok(response) = self.client.txn(txn).await else { return };
        self.saw(response.header.revision);
        for op in response.responses {
            if let ResponseOp::Range(range) = op {
                for kv in range.kvs {
                    if let Ok(key) = std::str::from_utf8(&kv.key) {
                        self.seen.insert(key.to_owned(), kv.mod_revision);
                    }
                }
            }
        }
    }
}

fn put(key: &str, value: &str) -> RequestOp {
    RequestOp::Put(PutRequest { key: key.into(), value: value.into(), ..PutRequest::default() })
}

/// Reads every key of the workload.
fn list() -> RequestOp {
    RequestOp::Range(RangeRequest {
        key: FIRST_KEY.into(),
        range_end: END_OF_KEYS.into(),
        ..RangeRequest::default()
    })
}
