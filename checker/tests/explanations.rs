//! An illegal history is explained by the few calls that contradict each other.

#![allow(clippy::disallowed_macros, reason = "says what it skipped")]

use revline_checker::import::{Imported, read_file};
use revline_checker::search::{Budget, Call, Candidate, Decision, Explanation, Flaw, Search, replay};
use revline_checker::spec::append_kv::{AppendKv, AppendKvOp};
use revline_checker::spec::register::Register;
use revline_checker::spec::register::RegisterOp::{self, *};
use revline_checker::spec::register::RegisterRet::{self, *};
use std::path::Path;

type RegisterCall = Call<RegisterOp, RegisterRet>;

fn explain(calls: &[RegisterCall]) -> Option<Explanation<RegisterRet>> {
    explain_within(calls, &Budget::UNLIMITED)
}

fn explain_within(calls: &[RegisterCall], budget: &Budget<'_>) -> Option<Explanation<RegisterRet>> {
    let search = || Search::new(Register::default(), calls).reads(Register::is_read);
    match search().decide(&Budget::UNLIMITED) {
        Decision::Illegal(illegal) => search().explain(&illegal, budget),
        Decision::Linearizable { .. } | Decision::Unknown { .. } => None,
    }
}

fn write(invoke: u64, value: i64, returned: u64) -> RegisterCall {
    Call::answered(0, invoke, Write(value), returned, Written)
}

fn read(invoke: u64, value: i64, returned: u64) -> RegisterCall {
    Call::answered(1, invoke, Read, returned, Value(Some(value)))
}

#[test]
fn a_stale_read_is_explained_by_the_write_that_it_misses() {
    let mut calls: Vec<RegisterCall> = Vec::new();
    for at in 0..20 {
        calls.push(write(10 * at, at as i64, 10 * at + 5));
        calls.push(read(10 * at + 6, at as i64, 10 * at + 7));
    }
    // It shows 18, and 19 was written and read before; what comes later has nothing to do with it.
    calls.push(read(200, 18, 201));
    calls.push(write(210, 7, 211));
    let Some(explanation) = explain(&calls) else { panic!("it is illegal") };
    assert!(!explanation.core.contains(&41) && !explanation.open.contains(&41), "it was cut off");
    assert_eq!(explanation.stuck, 40);
    assert!(explanation.core.len() <= 4, "{explanation:?}");
    assert!(explanation.core.contains(&40));
    let answers: Vec<&RegisterRet> =
        explanation.candidates.iter().map(|candidate| &candidate.answer).collect();
    assert!(!answers.is_empty() && !answers.contains(&&Value(Some(18))), "{answers:?}");
}

#[test]
fn what_nobody_wrote_is_explained_by_itself() {
    let calls = [write(1, 1, 2), write(3, 2, 4), read(5, 2, 6), read(7, 9, 8)];
    let Some(explanation) = explain(&calls) else { panic!("it is illegal") };
    assert_eq!((explanation.core.as_slice(), explanation.stuck), (&[3][..], 3));
    assert_eq!(explanation.open, [0, 1], "whether or not these happened");
    let mut answers: Vec<String> =
        explanation.candidates.iter().map(|Candidate { answer, .. }| answer.to_string()).collect();
    answers.sort();
    assert_eq!(answers, ["1", "2", "nil"]);
    for candidate in &explanation.candidates {
        let mut state = calls.to_vec();
        state.truncate(3);
        state.iter_mut().for_each(|call| call.ret = None);
        assert_eq!(replay(Register::default(), &state, &candidate.order), Ok(()));
    }
}

#[test]
fn every_answer_that_there_could_have_been_is_told_once() {
    let mut calls: Vec<RegisterCall> =
        (0..12).map(|value| Call::unknown(value, value + 1, Write(value as i64 % 6))).collect();
    calls.push(write(1, 7, 20));
    calls.push(read(21, 7, 22));
    calls.push(read(23, 9, 24));
    let Some(explanation) = explain_within(&calls, &Budget::steps(10_000)) else {
        panic!("9 was never written")
    };
    let mut answers: Vec<String> =
        explanation.candidates.iter().map(|candidate| candidate.answer.to_string()).collect();
    answers.sort();
    assert_eq!(answers, ["0", "1", "2", "3", "4", "5", "7", "nil"], "{explanation:?}");
}

#[test]
fn a_legal_history_is_not_explained() {
    assert_eq!(explain(&[write(1, 1, 2), read(3, 1, 4)]), None);
    assert_eq!(explain(&[]), None);
}

/// An explanation rests on a search, wherever the budget ends; and it is the same every time.
#[test]
fn however_early_the_attempts_end_what_is_shown_has_no_order() {
    let mut calls: Vec<RegisterCall> = Vec::new();
    for at in 0..40 {
        calls.push(write(10 * at, at as i64, 10 * at + 15));
        calls.push(read(10 * at + 6, at as i64, 10 * at + 17));
        calls.push(Call::unknown(2, 10 * at + 3, Write(100 + at as i64)));
    }
    calls.push(read(420, 12, 421));
    calls.push(read(430, 39, 431));
    let (mut shown, mut minimal_ones) = (0, 0);
    for steps in (0..24).flat_map(|at| [1 << at, 3 << at]) {
        let budget = Budget::steps(steps);
        let Some(found) = explain_within(&calls, &budget) else { continue };
        assert_eq!(Some(&found), explain_within(&calls, &budget).as_ref());
        let small = shown_calls(&calls, &found, None);
        assert!(decide(&small).is_illegal(), "{steps} steps: {found:?}");
        shown += 1;
        if found.is_minimal {
            minimal(&calls, &found, "by hand");
            minimal_ones += 1;
        }
        if minimal_ones == 3 {
            break;
        }
    }
    assert!(minimal_ones > 0 && minimal_ones < shown, "{minimal_ones} of {shown}");
    assert_eq!(explain_within(&calls, &Budget::until(&|| true)), None);
}

/// Without any call of the core, there is an order: of the recorded logs too.
#[test]
fn recorded_violations_are_explained_by_few_calls() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    if !folder.is_dir() {
        println!("skipped: {} is absent", folder.display());
        return;
    }
    for file in ["etcd_000.log", "etcd_052.log", "etcd_040.log"] {
        let path = folder.join("jepsen-etcd").join(file);
        let Ok(Imported::Register(calls)) = read_file(&path, None) else { panic!("{}", path.display()) };
        let Some(found) = explain(&calls) else { panic!("{file} is illegal") };
        println!("{file}: {found:?}");
        assert!(found.core.len() <= 8, "{file}: {found:?}");
        minimal(&calls, &found, file);
    }
    for (file, at_most) in [("c01-bad.txt", 6), ("c10-bad.txt", 6), ("c50-bad.txt", 20)] {
        let path = folder.join("porcupine-kv").join(file);
        let Ok(Imported::AppendKv(calls)) = read_file(&path, None) else { panic!("{}", path.display()) };
        let parts = || {
            let search = Search::new(AppendKv::default(), &calls).reads(AppendKv::is_read);
            search.outlook(AppendKv::may_lead).parts(|op: &AppendKvOp| op.key().clone())
        };
        let Decision::Illegal(illegal) = parts().decide(&Budget::UNLIMITED) else {
            panic!("{file} is illegal")
        };
        let Some(found) = parts().explain(&illegal, &Budget::steps(100_000)) else { panic!("{file}") };
        println!(
            "{file}: core {:?}, {} open, {} candidates, minimal: {}",
            found.core,
            found.open.len(),
            found.candidates.len(),
            found.is_minimal
        );
        assert!(found.core.len() <= at_most, "{file}: {found:?}");
    }
}

fn decide(calls: &[RegisterCall]) -> Decision {
    Search::new(Register::default(), calls).reads(Register::is_read).decide(&Budget::UNLIMITED)
}

/// The calls of an explanation; with less said of one call, if it says so.
fn shown_calls(
    calls: &[RegisterCall],
    found: &Explanation<RegisterRet>,
    less: Option<usize>,
) -> Vec<RegisterCall> {
    let answered = found.core.iter().filter(|at| Some(**at) != less).map(|at| calls[*at].clone());
    let relaxed =
        less.filter(|at| !Register::is_read(&calls[*at].op, calls[*at].ret.as_ref().map(|(_, ret)| ret)));
    let open = found.open.iter().copied().chain(relaxed);
    answered.chain(open.map(|at| Call { ret: None, ..calls[at].clone() })).collect()
}

/// The core has no order with what is open, and has one without any of its calls.
fn minimal(calls: &[RegisterCall], found: &Explanation<RegisterRet>, file: &str) {
    let without = |left_out: Option<usize>| decide(&shown_calls(calls, found, left_out));
    assert!(without(None).is_illegal(), "{file}");
    for at in &found.core {
        assert!(without(Some(*at)).is_linearizable(), "{file}: {at} is not needed");
    }
    let small: Vec<RegisterCall> = calls
        .iter()
        .enumerate()
        .map(|(at, call)| {
            let ret = call.ret.filter(|_| found.core.contains(&at));
            Call { ret, ..call.clone() }
        })
        .collect();
    let flaw = replay(Register::default(), &small, &found.prefix).expect_err("the prefix is not all");
    assert!(matches!(flaw, Flaw::Missing { .. }), "{file}: the prefix is not legal: {flaw}");
}
