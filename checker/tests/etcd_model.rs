//! The etcd model answers as etcd does: each answer below is accepted, and each of its neighbours refused.

use revline_checker::bytes::Bytes;
use revline_checker::history::build::*;
use revline_checker::history::*;
use revline_checker::spec::etcd::{Answer, Calls, Etcd, Refusal};
use stateright::semantics::SequentialSpec;

/// Asks requests one after the other.
#[derive(Default)]
struct Store(Etcd);

impl Store {
    /// The store after writes whose answers do not matter here.
    fn with(requests: impl IntoIterator<Item = Request>) -> Self {
        let mut store = Store::default();
        for request in requests {
            let answer = store.0.invoke(&request);
            assert!(matches!(answer, Answer::Given(_)), "{request:?}: {answer}");
        }
        store
    }

    /// `request` is answered so, and with no other revision.
    #[track_caller]
    fn answers(&mut self, request: Request, response: Response) {
        for wrong in [-1, 1] {
            let mut response = response.clone();
            response.header_mut().revision += wrong;
            assert!(
                !self.0.clone().is_valid_step(&request, &Answer::Given(response)),
                "the revision may be off by {wrong}"
            );
        }
        let mut elsewhere = response.clone();
        (elsewhere.header_mut().member, elsewhere.header_mut().term) = (MemberId(7), 3);
        assert_eq!(self.0.clone().invoke(&request), Answer::Given(response.clone()));
        assert!(self.0.is_valid_step(&request, &Answer::Given(elsewhere)), "the member and the term count");
    }

    /// `request` is refused so, and nothing changes.
    #[track_caller]
    fn refuses(&mut self, request: Request, refusal: Refusal) {
        let before = self.0.clone();
        assert_eq!(self.0.clone().invoke(&request), Answer::Refused(refusal.into()));
        assert!(self.0.is_valid_step(&request, &Answer::Refused(refusal.into())));
        assert_eq!(self.0, before);
        for other in Refusal::ALL.into_iter().filter(|other| *other != refusal) {
            assert!(
                !self.0.clone().is_valid_step(&request, &Answer::Refused(other.into())),
                "{other} will do"
            );
        }
    }
}

fn runs(store: &Store, request: Request) -> bool {
    matches!(store.0.clone().invoke(&request), Answer::Given(_))
}

fn shown(revision: Revision, kvs: impl IntoIterator<Item = KeyValue>, more: bool, count: i64) -> Response {
    let header = Header { member: MemberId(0), revision, term: 0 };
    Response::Range(RangeResponse { header, kvs: kvs.into_iter().collect(), more, count })
}

fn ranging(change: impl FnOnce(&mut RangeRequest)) -> Request {
    let mut request = RangeRequest { key: "a".into(), range_end: "\0".into(), ..RangeRequest::default() };
    change(&mut request);
    Request::Range(request)
}

fn putting(key: &str, change: impl FnOnce(&mut PutRequest)) -> Request {
    let mut request = PutRequest { key: key.into(), ..PutRequest::default() };
    change(&mut request);
    Request::Put(request)
}

fn comparing(key: &str, end: &str, result: CompareResult, target: CompareTarget) -> Compare {
    Compare { key: key.into(), range_end: end.into(), result, target }
}

#[test]
fn a_change_makes_a_revision_and_nothing_else_does() {
    let mut store = Store::default();
    store.answers(get("a"), ranged(1, []));
    store.answers(delete("a"), deleted(1, 0));
    store.answers(txn([], [], []), decided(1, true, []));
    store.answers(put("a", "1"), written(2));
    store.answers(put("a", "1"), written(3));
    store.answers(get("a"), ranged(3, [kv("a", "1", 2, 3, 2)]));
    store.answers(delete("a"), deleted(4, 1));
    store.answers(put("a", "2"), written(5));
    store.answers(get("a"), ranged(5, [kv("a", "2", 5, 5, 1)]));
}

#[test]
fn the_end_of_a_range_is_what_etcd_makes_of_it() {
    let mut store = Store::with([put("a", "1"), put("b", "2"), put("c", "3")]);
    let [a, b, c] = [kv("a", "1", 2, 2, 1), kv("b", "2", 3, 3, 1), kv("c", "3", 4, 4, 1)];
    store.answers(range("a", ""), ranged(4, [a.clone()]));
    store.answers(range("a", "c"), ranged(4, [a.clone(), b.clone()]));
    store.answers(range("b", "\0"), ranged(4, [b.clone(), c.clone()]));
    store.answers(range("\0", "\0"), ranged(4, [a, b, c]));
    store.answers(range("c", "a"), ranged(4, []));
    store.answers(range("c", "c"), ranged(4, []));
    store.refuses(range("", "\0"), Refusal::EmptyKey);
}

#[test]
fn a_range_is_filtered_sorted_and_cut_in_this_order() {
    let mut store = Store::with([put("a", "3"), put("b", "2"), put("c", "1"), put("a", "4")]);
    let [a, b, c] = [kv("a", "4", 2, 5, 2), kv("b", "2", 3, 3, 1), kv("c", "1", 4, 4, 1)];
    let bare = |kv: &KeyValue| KeyValue { value: Bytes::default(), ..kv.clone() };
    store.answers(ranging(|range| range.limit = 2), shown(5, [a.clone(), b.clone()], true, 3));
    store.answers(ranging(|range| range.limit = 3), shown(5, [a.clone(), b.clone(), c.clone()], false, 3));
    store.answers(ranging(|range| range.limit = -1), shown(5, [a.clone(), b.clone(), c.clone()], false, 3));
    store.answers(ranging(|range| range.count_only = true), shown(5, [], false, 3));
    store
        .answers(ranging(|range| range.keys_only = true), shown(5, [bare(&a), bare(&b), bare(&c)], false, 3));
    let by_value = |range: &mut RangeRequest| range.sort_target = SortTarget::Value;
    store.answers(ranging(by_value), shown(5, [c.clone(), b.clone(), a.clone()], false, 3));
    // A target alone sorts what the limit left; a filter asks for everything.
    let least = |range: &mut RangeRequest| (range.sort_target, range.limit) = (SortTarget::Value, 1);
    store.answers(ranging(least), shown(5, [b.clone()], true, 3));
    let least_of = |range: &mut RangeRequest| {
        (range.sort_target, range.limit, range.min_mod_revision) = (SortTarget::Value, 1, 1);
    };
    store.answers(ranging(least_of), shown(5, [c.clone()], true, 3));
    let newest = |range: &mut RangeRequest| {
        (range.sort_target, range.sort_order, range.limit) = (SortTarget::Mod, SortOrder::Descend, 1);
    };
    store.answers(ranging(newest), shown(5, [a.clone()], true, 3));
    store.answers(
        ranging(|range| range.sort_order = SortOrder::Descend),
        shown(5, [c.clone(), b.clone(), a.clone()], false, 3),
    );
    store.answers(ranging(|range| range.min_mod_revision = 4), shown(5, [a.clone(), c.clone()], false, 3));
    store.answers(ranging(|range| range.max_mod_revision = 4), shown(5, [b.clone(), c.clone()], false, 3));
    store.answers(ranging(|range| range.min_create_revision = 3), shown(5, [b.clone(), c.clone()], false, 3));
    let old_one = |range: &mut RangeRequest| (range.max_create_revision, range.limit) = (3, 1);
    store.answers(ranging(old_one), shown(5, [a], true, 3));
}

#[test]
fn equals_may_be_sorted_either_way_and_others_not() {
    let store = Store::with([put("a", "1"), put("b", "1"), put("c", "1"), put("c", "2")]);
    let [a, b, c] = [kv("a", "1", 2, 2, 1), kv("b", "1", 3, 3, 1), kv("c", "2", 4, 5, 2)];
    let by_version =
        |limit| ranging(move |range| (range.sort_target, range.limit) = (SortTarget::Version, limit));
    let accepts = |request: &Request, kvs: &[&KeyValue], more| {
        let response = shown(5, kvs.iter().map(|kv| (*kv).clone()), more, 3);
        store.0.clone().is_valid_step(request, &Answer::Given(response))
    };
    assert!(accepts(&by_version(0), &[&a, &b, &c], false));
    assert!(accepts(&by_version(0), &[&b, &a, &c], false));
    assert!(!accepts(&by_version(0), &[&a, &c, &b], false));
    assert!(!accepts(&by_version(0), &[&a, &a, &c], false));
    assert!(accepts(&by_version(1), &[&b], true));
    assert!(!accepts(&by_version(1), &[&c], true));
    assert!(!accepts(&by_version(1), &[&b], false));
    let forged = KeyValue { value: "9".into(), ..b.clone() };
    assert!(!accepts(&by_version(1), &[&forged], true), "a key that is not in the store");
    assert!(!accepts(&by_version(2), &[&b, &b], true), "a key twice");
}

#[test]
fn what_was_not_recorded_agrees_with_anything_and_what_was_does_not() {
    let store = Store::with([put("a", "1"), put("a", "2")]);
    let reads = |change: fn(&mut KeyValue)| {
        let mut shown = kv("a", "2", 2, 3, 2);
        change(&mut shown);
        store.0.clone().is_valid_step(&get("a"), &Answer::Given(ranged(3, [shown])))
    };
    const LEFT_OUT: i64 = KeyValue::NOT_RECORDED;
    assert!(reads(|kv| (kv.create_revision, kv.version, kv.lease) = (LEFT_OUT, LEFT_OUT, LEFT_OUT)));
    assert!(!reads(|kv| (kv.create_revision, kv.version) = (LEFT_OUT, 1)));
    assert!(!reads(|kv| (kv.create_revision, kv.version) = (3, LEFT_OUT)));
    assert!(!reads(|kv| kv.lease = 4));
    assert!(!reads(|kv| kv.mod_revision = LEFT_OUT));
    assert!(!reads(|kv| kv.value = "1".into()));
    let parts = |of_put, of_get| {
        let shown = kv("a", "2", 2, 3, 2);
        let answer = decided(4, true, [written(of_put), ranged(of_get, [shown])]);
        let request = txn([], [put("b", "1"), get("a")], []);
        store.0.clone().is_valid_step(&request, &Answer::Given(answer))
    };
    assert!(parts(4, 4) && parts(0, 0) && !parts(3, 4) && !parts(4, 5));
}

#[test]
fn the_past_is_read_until_it_is_compacted() {
    let mut store = Store::with([put("a", "1"), put("a", "2"), delete("a")]);
    store.answers(range_at("a", "", 1), ranged(4, []));
    store.answers(range_at("a", "", 2), ranged(4, [kv("a", "1", 2, 2, 1)]));
    store.answers(range_at("a", "", 3), ranged(4, [kv("a", "2", 2, 3, 2)]));
    store.answers(range_at("a", "", 4), ranged(4, []));
    store.answers(range_at("a", "", -1), ranged(4, []));
    store.refuses(range_at("a", "", 5), Refusal::FutureRev);
    store.answers(compact(0), compaction(4));
    store.refuses(compact(0), Refusal::Compacted);
    store.refuses(compact(5), Refusal::FutureRev);
    store.answers(compact(3), compaction(4));
    store.refuses(compact(2), Refusal::Compacted);
    store.refuses(compact(3), Refusal::Compacted);
    store.refuses(range_at("a", "", 2), Refusal::Compacted);
    store.answers(range_at("a", "", 3), ranged(4, [kv("a", "2", 2, 3, 2)]));
}

#[test]
fn a_put_keeps_what_it_is_told_to_keep() {
    let mut store = Store::default();
    let leased = |lease| KeyValue { lease, ..KeyValue::default() };
    store.refuses(putting("a", |put| put.ignore_value = true), Refusal::KeyNotFound);
    store.refuses(putting("a", |put| put.ignore_lease = true), Refusal::KeyNotFound);
    store.refuses(putting("", |_| {}), Refusal::EmptyKey);
    let both = |put: &mut PutRequest| (put.value, put.ignore_value) = ("1".into(), true);
    store.refuses(putting("a", both), Refusal::ValueProvided);
    store.refuses(putting("a", |put| (put.lease, put.ignore_lease) = (5, true)), Refusal::LeaseProvided);
    store.answers(putting("a", |put| (put.value, put.lease) = ("1".into(), 5)), written(2));
    store.answers(putting("a", |put| (put.lease, put.ignore_value) = (6, true)), written(3));
    store.answers(
        get("a"),
        ranged(3, [KeyValue { ..kv("a", "1", 2, 3, 2) }].map(|kv| KeyValue { lease: leased(6).lease, ..kv })),
    );
    store.answers(putting("a", |put| (put.value, put.ignore_lease) = ("2".into(), true)), written(4));
    let header = Header { member: MemberId(0), revision: 5, term: 0 };
    let prev_kv = Some(KeyValue { lease: 6, ..kv("a", "2", 2, 4, 3) });
    store.answers(putting("a", |put| put.prev_kv = true), Response::Put(PutResponse { header, prev_kv }));
    store.answers(get("a"), ranged(5, [kv("a", "", 2, 5, 4)]));
}

#[test]
fn a_delete_shows_what_it_deleted_if_asked_to() {
    let mut store = Store::with([put("a", "1"), put("b", "2"), put("c", "3")]);
    let header = Header { member: MemberId(0), revision: 5, term: 0 };
    let request = DeleteRequest { key: "a".into(), range_end: "c".into(), prev_kv: true };
    let prev_kvs = vec![kv("a", "1", 2, 2, 1), kv("b", "2", 3, 3, 1)];
    store
        .answers(Request::Delete(request), Response::Delete(DeleteResponse { header, deleted: 2, prev_kvs }));
    store.answers(delete_range("a", "\0"), deleted(6, 1));
    store.answers(delete_range("a", "\0"), deleted(6, 0));
    store.refuses(delete(""), Refusal::EmptyKey);
}

#[test]
fn conditions_look_at_the_state_before_the_txn() {
    use CompareResult::*;
    use CompareTarget::*;
    let store = Store::with([put("a", "1"), put("a", "2"), put("b", "2")]);
    for (compare, holds) in [
        (comparing("a", "", Equal, Version(2)), true),
        (comparing("a", "", Greater, Version(2)), false),
        (comparing("a", "", Less, CreateRevision(3)), true),
        (comparing("a", "", NotEqual, ModRevision(3)), false),
        (comparing("a", "", Equal, Value("2".into())), true),
        (comparing("a", "", Equal, Lease(0)), true),
        (comparing("x", "", Equal, Version(0)), true),
        (comparing("x", "", Equal, CreateRevision(0)), true),
        (comparing("x", "", Equal, Value(Bytes::default())), false),
        (comparing("x", "", NotEqual, Value("1".into())), false),
        (comparing("a", "\0", Equal, Value("2".into())), true),
        (comparing("a", "\0", Equal, Version(2)), false),
        (comparing("x", "\0", Equal, Version(0)), true),
    ] {
        let mut store = Store(store.0.clone());
        let request = txn([compare.clone()], [put("c", "1")], []);
        let response = if holds { decided(5, true, [written(5)]) } else { decided(4, false, []) };
        assert_eq!(store.0.clone().invoke(&request), Answer::Given(response.clone()), "{compare:?}");
        store.answers(request, response);
    }
}

#[test]
fn a_txn_is_one_revision_and_sees_itself() {
    let mut store = Store::with([put("a", "1")]);
    store.answers(
        txn(
            [unmodified_since("a", 2)],
            [
                get("a"),
                put("a", "2"),
                get("a"),
                range_at("a", "", 2),
                txn([unmodified_since("a", 2)], [put("b", "3"), delete("c")], [put("b", "4")]),
                range("a", "\0"),
            ],
            [],
        ),
        decided(
            3,
            true,
            [
                ranged(2, [kv("a", "1", 2, 2, 1)]),
                written(3),
                ranged(3, [kv("a", "2", 2, 3, 2)]),
                ranged(3, [kv("a", "1", 2, 2, 1)]),
                decided(0, true, [written(3), deleted(3, 0)]),
                ranged(3, [kv("a", "2", 2, 3, 2), kv("b", "3", 3, 3, 1)]),
            ],
        ),
    );
    store.answers(range("a", "\0"), ranged(3, [kv("a", "2", 2, 3, 2), kv("b", "3", 3, 3, 1)]));
}

#[test]
fn a_txn_that_cannot_do_all_does_nothing() {
    let mut store = Store::with([put("a", "1"), put("a", "2"), compact(3)]);
    let keep = || putting("x", |put| put.ignore_value = true);
    store.refuses(txn([], [put("b", "1"), keep()], []), Refusal::KeyNotFound);
    store.refuses(txn([], [put("b", "1"), txn([], [keep()], [])], []), Refusal::KeyNotFound);
    store.refuses(txn([], [put("b", "1"), range_at("a", "", 2)], []), Refusal::Compacted);
    store.refuses(txn([], [put("b", "1"), range_at("a", "", 4)], []), Refusal::FutureRev);
    store.refuses(txn([], [put("b", "1"), range_at("a", "", -1)], []), Refusal::Compacted);
    store.answers(txn([], [put("b", "1")], [keep(), range_at("a", "", 9)]), decided(4, true, [written(4)]));
}

#[test]
fn a_txn_is_checked_before_it_is_looked_at() {
    let mut store = Store::default();
    let many = |count: usize| (0..count).map(|_| get("a")).collect::<Vec<_>>();
    store.refuses(txn([], many(129), []), Refusal::TooManyOps);
    store.refuses(txn([], [], many(129)), Refusal::TooManyOps);
    store.refuses(txn(vec![unmodified_since("a", 0); 129], [], []), Refusal::TooManyOps);
    let mut nested = many(99);
    nested.push(txn([], many(29), []));
    store.refuses(txn([], nested.clone(), []), Refusal::TooManyOps);
    nested.truncate(98);
    nested.push(txn([], many(29), []));
    assert!(runs(&store, txn([], nested, [])));

    store.refuses(txn([unmodified_since("", 0)], [], []), Refusal::EmptyKey);
    store.refuses(txn([], [], [put("", "1")]), Refusal::EmptyKey);
    store.refuses(txn([], [compact(1)], []), Refusal::KeyNotFound);
    for twice in [
        vec![put("a", "1"), put("a", "2")],
        vec![put("b", "1"), delete_range("a", "c")],
        vec![delete("b"), put("b", "1")],
        vec![put("a", "1"), txn([], [], [put("a", "2")])],
        vec![delete_range("a", "c"), txn([], [put("b", "2")], [])],
        vec![txn([], [delete("a")], []), put("a", "2")],
        vec![txn([], [put("a", "1")], []), txn([], [put("a", "2")], [])],
        vec![txn([], [delete("a")], []), txn([], [], [put("a", "1")])],
    ] {
        store.refuses(txn([], twice.clone(), []), Refusal::DuplicateKey);
        store.refuses(txn([], [], twice), Refusal::DuplicateKey);
    }
    for fine in [
        vec![delete("a"), delete_range("a", "c")],
        vec![txn([], [put("a", "1")], [put("a", "2")])],
        vec![put("c", "1"), delete_range("a", "c")],
        vec![put("a", "1"), delete_range("b", "\0")],
        vec![txn([], [put("a", "1")], [delete("a")])],
        vec![txn([], [delete("a")], []), delete_range("a", "\0")],
        // What etcd does not see.
        vec![txn([], [put("a", "1")], []), txn([], [], [delete("a")])],
        vec![put("b", "1"), delete_range("a", "\0")],
        vec![delete_range("b", "\0"), put("b", "1")],
        vec![txn([], [delete_range("\0", "\0")], []), txn([], [put("a", "1")], [])],
    ] {
        assert!(runs(&store, txn([], fine.clone(), [])), "{fine:?}");
    }
    assert!(runs(&store, txn([], [put("a", "1")], [put("a", "2")])));
}

#[test]
fn a_read_is_what_changes_no_store() {
    let answered =
        |request: &Request, response: Response| Etcd::is_read(request, Some(&Answer::Given(response)));
    assert!(answered(&delete("a"), deleted(4, 0)) && !answered(&delete("a"), deleted(4, 1)));
    let nested = txn([], [txn([], [put("a", "1")], [])], []);
    assert!(!answered(&nested, decided(2, true, [decided(0, true, [written(2)])])));
    assert!(answered(&nested, decided(2, true, [decided(0, false, [])])));
    assert!(!answered(&compact(2), compaction(2)));
    assert!(Etcd::is_read(&put("a", "1"), Some(&Answer::Refused(Refusal::KeyNotFound.into()))));
    assert!(Etcd::is_read(&get("a"), None) && !Etcd::is_read(&put("a", "1"), None));
    assert!(Etcd::is_read(&txn([], [get("a")], []), None) && !Etcd::is_read(&nested, None));
    assert!(!Etcd::is_read(&compact(2), None));
}

#[test]
fn a_lost_answer_of_known_revision_is_a_change_that_makes_it() {
    let store = Store::with([put("a", "1")]);
    let at = |request: Request, revision| store.0.clone().is_valid_step(&request, &Answer::At(revision));
    assert!(at(put("a", "2"), 3) && at(delete("a"), 3) && at(txn([], [put("b", "1")], []), 3));
    assert!(!at(put("a", "2"), 2) && !at(put("a", "2"), 4), "another revision");
    assert!(!at(delete("b"), 3) && !at(get("a"), 3) && !at(txn([], [], []), 3), "nothing was changed");
    assert!(!at(put("", "2"), 3), "it is refused");
}

/// The calls that linearizability is judged by: which operations count, and when.
#[test]
fn the_calls_of_a_history_leave_out_what_promises_less_or_did_nothing() {
    let mut history = Builder::default();
    let first = history.ok(0, put("a", "1"), written(2));
    history.ok(0, serializable("a", ""), ranged(1, []));
    history.ok(0, txn([], [serializable("a", "")], []), decided(1, true, [ranged(1, [])]));
    history.failed(0, put("a", "2"), "Unavailable", "etcdserver: no leader");
    let refused = history.failed(0, get(""), "InvalidArgument", "etcdserver: key is not provided");
    let unseen = history.unknown(1, put("a", "3"));
    let seen = history.unknown(2, txn([], [], [put("b", "4")]));
    let twice = [history.unknown(3, put("c", "5")), history.unknown(4, put("c", "5"))];
    let read = history.ok(0, get("b"), ranged(3, [kv("b", "4", 3, 3, 1), kv("c", "5", 3, 3, 1)]));
    let history = history.build();
    let Calls { calls, operations } = Calls::of(&history);
    assert_eq!(operations, [first, refused, unseen, seen, twice[0], twice[1], read]);
    let answer_of = |operation| {
        let call = operations.iter().position(|at| *at == operation).unwrap();
        calls[call].ret.clone()
    };
    assert_eq!(
        answer_of(first),
        Some((history.operations[first].return_ns.unwrap(), Answer::Given(written(2))))
    );
    assert_eq!(answer_of(refused).unwrap().1, Answer::Refused(Refusal::EmptyKey.into()));
    assert_eq!(answer_of(unseen), None);
    assert_eq!(answer_of(seen), Some((u64::MAX, Answer::At(3))));
    assert_eq!(twice.map(answer_of), [None, None], "either may have been the one that was seen");
}

#[test]
fn a_put_that_keeps_the_value_hides_who_wrote_it() {
    let mut history = Builder::default();
    let writer = history.unknown(0, put("a", "1"));
    history.unknown(1, putting("a", |put| put.ignore_value = true));
    history.ok(2, get("a"), ranged(3, [kv("a", "1", 2, 3, 2)]));
    assert_eq!(Calls::of(&history.build()).calls[writer].ret, None);
}
