//! The conditions of a txn (etcd: `txn/txn.go`, `applyCompare`).

use super::keys::Keys;
use crate::history::{Compare, CompareResult, CompareTarget, KeyValue};
use std::cmp::Ordering;

/// True if all of them hold.
pub(super) fn hold(compares: &[Compare], keys: &Keys) -> bool {
    compares.iter().all(|compare| holds(compare, keys))
}

fn holds(compare: &Compare, keys: &Keys) -> bool {
    let mut any = false;
    let mut all = true;
    keys.visit(&compare.key, &compare.range_end, &mut |kv| {
        any = true;
        all = all && holds_of(compare, kv);
    });
    match compare.target {
        // There is no way to say "no value", so no comparison with one succeeds.
        CompareTarget::Value(_) if !any => false,
        _ if !any => holds_of(compare, &KeyValue::default()),
        _ => all,
    }
}

fn holds_of(compare: &Compare, kv: &KeyValue) -> bool {
    let ordering = match &compare.target {
        CompareTarget::Version(version) => kv.version.cmp(version),
        CompareTarget::CreateRevision(revision) => kv.create_revision.cmp(revision),
        CompareTarget::ModRevision(revision) => kv.mod_revision.cmp(revision),
        CompareTarget::Value(value) => kv.value.cmp(value),
        CompareTarget::Lease(lease) => kv.lease.cmp(lease),
    };
    match compare.result {
        CompareResult::Equal => ordering == Ordering::Equal,
        CompareResult::Greater => ordering == Ordering::Greater,
        CompareResult::Less => ordering == Ordering::Less,
        CompareResult::NotEqual => ordering != Ordering::Equal,
    }
}
