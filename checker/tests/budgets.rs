//! Limits of a search, its words at the limit, and its independence of threads.

use proptest::prelude::*;
use revline_checker::search::{Budget, Call, Decision, Illegal, OpenPart, Progress, Search, Why};
use revline_checker::spec::append_kv::{AppendKv, AppendKvOp, AppendKvRet};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

type KvCall = Call<AppendKvOp, AppendKvRet>;

fn append(key: &str, value: &str) -> AppendKvOp {
    AppendKvOp::Append { key: key.into(), value: value.into() }
}

fn get(key: &str) -> AppendKvOp {
    AppendKvOp::Get { key: key.into() }
}

/// Appends whose order nothing tells, then a read that none of the orders gives: the search has to try all.
fn explosion(key: &str, appends: u64) -> Vec<KvCall> {
    let one =
        |process| Call::answered(process, 1, append(key, &format!("{process},")), 2, AppendKvRet::Written);
    let mut calls: Vec<_> = (0..appends).map(one).collect();
    calls.push(Call::answered(0, 3, get(key), 4, AppendKvRet::Value("?".into())));
    calls
}

/// An append, then a read of it.
fn legal(key: &str) -> Vec<KvCall> {
    vec![
        Call::answered(0, 1, append(key, "x"), 2, AppendKvRet::Written),
        Call::answered(0, 3, get(key), 4, AppendKvRet::Value("x".into())),
    ]
}

fn search(calls: &[KvCall]) -> Search<'_, AppendKv> {
    let search = Search::new(AppendKv::default(), calls).reads(AppendKv::is_read);
    search.heap_bytes(AppendKv::heap_bytes).parts(|op: &AppendKvOp| op.key().clone())
}

fn undecided(decision: Decision) -> (Why, Progress) {
    match decision {
        Decision::Unknown { why, progress } => (why, progress),
        decided => panic!("{decided:?}"),
    }
}

/// A part that explodes, one with an order, and another that explodes.
fn three_parts() -> (Vec<KvCall>, Progress) {
    let calls = [explosion("a", 40), legal("b"), explosion("c", 30)].concat();
    let open =
        vec![OpenPart { first: 0, ordered: 40, calls: 41 }, OpenPart { first: 43, ordered: 30, calls: 31 }];
    (calls, Progress { decided: 1, open })
}

#[test]
fn every_limit_ends_in_its_own_reason_and_says_what_was_decided() {
    let (calls, expected) = three_parts();
    for threads in [1, 2] {
        for is_compact in [false, true] {
            let search = || match is_compact {
                true => search(&calls).threads(threads).compact(),
                false => search(&calls).threads(threads),
            };
            let (why, progress) = undecided(search().decide(&Budget::steps(50_000)));
            assert_eq!((why, &progress), (Why::Steps { steps: 50_000 }, &expected));

            let bytes = 1 << 20;
            let (why, progress) = undecided(search().decide(&Budget::UNLIMITED.memory_bytes(bytes)));
            assert!(matches!(why, Why::Memory { bytes: limit, steps } if limit == bytes && steps > 1000));
            assert_eq!(progress, expected);

            let asked = AtomicU64::new(0);
            let stop = || asked.fetch_add(1, Relaxed) >= 30;
            let (why, progress) = undecided(search().decide(&Budget::until(&stop)));
            assert!(matches!(why, Why::Stopped { steps } if (1000..200_000).contains(&steps)), "{why}");
            assert_eq!(progress, expected);
        }
    }
}

#[test]
fn an_undecided_history_is_told_in_words() {
    let (calls, _) = three_parts();
    let said = search(&calls).decide(&Budget::steps(50_000)).undecided();
    let expected = "undecided after 50000 steps: 1 of 3 parts have an order; the longest order found has 40 of 41, 30 of 31 operations";
    assert_eq!(said.as_deref(), Some(expected));
    assert_eq!(search(&legal("a")).decide(&Budget::UNLIMITED).undecided(), None);
}

#[test]
fn what_is_quickly_refuted_waits_for_nothing_that_explodes() {
    for threads in [1, 2, 5] {
        // However often it is in front, and whether time or memory is short.
        for explosions in [1, 20] {
            let keys: Vec<String> = (0..explosions).map(|number| format!("a{number:02}")).collect();
            let mut calls: Vec<KvCall> = keys.iter().flat_map(|key| explosion(key, 40)).collect();
            calls.extend(explosion("b", 6));
            for budget in [
                Budget::steps(5000 * (explosions + 1)),
                Budget::steps(1_000_000 * explosions).memory_bytes(explosions << 20),
            ] {
                let decision = search(&calls).threads(threads).decide(&budget);
                let Decision::Illegal(Illegal { stuck, .. }) = decision else { panic!("{decision:?}") };
                assert_eq!(stuck, calls.len() - 1);
            }
        }
    }
}

#[test]
fn the_first_of_several_refuted_parts_is_told_whoever_finds_it() {
    let calls = [legal("a"), explosion("b", 7), explosion("c", 8), explosion("d", 7)].concat();
    let alone = search(&calls).decide(&Budget::UNLIMITED);
    assert!(matches!(&alone, Decision::Illegal(illegal) if illegal.stuck == 2 + 7), "{alone:?}");
    for _ in 0..50 {
        assert_eq!(search(&calls).threads(4).decide(&Budget::UNLIMITED), alone);
    }
}

/// Calls on a few keys, of which many are concurrent and some wrong.
fn histories() -> impl Strategy<Value = Vec<KvCall>> {
    let call = (0..5usize, 0..4u8, 0..40u64, 1..12u64, 0..4u8);
    proptest::collection::vec(call, 1..60).prop_map(|calls| {
        let call = |(number, (key, what, invoke, length, value)): (usize, (usize, u8, u64, u64, u8))| {
            let (key, value) = (["a", "b", "c", "d", "e"][key], value.to_string());
            let (process, returned) = (number as u64, invoke + length);
            match what {
                0 => Call::answered(process, invoke, append(key, &value), returned, AppendKvRet::Written),
                1 => Call::unknown(process, invoke, append(key, &value)),
                2 => {
                    let read = AppendKvRet::Value(if value == "0" { "".into() } else { value.into() });
                    Call::answered(process, invoke, get(key), returned, read)
                }
                _ => {
                    let put = AppendKvOp::Put { key: key.into(), value: value.into() };
                    Call::answered(process, invoke, put, returned, AppendKvRet::Written)
                }
            }
        };
        calls.into_iter().enumerate().map(call).collect()
    })
}

proptest! {
    #[test]
    fn threads_change_no_decision(
        small in histories(),
        steps in prop_oneof![Just(u64::MAX), 1..200_000u64],
        memory_bytes in prop_oneof![Just(u64::MAX), 10_000..2_000_000u64],
        explodes in any::<bool>(),
        is_compact in any::<bool>(),
    ) {
        // Without an explosion, a first turn decides all.
        let mut calls = small;
        if explodes {
            calls.extend(explosion("b-wide", 13));
            calls.extend(explosion("d-wide", 13));
        }
        let budget = Budget::steps(steps.min(300_000)).memory_bytes(memory_bytes);
        let decide = |threads| {
            let search = search(&calls).threads(threads);
            if is_compact { search.compact() } else { search }.decide(&budget)
        };
        let alone = decide(1);
        prop_assert_eq!(&decide(2), &alone);
        prop_assert_eq!(&decide(3), &alone);
        let without = search(&calls);
        prop_assert_eq!(if is_compact { without.compact() } else { without }.decide(&budget), alone);
    }
}
