//! Requests of a client, rewritten for the members.

use super::Namespace;
use crate::api::{
    Compare, DeleteRangeRequest, ElectionRequest, LeaderKey, LockRequest, RangeRequest, Request, RequestOp,
    TxnRequest, WatchRequest,
};
use crate::bytes::Bytes;
use crate::frame::{Call, ClientFrame};

impl Namespace {
    /// Puts the prefix on every key, range end and name of a request.
    pub fn request(&self, frame: &mut ClientFrame) {
        if self.prefix().is_empty() {
            return;
        }
        match frame {
            ClientFrame::Call { request, .. } => self.call(request),
            ClientFrame::Watch { request, .. } => self.watch(request),
            ClientFrame::Observe { request, .. } => self.inside(&mut request.name),
            ClientFrame::CancelCall { .. } | ClientFrame::CloseStream { .. } => {}
        }
    }

    fn call(&self, call: &mut Call) {
        match call {
            Call::Kv(request) => self.kv(request),
            Call::Lock(LockRequest::Lock(lock)) => self.inside(&mut lock.name),
            Call::Lock(LockRequest::Unlock(unlock)) => self.key(&mut unlock.key),
            Call::Election(request) => self.election(request),
            // Leases, members and users belong to the cluster.
            Call::Lease(_)
            | Call::MoveLeader { .. }
            | Call::Status
            | Call::Cluster(_)
            | Call::Maintenance(_)
            | Call::Auth(_) => {}
        }
    }

    fn kv(&self, request: &mut Request) {
        match request {
            Request::Range(range) => self.range_request(range),
            Request::Put(put) => self.key(&mut put.key),
            Request::DeleteRange(delete) => self.delete(delete),
            Request::Txn(txn) => self.txn(txn),
            Request::Compaction(_) => {}
        }
    }

    fn range_request(&self, range: &mut RangeRequest) {
        self.range(&mut range.key, &mut range.range_end);
    }

    fn delete(&self, delete: &mut DeleteRangeRequest) {
        self.range(&mut delete.key, &mut delete.range_end);
    }

    fn txn(&self, txn: &mut TxnRequest) {
        for Compare { key, range_end, .. } in &mut txn.compare {
            self.range(key, range_end);
        }
        for op in txn.success.iter_mut().chain(&mut txn.failure) {
            match op {
                RequestOp::Range(range) => self.range_request(range),
                RequestOp::Put(put) => self.key(&mut put.key),
                RequestOp::DeleteRange(delete) => self.delete(delete),
                RequestOp::Txn(nested) => self.txn(nested),
                RequestOp::Empty => {}
            }
        }
    }

    fn election(&self, request: &mut ElectionRequest) {
        match request {
            ElectionRequest::Campaign(campaign) => self.inside(&mut campaign.name),
            ElectionRequest::Proclaim(proclaim) => self.leader_key(&mut proclaim.leader),
            ElectionRequest::Leader(leader) => self.inside(&mut leader.name),
            ElectionRequest::Resign(resign) => self.leader_key(&mut resign.leader),
        }
    }

    fn leader_key(&self, leader: &mut LeaderKey) {
        self.inside(&mut leader.name);
        self.key(&mut leader.key);
    }

    fn watch(&self, request: &mut WatchRequest) {
        if let WatchRequest::Create(create) = request {
            // An empty key is the first of all, here as anywhere.
            if create.key.is_empty() {
                create.key = Bytes::from(b"\0");
            }
            self.range(&mut create.key, &mut create.range_end);
        }
    }
}
