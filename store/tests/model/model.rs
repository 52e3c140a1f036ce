//! The specification in the plainest form: a list of states.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use revline_store::api::{
    CompactionResponse, Compare, CompareResult, CompareTarget, DeleteRangeRequest, DeleteRangeResponse,
    KeyValue, LeaseGrantResponse, LeaseResponse, LeaseRevokeResponse, PutRequest, PutResponse, RangeRequest,
    RangeResponse, Request, RequestOp, Response, ResponseHeader, ResponseOp, SortOrder, SortTarget,
    TxnRequest, TxnResponse,
};
use revline_store::bytes::Bytes;
use revline_store::error::Error;
use revline_store::lease::LeaseAction;

use super::well_formed::{paths, well_formed, without_overlap};

pub type State = BTreeMap<Bytes, KeyValue>;

/// A change of a key: its value now, or nothing.
pub type Change = (Bytes, Option<KeyValue>);

pub struct Model {
    /// The state after each revision, from 0.
    pub states: Vec<State>,
    /// The changes of each revision, in order.
    pub changes: Vec<Vec<Change>>,
    pub compacted: i64,
    /// The granted and the remaining TTL of each lease.
    pub leases: BTreeMap<i64, (i64, i64)>,
}

/// A request under way.
struct Draft {
    state: State,
    changes: Vec<Change>,
    revision: i64,
}

impl Draft {
    fn header(&self) -> ResponseHeader {
        ResponseHeader::at(if self.changes.is_empty() { self.revision - 1 } else { self.revision })
    }
}

pub fn contains(start: &Bytes, end: &Bytes, key: &Bytes) -> bool {
    match &end[..] {
        b"" => key == start,
        b"\0" => key >= start,
        _ => key >= start && key < end,
    }
}

impl Model {
    pub fn new() -> Self {
        Model {
            states: vec![State::new(), State::new()],
            changes: vec![Vec::new(), Vec::new()],
            compacted: -1,
            leases: BTreeMap::new(),
        }
    }

    pub fn revision(&self) -> i64 {
        self.states.len() as i64 - 1
    }

    fn now(&self) -> &State {
        self.states.last().unwrap()
    }

    pub fn serve(&mut self, request: &Request) -> Result<Response, Error> {
        match request {
            Request::Range(range) => {
                well_formed(&RequestOp::Range(range.clone()), 128)?;
                self.range(range).map(Response::Range)
            }
            Request::Compaction(compaction) => {
                if compaction.revision <= self.compacted {
                    return Err(Error::Compacted);
                }
                if compaction.revision > self.revision() {
                    return Err(Error::FutureRev);
                }
                self.compacted = compaction.revision;
                Ok(Response::Compaction(CompactionResponse { header: ResponseHeader::at(self.revision()) }))
            }
            Request::Put(put) => self.write(RequestOp::Put(put.clone())),
            Request::DeleteRange(delete) => self.write(RequestOp::DeleteRange(delete.clone())),
            Request::Txn(txn) => self.write(RequestOp::Txn(txn.clone())),
        }
    }

    fn write(&mut self, op: RequestOp) -> Result<Response, Error> {
        well_formed(&op, 128)?;
        if let RequestOp::Txn(txn) = &op {
            for path in paths(&txn.success, &[]).into_iter().chain(paths(&txn.failure, &[])) {
                without_overlap(&path)?;
            }
        }
        self.allowed(&op)?;
        let mut draft =
            Draft { state: self.now().clone(), changes: Vec::new(), revision: self.revision() + 1 };
        let response = self.carry_out(&op, &mut draft)?;
        let header = draft.header();
        if !draft.changes.is_empty() {
            self.states.push(draft.state);
            self.changes.push(draft.changes);
        }
        Ok(match response {
            ResponseOp::Range(range) => Response::Range(range),
            ResponseOp::Put(put) => Response::Put(put),
            ResponseOp::DeleteRange(delete) => Response::DeleteRange(delete),
            ResponseOp::Txn(txn) => Response::Txn(TxnResponse { header, ..txn }),
        })
    }

    pub fn serve_lease(&mut self, action: &LeaseAction) -> Result<Option<LeaseResponse>, Error> {
        let mut header = ResponseHeader::at(self.revision());
        match action {
            LeaseAction::Grant(grant) => {
                if self.leases.contains_key(&grant.id) {
                    return Err(Error::LeaseExist);
                }
                self.leases.insert(grant.id, (grant.ttl_s, 0));
                let (id, ttl_s) = (grant.id, grant.ttl_s);
                Ok(Some(LeaseResponse::Grant(LeaseGrantResponse { header, id, ttl_s })))
            }
            LeaseAction::Revoke(revoke) => {
                self.leases.remove(&revoke.id).ok_or(Error::LeaseNotFound)?;
                let attached = self.keys_of(revoke.id);
                if !attached.is_empty() {
                    let mut state = self.now().clone();
                    state.retain(|key, _| !attached.contains(key));
                    self.states.push(state);
                    self.changes.push(attached.into_iter().map(|key| (key, None)).collect());
                    header.revision += 1;
                }
                Ok(Some(LeaseResponse::Revoke(LeaseRevokeResponse { header })))
            }
            LeaseAction::Checkpoint(checkpoints) => {
                for checkpoint in checkpoints {
                    if let Some(lease) = self.leases.get_mut(&checkpoint.id) {
                        lease.1 = checkpoint.remaining_ttl_s;
                    }
                }
                Ok(None)
            }
        }
    }

    /// The keys that now name a lease.
    pub fn keys_of(&self, lease: i64) -> BTreeSet<Bytes> {
        self.now().values().filter(|kv| kv.lease == lease).map(|kv| kv.key.clone()).collect()
    }

    /// The checks that need the state before.
    fn allowed(&self, op: &RequestOp) -> Result<(), Error> {
        match op {
            RequestOp::Put(put) => self.has_lease(put).and_then(|()| self.has_key(put)),
            RequestOp::Txn(_) => {
                self.allowed_in_txn(op, true)?;
                self.allowed_in_txn(op, false)
            }
            _ => Ok(()),
        }
    }

    fn has_lease(&self, put: &PutRequest) -> Result<(), Error> {
        let known = put.lease == 0 || self.leases.contains_key(&put.lease);
        if known { Ok(()) } else { Err(Error::LeaseNotFound) }
    }

    fn has_key(&self, put: &PutRequest) -> Result<(), Error> {
        let needs_key = put.ignore_value || put.ignore_lease;
        if needs_key && !self.now().contains_key(&put.key) { Err(Error::KeyNotFound) } else { Ok(()) }
    }

    /// Those of the puts in a txn, or of the ranges.
    fn allowed_in_txn(&self, op: &RequestOp, puts: bool) -> Result<(), Error> {
        match op {
            RequestOp::Put(put) if puts => self.has_key(put).and_then(|()| self.has_lease(put)),
            RequestOp::Range(range) if !puts && range.revision != 0 => {
                if range.revision > self.revision() {
                    Err(Error::FutureRev)
                } else if range.revision < self.compacted {
                    Err(Error::Compacted)
                } else {
                    Ok(())
                }
            }
            RequestOp::Txn(txn) => {
                let branch = if self.holds(txn) { &txn.success } else { &txn.failure };
                branch.iter().try_for_each(|op| self.allowed_in_txn(op, puts))
            }
            _ => Ok(()),
        }
    }

    fn holds(&self, txn: &TxnRequest) -> bool {
        txn.compare.iter().all(|compare| {
            let keys: Vec<&KeyValue> = self
                .now()
                .values()
                .filter(|kv| contains(&compare.key, &compare.range_end, &kv.key))
                .collect();
            if keys.is_empty() {
                !matches!(compare.target, CompareTarget::Value(_)) && passes(compare, &KeyValue::default())
            } else {
                keys.iter().all(|kv| passes(compare, kv))
            }
        })
    }

    fn carry_out(&self, op: &RequestOp, draft: &mut Draft) -> Result<ResponseOp, Error> {
        Ok(match op {
            RequestOp::Range(range) => {
                let past = usize::try_from(range.revision).ok().filter(|revision| *revision > 0);
                let state = past.map_or(&draft.state, |revision| &self.states[revision]);
                ResponseOp::Range(select(range, state, draft.header()))
            }
            RequestOp::Put(put) => ResponseOp::Put(carry_out_put(put, draft)),
            RequestOp::DeleteRange(delete) => ResponseOp::DeleteRange(carry_out_delete(delete, draft)),
            RequestOp::Txn(txn) => {
                let succeeded = self.holds(txn);
                let branch = if succeeded { &txn.success } else { &txn.failure };
                let responses =
                    branch.iter().map(|op| self.carry_out(op, draft)).collect::<Result<_, _>>()?;
                ResponseOp::Txn(TxnResponse { header: ResponseHeader::default(), succeeded, responses })
            }
            RequestOp::Empty => return Err(Error::KeyNotFound),
        })
    }

    pub fn range(&self, range: &RangeRequest) -> Result<RangeResponse, Error> {
        let revision = if range.revision <= 0 { self.revision() } else { range.revision };
        if revision > self.revision() {
            return Err(Error::FutureRev);
        }
        if revision < self.compacted {
            return Err(Error::Compacted);
        }
        Ok(select(range, &self.states[revision as usize], ResponseHeader::at(self.revision())))
    }
}

fn carry_out_put(put: &PutRequest, draft: &mut Draft) -> PutResponse {
    let before = draft.state.get(&put.key).cloned();
    let kv = KeyValue {
        key: put.key.clone(),
        create_revision: before.as_ref().map_or(draft.revision, |kv| kv.create_revision),
        mod_revision: draft.revision,
        version: before.as_ref().map_or(0, |kv| kv.version) + 1,
        // It is there, unless the same txn deleted it; then there is nothing to keep.
        value: before
            .as_ref()
            .filter(|_| put.ignore_value)
            .map_or_else(|| put.value.clone(), |kv| kv.value.clone()),
        lease: before.as_ref().filter(|_| put.ignore_lease).map_or(put.lease, |kv| kv.lease),
    };
    draft.state.insert(put.key.clone(), kv.clone());
    draft.changes.push((put.key.clone(), Some(kv)));
    PutResponse { header: draft.header(), prev_kv: before.filter(|_| put.prev_kv).map(Arc::new) }
}

fn carry_out_delete(delete: &DeleteRangeRequest, draft: &mut Draft) -> DeleteRangeResponse {
    let keys = draft.state.keys().filter(|key| contains(&delete.key, &delete.range_end, key));
    let keys: Vec<Bytes> = keys.cloned().collect();
    let mut prev_kvs = Vec::new();
    for key in &keys {
        prev_kvs.extend(draft.state.remove(key).map(Arc::new));
        draft.changes.push((key.clone(), None));
    }
    if !delete.prev_kv {
        prev_kvs.clear();
    }
    DeleteRangeResponse { header: draft.header(), deleted: keys.len() as i64, prev_kvs }
}

fn select(range: &RangeRequest, state: &State, header: ResponseHeader) -> RangeResponse {
    let inside = state.values().filter(|kv| contains(&range.key, &range.range_end, &kv.key));
    let mut kvs: Vec<KeyValue> = inside.cloned().collect();
    let count = kvs.len() as i64;
    if range.count_only {
        return RangeResponse { header, count, ..RangeResponse::default() };
    }
    kvs.retain(|kv| {
        (range.min_mod_revision == 0 || kv.mod_revision >= range.min_mod_revision)
            && (range.max_mod_revision == 0 || kv.mod_revision <= range.max_mod_revision)
            && (range.min_create_revision == 0 || kv.create_revision >= range.min_create_revision)
            && (range.max_create_revision == 0 || kv.create_revision <= range.max_create_revision)
    });
    // A limit cuts before the sort, unless an order or a filter asks for everything.
    let bounds = range.min_mod_revision
        | range.max_mod_revision
        | range.min_create_revision
        | range.max_create_revision;
    if range.limit > 0 && range.sort_order == SortOrder::None && bounds == 0 {
        kvs.truncate((range.limit + 1) as usize);
    }
    let descending = range.sort_order == SortOrder::Descend;
    kvs.sort_by(|a, b| {
        let order = match range.sort_target {
            SortTarget::Key | SortTarget::Unrecognized(_) => a.key.cmp(&b.key),
            SortTarget::Version => a.version.cmp(&b.version),
            SortTarget::Create => a.create_revision.cmp(&b.create_revision),
            SortTarget::Mod => a.mod_revision.cmp(&b.mod_revision),
            SortTarget::Value => a.value.cmp(&b.value),
        };
        if descending { order.reverse() } else { order }
    });
    let more = range.limit > 0 && kvs.len() as i64 > range.limit;
    if more {
        kvs.truncate(range.limit as usize);
    }
    if range.keys_only {
        kvs.iter_mut().for_each(|kv| kv.value = Bytes::default());
    }
    RangeResponse { header, kvs: kvs.into_iter().map(Arc::new).collect(), more, count }
}

fn passes(compare: &Compare, kv: &KeyValue) -> bool {
    let (equal, greater) = match &compare.target {
        CompareTarget::Version(n) => (kv.version == *n, kv.version > *n),
        CompareTarget::CreateRevision(n) => (kv.create_revision == *n, kv.create_revision > *n),
        CompareTarget::ModRevision(n) => (kv.mod_revision == *n, kv.mod_revision > *n),
        CompareTarget::Value(value) => (kv.value == *value, kv.value > *value),
        CompareTarget::Lease(n) => (kv.lease == *n, kv.lease > *n),
    };
    match compare.result {
        CompareResult::Equal => equal,
        CompareResult::NotEqual => !equal,
        CompareResult::Greater => greater,
        CompareResult::Less => !equal && !greater,
    }
}
