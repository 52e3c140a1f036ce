//! An illegal history is explained by the few calls that contradict each other.

#![allow(clippy::disallowed_macros, reason = "says what it skipped")]

use revline_checker::import::{Imported, read_file};
use revline_checker::linearizability::{Budget, Call, Candidate, Explanation, Flaw, Search, replay};
use revline_checker::spec::append_kv::{AppendKv, AppendKvOp};
use revline_checker::spec::register::Register;
use revline_checker::spec::register::RegisterOp::{self, *};
use revline_checker::spec::register::RegisterRet::{self, *};
use std::path::Path;

type RegisterCall = Call<RegisterOp, RegisterRet>;

fn explain(calls: &[RegisterCall]) -> Option<Explanation<RegisterRet>> {
    Search::new(Register::default(), calls).reads(Register::is_read).explain(&Budget::UNLIMITED)
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
fn a_legal_history_is_not_explained() {
    assert_eq!(explain(&[write(1, 1, 2), read(3, 1, 4)]), None);
    assert_eq!(explain(&[]), None);
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
    for file in ["c01-bad.txt", "c10-bad.txt"] {
        let path = folder.join("porcupine-kv").join(file);
        let Ok(Imported::AppendKv(calls)) = read_file(&path, None) else { panic!("{}", path.display()) };
        let search = Search::new(AppendKv::default(), &calls).reads(AppendKv::is_read);
        let parts = search.parts(|op: &AppendKvOp| op.key().clone());
        let Some(found) = parts.explain(&Budget::steps(1_000_000)) else { panic!("{file} is illegal") };
        println!(
            "{file}: core {:?}, {} open, {} candidates",
            found.core,
            found.open.len(),
            found.candidates.len()
        );
        assert!(found.core.len() <= 6, "{file}: {found:?}");
    }
}

/// The core has no order with what is open, and has one without any of its calls.
fn minimal(calls: &[RegisterCall], found: &Explanation<RegisterRet>, file: &str) {
    let without = |left_out: Option<usize>| {
        let answered = found.core.iter().filter(|at| Some(**at) != left_out).map(|at| calls[*at].clone());
        let relaxed = left_out
            .filter(|at| !Register::is_read(&calls[*at].op, calls[*at].ret.as_ref().map(|(_, ret)| ret)));
        let open = found.open.iter().copied().chain(relaxed);
        let open = open.map(|at| Call { ret: None, ..calls[at].clone() });
        let small: Vec<RegisterCall> = answered.chain(open).collect();
        Search::new(Register::default(), &small).reads(Register::is_read).decide(&Budget::UNLIMITED)
    };
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
