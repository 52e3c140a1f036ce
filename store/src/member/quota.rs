//! How much a member stores at most (etcd: `server/storage/quota.go`).

use super::Member;
use super::command::Action;
use crate::api::{
    AlarmAction, AlarmKind, AlarmRequest, LeaseRequest, PutRequest, Request, RequestOp, TxnRequest,
};
use crate::auth::Actor;
use crate::error::Error;
use crate::lease::LeaseAction;
use crate::machine::{Call, MemberId, Time};
use crate::mvcc::{CHANGE_OVERHEAD_BYTES, LEASE_BYTES};
use std::time::Duration;

/// An alarm that was raised and does not stand is raised again after this long: the proposal was a datagram.
const RAISE_AGAIN_AFTER: Duration = Duration::from_millis(500);

/// Whether this member saw its quota exceeded.
#[derive(Debug, Default)]
pub(super) struct Quota {
    /// It has to raise the alarm; not before this time.
    raise_at: Option<Time>,
}

impl Member {
    /// Is there room for what a client asks? Asked first of all, before the form of a request is looked at, as by
    /// etcd (`server/etcdserver/api/v3rpc/quota.go`).
    pub(super) fn check_quota_of_call(&mut self, call: &Call) -> Result<(), Error> {
        self.find_room(match call {
            Call::Kv(request) => cost_of_request(request),
            Call::Lease(LeaseRequest::Grant(_)) => LEASE_BYTES,
            _ => 0,
        })
    }

    /// May this be proposed?
    pub(super) fn check_quota(&mut self, action: &Action) -> Result<(), Error> {
        self.find_room(cost_bytes(action))
    }

    /// If it does not fit, the alarm is raised.
    fn find_room(&mut self, cost_bytes: u64) -> Result<(), Error> {
        if self.has_room(cost_bytes) {
            return Ok(());
        }
        self.raise_no_space();
        Err(Error::NoSpace)
    }

    /// A committed command that fitted when it was proposed may not fit any more. It is applied, as everywhere,
    /// and is the last one that is: false then. Its client is told that there is no space, as by etcd
    /// (`quotaApplierV3` in `server/etcdserver/apply`).
    pub(super) fn watch_quota(&mut self, action: &Action) -> bool {
        let fits = self.has_room(cost_bytes(action));
        if !fits && !self.state.alarms.any(AlarmKind::NoSpace) {
            self.raise_no_space();
        }
        fits
    }

    /// As in etcd the size may come up to the quota, and not reach it (`BackendQuota.Available`).
    fn has_room(&self, cost_bytes: u64) -> bool {
        cost_bytes == 0 || self.state.store.size_bytes().saturating_add(cost_bytes) < self.config.quota_bytes
    }

    fn raise_no_space(&mut self) {
        self.quota.raise_at.get_or_insert(self.now);
    }

    /// There is room again, or the alarm was raised, or disarmed since.
    pub(super) fn forget_no_space(&mut self) {
        self.quota.raise_at = None;
    }

    /// Raises the alarm, if it has to be, until it stands.
    pub(super) fn advance_quota(&mut self) {
        let Some(raise_at) = self.quota.raise_at else { return };
        if self.now >= raise_at && self.raise_alarm(self.config.id, AlarmKind::NoSpace) {
            self.quota.raise_at = Some(self.now + RAISE_AGAIN_AFTER);
        }
    }

    /// Proposes to raise an alarm; false if the proposal went nowhere.
    pub(super) fn raise_alarm(&mut self, member: MemberId, alarm: AlarmKind) -> bool {
        if self.raft.raft.leader_id == raft::INVALID_ID || self.raft.raft.lead_transferee.is_some() {
            return false;
        }
        let id = self.next_id();
        let action = Action::Alarm(AlarmRequest { action: AlarmAction::Activate, member, alarm });
        self.raft.propose(Vec::new(), action.of(id, Actor::Member).encode()).is_ok()
    }
}

/// How many bytes a command may add to what is stored. What costs nothing is never refused for lack of space.
pub(super) fn cost_bytes(action: &Action) -> u64 {
    match action {
        Action::Kv(request) => cost_of_request(request),
        Action::Lease(LeaseAction::Grant(_)) => LEASE_BYTES,
        Action::Lease(LeaseAction::Revoke(_) | LeaseAction::Checkpoint(_))
        | Action::Alarm(_)
        | Action::Auth(_) => 0,
    }
}

fn cost_of_request(request: &Request) -> u64 {
    match request {
        Request::Put(put) => cost_of_put(put),
        Request::Txn(txn) => cost_of_txn(txn),
        Request::Range(_) | Request::DeleteRange(_) | Request::Compaction(_) => 0,
    }
}

fn cost_of_put(put: &PutRequest) -> u64 {
    CHANGE_OVERHEAD_BYTES + (put.key.len() + put.value.len()) as u64
}

/// The dearer branch. Puts of nested txns count; etcd leaves them out, so that they go on when space is short.
fn cost_of_txn(txn: &TxnRequest) -> u64 {
    let branch = |ops: &[RequestOp]| -> u64 {
        let cost = |op: &RequestOp| match op {
            RequestOp::Put(put) => cost_of_put(put),
            RequestOp::Txn(nested) => cost_of_txn(nested),
            RequestOp::Range(_) | RequestOp::DeleteRange(_) | RequestOp::Empty => 0,
        };
        ops.iter().map(cost).sum()
    };
    branch(&txn.success).max(branch(&txn.failure))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{DeleteRangeRequest, LeaseGrantRequest};

    fn put(key: &str, value: &str) -> PutRequest {
        PutRequest { key: key.into(), value: value.into(), ..PutRequest::default() }
    }

    #[test]
    fn a_txn_costs_its_dearer_branch_nested_puts_counted_in() {
        let nested = TxnRequest { failure: vec![RequestOp::Put(put("abc", "d"))], ..TxnRequest::default() };
        let txn = TxnRequest {
            success: vec![RequestOp::Put(put("a", "b")), RequestOp::Txn(nested)],
            failure: vec![RequestOp::Put(put("a", &"b".repeat(200)))],
            ..TxnRequest::default()
        };
        assert_eq!(cost_bytes(&Action::Kv(Request::Txn(txn))), 2 * 256 + 6);
    }

    #[test]
    fn what_puts_nothing_costs_nothing() {
        let delete = RequestOp::DeleteRange(DeleteRangeRequest::default());
        let txn = TxnRequest { success: vec![delete], ..TxnRequest::default() };
        assert_eq!(cost_bytes(&Action::Kv(Request::Txn(txn))), 0);
        assert_eq!(cost_bytes(&Action::Kv(Request::DeleteRange(DeleteRangeRequest::default()))), 0);
        assert_eq!(cost_bytes(&Action::Lease(LeaseAction::Grant(LeaseGrantRequest::default()))), 64);
    }
}
