//! The promises of the search, one at a time.

use revline_checker::search::{Budget, Call, Decision, Flaw, Illegal, Search, Why, replay};
use revline_checker::spec::append_kv::{AppendKv, AppendKvOp, AppendKvRet};
use revline_checker::spec::register::Register;
use revline_checker::spec::register::RegisterOp::{self, *};
use revline_checker::spec::register::RegisterRet::{self, *};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

type RegisterCall = Call<RegisterOp, RegisterRet>;

fn decide(calls: &[RegisterCall]) -> Decision {
    let plain = Search::new(Register::default(), calls).decide(&Budget::UNLIMITED);
    let told = Search::new(Register::default(), calls).reads(Register::is_read).decide(&Budget::UNLIMITED);
    assert_eq!(plain.is_linearizable(), told.is_linearizable());
    assert_eq!(plain.is_illegal(), told.is_illegal());
    told
}

fn why(decision: Decision) -> Why {
    match decision {
        Decision::Unknown { why, .. } => why,
        decided => panic!("{decided:?}"),
    }
}

fn write(invoke: u64, value: i64, returned: u64) -> RegisterCall {
    Call::answered(0, invoke, Write(value), returned, Written)
}

fn read(invoke: u64, value: impl Into<Option<i64>>, returned: u64) -> RegisterCall {
    Call::answered(1, invoke, Read, returned, Value(value.into()))
}

fn lost_write(invoke: u64, value: i64) -> RegisterCall {
    Call::unknown(2, invoke, Write(value))
}

#[test]
fn nothing_is_in_order() {
    assert_eq!(decide(&[]), Decision::Linearizable { order: vec![] });
    let unknown_only = [lost_write(1, 1), Call::unknown(3, 2, Read)];
    assert_eq!(decide(&unknown_only), Decision::Linearizable { order: vec![] });
}

#[test]
fn calls_that_touch_in_time_are_concurrent() {
    assert!(decide(&[write(1, 1, 5), read(5, None, 6)]).is_linearizable());
    assert!(decide(&[write(1, 1, 5), read(5, 1, 6)]).is_linearizable());
    assert!(decide(&[write(1, 1, 5), read(6, None, 7)]).is_illegal());
    // A moment is long enough for any number of calls.
    assert!(decide(&[read(5, 2, 5), write(5, 2, 5), write(5, 1, 5), read(5, 1, 5)]).is_linearizable());
}

#[test]
fn an_unknown_call_takes_effect_once_or_never_and_not_before_it_was_made() {
    assert!(decide(&[lost_write(1, 1), read(2, None, 3)]).is_linearizable());
    assert!(decide(&[lost_write(1, 1), read(2, 1, 3)]).is_linearizable());
    assert!(decide(&[lost_write(1, 1), write(2, 2, 3), read(4, 2, 5), read(6, 1, 7)]).is_linearizable());
    assert!(decide(&[read(1, 1, 2), lost_write(3, 1)]).is_illegal(), "before it was made");
    let twice = [lost_write(1, 1), read(2, 1, 3), write(4, 2, 5), read(6, 1, 7)];
    assert!(decide(&twice).is_illegal(), "twice");
    let mut two_of_them = twice.to_vec();
    two_of_them.push(lost_write(2, 1));
    assert!(decide(&two_of_them).is_linearizable());
    // A compare-and-set of unknown outcome may have found another value.
    let cas = Call::unknown(2, 1, Cas { from: 1, to: 2 });
    assert!(decide(&[cas.clone(), write(2, 1, 3), read(4, 1, 5), read(6, 2, 7)]).is_linearizable());
    assert!(decide(&[cas, read(4, 2, 5)]).is_illegal());
}

#[test]
fn several_unknown_calls_may_be_needed_between_two_answers() {
    let step = |from| Call::unknown(2, 1, Cas { from, to: from + 1 });
    let steps: Vec<RegisterCall> = (0..6).map(step).collect();
    let seen = |calls: &[RegisterCall]| [calls, &[write(1, 0, 2), read(3, 6, 4)]].concat();
    let Decision::Linearizable { order } = decide(&seen(&steps)) else { panic!("all six, in order") };
    assert_eq!(order, [6, 0, 1, 2, 3, 4, 5, 7]);
    assert!(decide(&seen(&steps[1..])).is_illegal(), "one is missing");
}

#[test]
fn an_illegal_history_is_explained_by_how_far_it_goes() {
    let calls =
        [write(1, 1, 2), read(3, 1, 4), lost_write(3, 2), read(5, 2, 6), read(7, 1, 8), read(9, 2, 9)];
    let Decision::Illegal(Illegal { prefix, stuck, .. }) = decide(&calls) else {
        panic!("1 is read after 2")
    };
    assert_eq!((prefix.as_slice(), stuck), (&[0, 1, 2, 3][..], 4));
    let Err(flaw) = replay(Register::default(), &calls, &prefix) else { panic!("it is not all") };
    assert_eq!(flaw, Flaw::Missing { call: 4 });
    let Decision::Illegal(Illegal { prefix, stuck, .. }) = decide(&calls[4..]) else {
        panic!("nobody wrote 1")
    };
    assert_eq!((prefix.as_slice(), stuck), (&[][..], 0));
}

#[test]
fn a_call_that_returns_before_it_is_made_is_no_history() {
    let decision = decide(&[write(1, 1, 2), read(5, 1, 4)]);
    assert_eq!(why(decision), Why::Backwards { call: 1 });
}

/// Appends whose order nothing tells, then a read that none of the orders gives: the search has to try all.
fn explosion(key: &str, appends: u64) -> Vec<Call<AppendKvOp, AppendKvRet>> {
    let append = |process: u64| {
        let op = AppendKvOp::Append { key: key.into(), value: format!("{process},").into() };
        Call::answered(process, 1, op, 2, AppendKvRet::Written)
    };
    let mut calls: Vec<_> = (0..appends).map(append).collect();
    let get = AppendKvOp::Get { key: key.into() };
    calls.push(Call::answered(0, 3, get, 4, AppendKvRet::Value("?".into())));
    calls
}

#[test]
fn a_search_ends_with_its_budget() {
    let calls = explosion("k", 40);
    let search = || Search::new(AppendKv::default(), &calls).reads(AppendKv::is_read);
    let decision = search().decide(&Budget::steps(10_000));
    assert_eq!(why(decision), Why::Steps { steps: 10_000 });
    let asked = AtomicU64::new(0);
    let stop = || asked.fetch_add(1, Relaxed) >= 3;
    let decision = search().decide(&Budget::until(&stop));
    let Why::Stopped { steps } = why(decision) else { panic!("the caller said so") };
    assert!((1..100_000).contains(&steps), "stopped after {steps} steps");
    // Small enough, it is decided.
    let calls = explosion("k", 5);
    assert!(Search::new(AppendKv::default(), &calls).decide(&Budget::steps(10_000)).is_illegal());
}

#[test]
fn a_part_that_is_easily_refuted_does_not_wait_for_one_that_explodes() {
    let mut calls = explosion("a", 40);
    calls.extend(explosion("b", 2));
    let decision = Search::new(AppendKv::default(), &calls)
        .reads(AppendKv::is_read)
        .parts(|op: &AppendKvOp| op.key().clone())
        .decide(&Budget::steps(100_000));
    let Decision::Illegal(Illegal { stuck, .. }) = decision else { panic!("{decision:?}") };
    assert_eq!(stuck, calls.len() - 1);
}

#[test]
fn the_order_of_parts_is_an_order_of_all() {
    let append = |process: u64, key: &str, invoke, returned| {
        let op = AppendKvOp::Append { key: key.into(), value: "x".into() };
        Call::answered(process, invoke, op, returned, AppendKvRet::Written)
    };
    let calls = [append(0, "b", 1, 9), append(1, "a", 2, 3), append(1, "b", 4, 5), append(1, "a", 6, 7)];
    let search = Search::new(AppendKv::default(), &calls).parts(|op: &AppendKvOp| op.key().clone());
    let Decision::Linearizable { order } = search.decide(&Budget::UNLIMITED) else {
        panic!("nothing is read")
    };
    assert_eq!(replay(AppendKv::default(), &calls, &order), Ok(()));
}

#[test]
fn a_model_that_contradicts_itself_proves_nothing() {
    let calls = [read(1, None, 9), write(1, 1, 9), read(1, None, 9)];
    assert!(decide(&calls).is_linearizable());
    // Were a write a read, all three would fit the first state.
    let decision = Search::new(Register::default(), &calls).reads(|_, _| true).decide(&Budget::UNLIMITED);
    assert_eq!(why(decision), Why::Model(Flaw::Answer { call: 2 }));
}

#[test]
fn many_calls_in_a_row_take_time_in_proportion() {
    let mut calls = Vec::new();
    for at in 0..20_000 {
        let now = at * 10;
        calls.push(write(now, at as i64, now + 4));
        calls.push(read(now + 2, at as i64, now + 5));
        if at % 100 == 0 {
            calls.push(lost_write(now, -1));
        }
    }
    let search = |budget| Search::new(Register::default(), &calls).reads(Register::is_read).decide(&budget);
    assert!(search(Budget::steps(5 * 40_000)).is_linearizable());
    // One wrong answer at the end, and the search does not go back to the beginning.
    calls.push(read(300_000, 0, 300_001));
    let search = Search::new(Register::default(), &calls).reads(Register::is_read);
    assert!(search.decide(&Budget::steps(20 * 40_000)).is_illegal());
}
