//! The conditions of a txn (`applyCompares` in `etcdserver/txn/txn.go`).

use std::cmp::Ordering;

use super::key_index::KeyIndex;
use crate::api::{Compare, CompareResult, CompareTarget, KeyValue};
use crate::key_range::KeyRange;

impl KeyIndex {
    /// Returns true if all hold in the present state.
    pub fn all_hold(&self, compares: &[Compare]) -> bool {
        compares.iter().all(|compare| self.holds(compare))
    }

    fn holds(&self, compare: &Compare) -> bool {
        let range = KeyRange::new(&compare.key, &compare.range_end);
        let mut keys = self.live_keys(&range).peekable();
        if keys.peek().is_some() {
            return keys.all(|kv| passes(compare, kv));
        }
        match compare.target {
            // An absent value is neither equal nor unequal to any.
            CompareTarget::Value(_) => false,
            _ => passes(compare, &KeyValue::default()),
        }
    }
}

fn passes(compare: &Compare, kv: &KeyValue) -> bool {
    let ordering = match &compare.target {
        CompareTarget::Version(version) => kv.version.cmp(version),
        CompareTarget::CreateRevision(revision) => kv.create_revision.cmp(revision),
        CompareTarget::ModRevision(revision) => kv.mod_revision.cmp(revision),
        CompareTarget::Value(value) => kv.value.cmp(value),
        CompareTarget::Lease(lease) => kv.lease.cmp(lease),
    };
    match compare.result {
        CompareResult::Equal => ordering == Ordering::Equal,
        CompareResult::NotEqual => ordering != Ordering::Equal,
        CompareResult::Greater => ordering == Ordering::Greater,
        CompareResult::Less => ordering == Ordering::Less,
    }
}
