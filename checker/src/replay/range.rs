//! The answer of a range (etcd: `server/etcdserver/txn/range.go`).

use crate::history::{Header, KeyValue, RangeRequest, RangeResponse, SortOrder, SortTarget};
use std::cmp::Ordering;

/// The answer to a range that holds `kvs`, which come in the order of their keys.
pub(super) fn answer<'a>(
    request: &RangeRequest,
    kvs: impl Iterator<Item = &'a KeyValue>,
    header: Header,
) -> RangeResponse {
    if request.count_only {
        return RangeResponse { header, kvs: Vec::new(), more: false, count: kvs.count() as i64 };
    }
    let mut count = 0;
    let mut chosen: Vec<&KeyValue> = kvs.inspect(|_| count += 1).filter(|kv| passes(request, kv)).collect();
    let limit = usize::try_from(request.limit).unwrap_or(0);
    if limit > 0 && !looks_at_everything(request) {
        // One more tells whether there are more.
        chosen.truncate(limit.saturating_add(1));
    }
    if let Some(order) = order(request) {
        chosen.sort_by(|a, b| match order {
            SortOrder::Descend => compare(request.sort_target, b, a),
            SortOrder::None | SortOrder::Ascend => compare(request.sort_target, a, b),
        });
    }
    let more = limit > 0 && chosen.len() > limit;
    if more {
        chosen.truncate(limit);
    }
    let kvs = chosen.into_iter().map(|kv| shown(request, kv)).collect();
    RangeResponse { header, kvs, more, count }
}

/// True if `got` is a right answer to a range that holds the `kvs`, which come in the order of their keys.
pub(crate) fn shows<'a, I: Iterator<Item = &'a KeyValue>>(
    request: &RangeRequest,
    got: &RangeResponse,
    kvs: impl Fn() -> I,
) -> bool {
    // Most ranges are plain, and right: for those nothing needs to be copied.
    if is_plain(request) && !got.more && usize::try_from(got.count).is_ok_and(|count| count == got.kvs.len())
    {
        let mut expected = kvs();
        let agree = got.kvs.iter().all(|kv| expected.next().is_some_and(|other| kv.agrees(other)));
        return agree && expected.next().is_none();
    }
    same(request, got, &answer(request, kvs(), got.header))
}

/// True if everything is shown, in the order of the keys.
fn is_plain(request: &RangeRequest) -> bool {
    let RangeRequest {
        key: _, range_end: _, limit, revision: _, serializable: _, keys_only, count_only, ..
    } = request;
    let bounds = [
        request.min_mod_revision,
        request.max_mod_revision,
        request.min_create_revision,
        request.max_create_revision,
    ];
    let is_sorted = (request.sort_order, request.sort_target) != (SortOrder::None, SortTarget::Key);
    *limit == 0 && !keys_only && !count_only && !is_sorted && bounds == [0; 4]
}

/// True if `got` is an answer as good as `expected`: etcd does not say how it orders equals.
pub(crate) fn same(request: &RangeRequest, got: &RangeResponse, expected: &RangeResponse) -> bool {
    if (got.count, got.more, got.kvs.len()) != (expected.count, expected.more, expected.kvs.len()) {
        return false;
    }
    if KeyValue::all_agree(&got.kvs, &expected.kvs) {
        return true;
    }
    let target = request.sort_target;
    if target == SortTarget::Key || request.keys_only && target == SortTarget::Value {
        return false;
    }
    let places_agree =
        got.kvs.iter().zip(&expected.kvs).all(|(one, other)| compare(target, one, other) == Ordering::Equal);
    // A limit may cut between equals, so which of them are shown is open, too. Where it cut before the sort, there was
    // only one key more.
    let is_expected = |kv: &KeyValue| expected.kvs.iter().any(|other| other.agrees(kv));
    let unexpected_max = if looks_at_everything(request) { usize::MAX } else { 1 };
    places_agree
        && got.kvs.iter().filter(|kv| !is_expected(kv)).count() <= unexpected_max
        && got.kvs.iter().all(|kv| {
            is_expected(kv)
                || expected.more && expected.kvs.last().is_some_and(|last| compare(target, kv, last).is_eq())
        })
        && (1..got.kvs.len()).all(|at| got.kvs[..at].iter().all(|kv| kv.key != got.kvs[at].key))
}

fn passes(request: &RangeRequest, kv: &KeyValue) -> bool {
    let within = |value: i64, min: i64, max: i64| (min == 0 || value >= min) && (max == 0 || value <= max);
    within(kv.mod_revision, request.min_mod_revision, request.max_mod_revision)
        && within(kv.create_revision, request.min_create_revision, request.max_create_revision)
}

/// True if an order or a filter asks for all keys before the limit cuts: a sort target alone sorts what the limit
/// left of the keys in their own order.
fn looks_at_everything(request: &RangeRequest) -> bool {
    let RangeRequest { min_mod_revision, max_mod_revision, min_create_revision, max_create_revision, .. } =
        request;
    let bounds = [min_mod_revision, max_mod_revision, min_create_revision, max_create_revision];
    request.sort_order != SortOrder::None || bounds.into_iter().any(|bound| *bound != 0)
}

/// The order to sort by; `None` where the order of the keys stays.
fn order(request: &RangeRequest) -> Option<SortOrder> {
    match (request.sort_target, request.sort_order) {
        (SortTarget::Key, SortOrder::None | SortOrder::Ascend) => None,
        (_, order) => Some(order),
    }
}

fn compare(target: SortTarget, one: &KeyValue, other: &KeyValue) -> Ordering {
    match target {
        SortTarget::Key => one.key.cmp(&other.key),
        SortTarget::Version => one.version.cmp(&other.version),
        SortTarget::Create => one.create_revision.cmp(&other.create_revision),
        SortTarget::Mod => one.mod_revision.cmp(&other.mod_revision),
        SortTarget::Value => one.value.cmp(&other.value),
    }
}

fn shown(request: &RangeRequest, kv: &KeyValue) -> KeyValue {
    match request.keys_only {
        true => KeyValue { value: Default::default(), ..kv.clone() },
        false => kv.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::MemberId;
    use crate::history::build::kv;

    const HEADER: Header = Header { member: MemberId(0), revision: 9, term: 0 };

    fn asked(change: impl FnOnce(&mut RangeRequest)) -> (String, bool, i64) {
        let kvs = [kv("a", "2", 2, 8, 3), kv("b", "1", 3, 3, 1), kv("c", "2", 4, 7, 2)];
        let mut request = RangeRequest::default();
        change(&mut request);
        let response = answer(&request, kvs.iter(), HEADER);
        let keys = response.kvs.iter().map(|kv| kv.key.as_str().unwrap()).collect();
        (keys, response.more, response.count)
    }

    #[test]
    fn limits_filters_and_orders() {
        assert_eq!(asked(|_| ()), ("abc".into(), false, 3));
        assert_eq!(asked(|r| r.limit = 2), ("ab".into(), true, 3));
        assert_eq!(asked(|r| r.limit = 3), ("abc".into(), false, 3));
        assert_eq!(asked(|r| r.count_only = true), (String::new(), false, 3));
        assert_eq!(asked(|r| r.min_mod_revision = 7), ("ac".into(), false, 3));
        assert_eq!(asked(|r| (r.max_create_revision, r.limit) = (3, 1)), ("a".into(), true, 3));
        assert_eq!(asked(|r| r.sort_order = SortOrder::Descend), ("cba".into(), false, 3));
        assert_eq!(asked(|r| r.sort_target = SortTarget::Mod), ("bca".into(), false, 3));
        assert_eq!(
            asked(|r| (r.sort_target, r.sort_order) = (SortTarget::Version, SortOrder::Descend)).0,
            "acb"
        );
    }

    #[test]
    fn a_target_alone_sorts_what_the_limit_left() {
        let by = |limit, order, change: fn(&mut RangeRequest)| {
            asked(|r| {
                (r.sort_target, r.sort_order, r.limit) = (SortTarget::Mod, order, limit);
                change(r);
            })
        };
        // By revision they stand b, c, a; by key the first two are a and b.
        assert_eq!(by(1, SortOrder::None, |_| ()), ("b".into(), true, 3));
        assert_eq!(by(2, SortOrder::None, |_| ()), ("bc".into(), true, 3));
        let kvs =
            [kv("a", "1", 2, 2, 1), kv("b", "3", 3, 3, 1), kv("c", "2", 4, 4, 1), kv("d", "0", 5, 5, 1)];
        let shown = |order, min_mod_revision| {
            let request = RangeRequest {
                limit: 2,
                sort_target: SortTarget::Value,
                sort_order: order,
                min_mod_revision,
                ..RangeRequest::default()
            };
            let response = answer(&request, kvs.iter(), HEADER);
            response.kvs.iter().map(|kv| kv.key.as_str().unwrap()).collect::<String>()
        };
        assert_eq!(shown(SortOrder::None, 0), "ac");
        assert_eq!((shown(SortOrder::Ascend, 0), shown(SortOrder::None, 1)), ("da".into(), "da".into()));
    }

    #[test]
    fn equals_may_come_in_any_order() {
        let kvs = [kv("a", "2", 2, 8, 3), kv("b", "1", 3, 3, 1), kv("c", "2", 4, 7, 2)];
        let request = RangeRequest { sort_target: SortTarget::Value, ..RangeRequest::default() };
        let expected = answer(&request, kvs.iter(), HEADER);
        let mut got = expected.clone();
        got.kvs.swap(1, 2);
        assert!(same(&request, &got, &expected));
        got.kvs.swap(0, 1);
        assert!(!same(&request, &got, &expected));
        got.kvs = vec![expected.kvs[0].clone(), expected.kvs[1].clone(), expected.kvs[1].clone()];
        assert!(!same(&request, &got, &expected));
        let by_key = RangeRequest::default();
        assert!(!same(&by_key, &RangeResponse { count: 4, ..expected.clone() }, &expected));
    }
}
