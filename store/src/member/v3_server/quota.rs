//! The quota of a member's storage (etcd: `server/storage/quota.go`).

use crate::api::{
    AlarmAction, AlarmKind, AlarmRequest, LeaseRequest, PutRequest, Request, RequestOp, TxnRequest,
};
use crate::error::Error;
use crate::frame::Call;
use crate::lease::LeaseAction;
use crate::machine::Time;
use crate::member::cx::Cx;
use crate::member::state::command::Action;
use crate::mvcc::{CHANGE_OVERHEAD_BYTES, LEASE_BYTES};
use std::time::Duration;

/// An alarm that was raised and does not stand is raised again after this long: the proposal was a datagram.
const RAISE_AGAIN_AFTER: Duration = Duration::from_millis(500);

/// The fit of a command into the quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::member) enum Fit {
    Within,
    Beyond,
}

/// The quota of a member's storage, and the alarm that it raises.
#[derive(Debug, Default)]
pub(in crate::member) struct Quota {
    /// The alarm has to be raised; not before this time.
    raise_at: Option<Time>,
}

impl Quota {
    /// Checks that there is room for a call. This comes first, before the form of a request is looked at, as in etcd
    /// (`server/etcdserver/api/v3rpc/quota.go`).
    pub fn check_call(&mut self, cx: &Cx<'_>, call: &Call) -> Result<(), Error> {
        let cost_bytes = match call {
            Call::Kv(request) => cost_of_request(request),
            Call::Lease(LeaseRequest::Grant(_)) => LEASE_BYTES,
            _ => 0,
        };
        self.find_room(cx, cost_bytes)
    }

    /// Checks that there is room for a command that is to be proposed.
    pub fn check(&mut self, cx: &Cx<'_>, action: &Action) -> Result<(), Error> {
        self.find_room(cx, cost_bytes(action))
    }

    /// Checks that there is room, and raises the alarm if there is none.
    fn find_room(&mut self, cx: &Cx<'_>, cost_bytes: u64) -> Result<(), Error> {
        if has_room(cx, cost_bytes) {
            return Ok(());
        }
        self.raise(cx.now);
        Err(Error::NoSpace)
    }

    /// Looks whether a committed command fits. One that fitted when it was proposed may not fit any more: it is
    /// applied, as everywhere, and is the last one that is. Its client is told that there is no space, as by etcd
    /// (`quotaApplierV3` in `server/etcdserver/apply`).
    pub fn applying(&mut self, cx: &Cx<'_>, action: &Action) -> Fit {
        if has_room(cx, cost_bytes(action)) {
            return Fit::Within;
        }
        if !cx.state.alarms.any(AlarmKind::NoSpace) {
            self.raise(cx.now);
        }
        Fit::Beyond
    }

    fn raise(&mut self, now: Time) {
        self.raise_at.get_or_insert(now);
    }

    /// Raises no alarm any more: there is room again, or the alarm was raised or disarmed since.
    pub fn settled(&mut self) {
        self.raise_at = None;
    }

    /// Notes an applied change of alarms.
    pub fn alarm_applied(&mut self, cx: &Cx<'_>, alarm: &AlarmRequest) {
        let own = alarm.member == cx.config.id && alarm.alarm == AlarmKind::NoSpace;
        if own && alarm.action != AlarmAction::Get {
            self.settled();
        }
    }

    /// Raises the alarm, if it has to be, until it stands.
    pub fn advance(&mut self, cx: &mut Cx<'_>) {
        let Some(raise_at) = self.raise_at else { return };
        if cx.now >= raise_at && cx.raise_alarm(cx.config.id, AlarmKind::NoSpace) {
            self.raise_at = Some(cx.now + RAISE_AGAIN_AFTER);
        }
    }
}

/// Returns true if there is room. As in etcd the size may come up to the quota, and not reach it
/// (`BackendQuota.Available`).
fn has_room(cx: &Cx<'_>, cost_bytes: u64) -> bool {
    cost_bytes == 0 || cx.state.store.size_bytes().saturating_add(cost_bytes) < cx.config.tuning.quota_bytes
}

/// The bytes a command may add to the store. A command of no cost is never refused for lack of space.
pub(in crate::member) fn cost_bytes(action: &Action) -> u64 {
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
