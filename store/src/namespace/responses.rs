//! Responses of members, rewritten for the client.

use super::Namespace;
use crate::api::{
    ElectionResponse, Event, KeyValue, LeaseResponse, LockResponse, Response, ResponseOp, TxnResponse,
};
use crate::frame::{Reply, ServerFrame};
use std::sync::Arc;

impl Namespace {
    /// Takes the prefix off every key and name of a response. Of a lease's keys only those of the namespace are
    /// left.
    pub fn response(&self, frame: &mut ServerFrame) {
        if self.prefix().is_empty() {
            return;
        }
        match frame {
            ServerFrame::Reply { result: Ok(reply), .. } => self.reply(reply),
            ServerFrame::Watch { response, .. } if !response.events.is_empty() => {
                response.events = response.events.iter().map(|event| self.event(event)).collect();
            }
            ServerFrame::Observe { response: Ok(response), .. } => self.optional(&mut response.kv),
            ServerFrame::Reply { .. } | ServerFrame::Watch { .. } | ServerFrame::Observe { .. } => {}
        }
    }

    fn event(&self, event: &Event) -> Event {
        let mut event = event.clone();
        self.key_value(&mut event.kv);
        self.optional(&mut event.prev_kv);
        event
    }

    fn key_value(&self, kv: &mut Arc<KeyValue>) {
        self.strip(&mut Arc::make_mut(kv).key);
    }

    fn key_values(&self, kvs: &mut [Arc<KeyValue>]) {
        for kv in kvs {
            self.key_value(kv);
        }
    }

    fn optional(&self, kv: &mut Option<Arc<KeyValue>>) {
        if let Some(kv) = kv {
            self.key_value(kv);
        }
    }

    fn reply(&self, reply: &mut Reply) {
        match reply {
            Reply::Kv(response) => self.kv_response(response),
            Reply::Lease(LeaseResponse::TimeToLive(response)) => {
                response.keys.retain(|key| self.contains(key));
                for key in &mut response.keys {
                    self.strip(key);
                }
            }
            Reply::Lock(LockResponse::Lock(response)) => self.strip(&mut response.key),
            Reply::Election(ElectionResponse::Campaign(response)) => {
                self.strip(&mut response.leader.name);
                self.strip(&mut response.leader.key);
            }
            Reply::Election(ElectionResponse::Leader(response)) => self.optional(&mut response.kv),
            Reply::Lease(_)
            | Reply::Lock(_)
            | Reply::Election(_)
            | Reply::MovedLeader
            | Reply::Status(_)
            | Reply::Cluster(_)
            | Reply::Maintenance(_)
            | Reply::Auth(_) => {}
        }
    }

    fn kv_response(&self, response: &mut Response) {
        match response {
            Response::Range(range) => self.key_values(&mut range.kvs),
            Response::Put(put) => self.optional(&mut put.prev_kv),
            Response::DeleteRange(delete) => self.key_values(&mut delete.prev_kvs),
            Response::Txn(txn) => self.txn_response(txn),
            Response::Compaction(_) => {}
        }
    }

    fn txn_response(&self, txn: &mut TxnResponse) {
        for response in &mut txn.responses {
            match response {
                ResponseOp::Range(range) => self.key_values(&mut range.kvs),
                ResponseOp::Put(put) => self.optional(&mut put.prev_kv),
                ResponseOp::DeleteRange(delete) => self.key_values(&mut delete.prev_kvs),
                ResponseOp::Txn(nested) => self.txn_response(nested),
            }
        }
    }
}
