//! True if the conditions of a txn hold (etcd: `server/etcdserver/txn/txn.go`, `applyCompare`).

use super::span::Span;
use crate::bytes::Bytes;
use crate::history::{Compare, CompareResult, CompareTarget, KeyValue};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// True if every condition holds in a state.
pub(super) fn holds(compares: &[Compare], kvs: &BTreeMap<Bytes, KeyValue>) -> bool {
    compares.iter().all(|compare| {
        let mut none = true;
        let passed = Span::new(&compare.key, &compare.range_end).of(kvs).all(|(_, kv)| {
            none = false;
            passes(compare, kv)
        });
        match (none, &compare.target) {
            // An absent key has no value to compare with, not even to be different from.
            (true, CompareTarget::Value(_)) => false,
            (true, _) => passes(compare, &KeyValue::default()),
            (false, _) => passed,
        }
    })
}

/// True if a key passes a condition.
pub(crate) fn passes(compare: &Compare, kv: &KeyValue) -> bool {
    let order = match &compare.target {
        CompareTarget::Version(version) => kv.version.cmp(version),
        CompareTarget::CreateRevision(revision) => kv.create_revision.cmp(revision),
        CompareTarget::ModRevision(revision) => kv.mod_revision.cmp(revision),
        CompareTarget::Value(value) => kv.value.cmp(value),
        CompareTarget::Lease(lease) => kv.lease.cmp(lease),
    };
    match compare.result {
        CompareResult::Equal => order == Ordering::Equal,
        CompareResult::NotEqual => order != Ordering::Equal,
        CompareResult::Greater => order == Ordering::Greater,
        CompareResult::Less => order == Ordering::Less,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::kv;

    #[test]
    fn an_absent_key_is_zero_but_for_its_value() {
        let kvs: BTreeMap<Bytes, KeyValue> =
            [kv("a", "1", 2, 5, 2), kv("b", "2", 3, 3, 1)].map(|kv| (kv.key.clone(), kv)).into();
        let check = |key: &str, end: &str, result, target| {
            holds(&[Compare { key: key.into(), range_end: end.into(), result, target }], &kvs)
        };
        use CompareResult::*;
        use CompareTarget::*;
        assert!(check("a", "", Equal, ModRevision(5)));
        assert!(check("a", "", Greater, Version(1)));
        assert!(!check("a", "", NotEqual, CreateRevision(2)));
        assert!(check("a", "", Less, Value("2".into())));
        assert!(check("x", "", Equal, Version(0)));
        assert!(!check("x", "", NotEqual, Value("2".into())));
        assert!(check("a", "\0", Greater, ModRevision(2)));
        assert!(!check("a", "\0", Greater, ModRevision(3)));
        assert!(check("x", "\0", Equal, Lease(0)));
    }
}
