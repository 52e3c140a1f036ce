//! The search and stateright's own tester decide the same, on thousands of small histories.
//!
//! Stateright tries every order and remembers nothing: slow, and hard to get wrong.

use revline_checker::bytes::Bytes;
use revline_checker::history::*;
use revline_checker::search::{Budget, Call, Decision, Flaw, Illegal, MayLead, Search, replay};
use revline_checker::spec::append_kv::{AppendKv, AppendKvOp, AppendKvRet};
use revline_checker::spec::etcd::{Answer, Etcd};
use revline_checker::spec::register::{Register, RegisterOp, RegisterRet};
use stateright::semantics::vec::VecOp;
use stateright::semantics::{ConsistencyTester, LinearizabilityTester, SequentialSpec};
use std::fmt::Debug;
use std::hash::Hash;

const HISTORIES: u64 = 3000;

/// SplitMix64: the histories are the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn one_in(&mut self, odds: u64) -> bool {
        self.below(odds) == 0
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len() as u64) as usize]
    }
}

/// A history as stateright's tester takes it, and as the search does.
struct Recorded<S: SequentialSpec> {
    tester: LinearizabilityTester<u64, S>,
    calls: Vec<Call<S::Op, S::Ret>>,
}

struct Open<S: SequentialSpec> {
    invoke: u64,
    op: S::Op,
    ret: Option<S::Ret>,
}

/// Lets a few processes work on one object. Some answers are put off, lost or made up, some calls are
/// abandoned, done or not. The search gets the process, the tester a thread of its own for what comes after
/// an abandoned call.
fn record<S>(init: S, random: &mut Random, op_of: impl Fn(&mut Random) -> S::Op) -> Recorded<S>
where
    S: SequentialSpec + Clone,
    S::Op: Clone + Debug,
    S::Ret: Clone + Debug,
{
    let processes = 2 + random.below(3);
    let steps = 12 + random.below(24);
    let lies = !random.one_in(4);
    let mut tester = LinearizabilityTester::new(init.clone());
    let mut calls = Vec::new();
    let mut object = init.clone();
    let mut stale = init;
    let mut threads: Vec<u64> = (0..processes).collect();
    let mut next_thread = processes;
    let mut open: Vec<Option<Open<S>>> = (0..processes).map(|_| None).collect();
    for now in 0..steps {
        let process = random.below(processes) as usize;
        let thread = threads[process];
        match open[process].take() {
            None => {
                let op = op_of(random);
                tester.on_invoke(thread, op.clone()).expect("the thread is idle");
                open[process] = Some(Open { invoke: now, op, ret: None });
            }
            Some(Open { invoke, op, ret }) if random.one_in(7) => {
                if ret.is_none() && random.one_in(2) {
                    object.invoke(&op);
                }
                calls.push(Call { process: process as u64, invoke, op, ret: None });
                threads[process] = next_thread;
                next_thread += 1;
            }
            Some(Open { invoke, op, ret: None }) => {
                let ret =
                    if lies && random.one_in(3) { stale.clone().invoke(&op) } else { object.invoke(&op) };
                if random.one_in(4) {
                    stale = object.clone();
                    stale.invoke(&op_of(random));
                }
                open[process] = Some(Open { invoke, op, ret: Some(ret) });
            }
            Some(Open { invoke, op, ret: Some(ret) }) => {
                tester.on_return(thread, ret.clone()).expect("the thread is busy");
                calls.push(Call { process: process as u64, invoke, op, ret: Some((now, ret)) });
            }
        }
    }
    for (process, open) in open.into_iter().enumerate() {
        calls.extend(open.map(|open| Call::unknown(process as u64, open.invoke, open.op)));
    }
    Recorded { tester, calls }
}

/// Checks that a decision is what the tester says, and that it comes with what it promises.
fn compare<S>(init: &S, recorded: &Recorded<S>, decision: Decision, legal: bool, what: &str)
where
    S: SequentialSpec + Clone + Debug,
    S::Op: Debug,
    S::Ret: Debug,
{
    let calls = &recorded.calls;
    match decision {
        Decision::Linearizable { order } => {
            assert!(legal, "{what}: order {order:?} found, stateright finds none\n{calls:#?}");
            replay(init.clone(), calls, &order).expect("the order proves it");
        }
        Decision::Illegal(Illegal { prefix, stuck, .. }) => {
            assert!(!legal, "{what}: nothing found, stateright finds an order\n{calls:#?}");
            assert!(!prefix.contains(&stuck) && calls[stuck].ret.is_some(), "{what}: {stuck} of {prefix:?}");
            let flaw = replay(init.clone(), calls, &prefix).expect_err("it is not all");
            assert!(matches!(flaw, Flaw::Missing { .. }), "{what}: the prefix is not legal: {flaw}");
        }
        Decision::Unknown { why, .. } => panic!("{what}: {why}\n{calls:#?}"),
    }
}

/// A model, as the search is told of it.
struct Told<S: SequentialSpec> {
    name: &'static str,
    init: S,
    reads: fn(&S::Op, Option<&S::Ret>) -> bool,
    /// Calls of different keys have nothing to do with each other.
    key: fn(&S::Op) -> Bytes,
    outlook: Option<MayLead<S>>,
}

fn nothing_apart<Op>(_: &Op) -> Bytes {
    Bytes::default()
}

/// Decides many histories in every way there is. Both verdicts must be common, or nothing was compared.
fn agree<S>(model: &Told<S>, op: impl Fn(&mut Random) -> S::Op)
where
    S: SequentialSpec + Clone + Debug + PartialEq + Hash,
    S::Op: Clone + Debug + PartialEq + Hash,
    S::Ret: Clone + Debug,
{
    let Told { name, init, reads, key, outlook } = model;
    let (mut legal_ones, mut with_unknown) = (0, 0);
    for seed in 0..HISTORIES {
        let recorded = record(init.clone(), &mut Random(seed), &op);
        let legal = recorded.tester.is_consistent();
        legal_ones += u64::from(legal);
        with_unknown += u64::from(recorded.calls.iter().any(|call| call.ret.is_none()));
        let search = || Search::new(init.clone(), &recorded.calls);
        let what = |how: &str| format!("{name}, history {seed}, {how}");
        compare(init, &recorded, search().decide(&Budget::UNLIMITED), legal, &what("plain"));
        compare(init, &recorded, search().reads(*reads).decide(&Budget::UNLIMITED), legal, &what("reads"));
        let in_parts = search().reads(*reads).parts(key).decide(&Budget::UNLIMITED);
        compare(init, &recorded, in_parts, legal, &what("parts"));
        let compact = search().reads(*reads).compact().decide(&Budget::UNLIMITED);
        compare(init, &recorded, compact, legal, &what("compact"));
        if let Some(outlook) = outlook {
            let ahead = search().reads(*reads).outlook(*outlook).decide(&Budget::UNLIMITED);
            compare(init, &recorded, ahead, legal, &what("outlook"));
            let all = search().reads(*reads).outlook(*outlook).parts(key).compact();
            compare(init, &recorded, all.decide(&Budget::UNLIMITED), legal, &what("all"));
        }
    }
    let illegal_ones = HISTORIES - legal_ones;
    assert!(legal_ones > HISTORIES / 10, "{name}: only {legal_ones} legal histories");
    assert!(illegal_ones > HISTORIES / 10, "{name}: only {illegal_ones} illegal histories");
    assert!(with_unknown > HISTORIES / 4, "{name}: only {with_unknown} histories with unknown outcomes");
}

#[test]
fn on_registers() {
    let model = Told {
        name: "register",
        init: Register::default(),
        reads: |op: &RegisterOp, ret: Option<&RegisterRet>| Register::is_read(op, ret),
        key: nothing_apart,
        outlook: None,
    };
    agree(&model, |random| {
        let mut value = || random.below(3) as i64;
        let (from, to) = (value(), value());
        *random.pick(&[RegisterOp::Read, RegisterOp::Write(to), RegisterOp::Cas { from, to }])
    });
}

#[test]
fn on_appended_keys() {
    let model = Told {
        name: "append-kv",
        init: AppendKv::default(),
        reads: |op: &AppendKvOp, ret: Option<&AppendKvRet>| AppendKv::is_read(op, ret),
        key: |op| op.key().clone(),
        outlook: Some(AppendKv::may_lead),
    };
    agree(&model, |random| {
        let key = Bytes::from(*random.pick(&["a", "b"]));
        let value = Bytes::from(*random.pick(&["x", "y", ""]));
        match random.below(5) {
            0 | 1 => AppendKvOp::Get { key },
            2 => AppendKvOp::Put { key, value },
            _ => AppendKvOp::Append { key, value },
        }
    });
}

#[test]
fn on_etcd() {
    let model = Told {
        name: "etcd",
        init: Etcd::default(),
        reads: |op: &Request, ret: Option<&Answer>| Etcd::is_read(op, ret),
        key: nothing_apart,
        outlook: None,
    };
    agree(&model, etcd_request);
}

fn etcd_request(random: &mut Random) -> Request {
    let key = Bytes::from(*random.pick(&["a", "b"]));
    let range_end = Bytes::from(*random.pick(&["", "c"]));
    let revision = 2 + random.below(3) as i64;
    let put = |random: &mut Random| {
        let value = Bytes::from(*random.pick(&["1", "2"]));
        Request::Put(PutRequest {
            key: key.clone(),
            value,
            prev_kv: random.one_in(2),
            ..PutRequest::default()
        })
    };
    let range = RangeRequest { key: key.clone(), range_end: range_end.clone(), ..RangeRequest::default() };
    match random.below(8) {
        0 | 1 => Request::Range(range),
        2 => Request::Range(RangeRequest { revision, ..range }),
        3 | 4 => put(random),
        5 => Request::Delete(DeleteRequest { key, range_end, prev_kv: random.one_in(2) }),
        6 => Request::Txn(TxnRequest {
            compare: vec![Compare {
                key: key.clone(),
                range_end: Bytes::default(),
                result: CompareResult::Equal,
                target: CompareTarget::ModRevision(random.below(4) as i64),
            }],
            success: vec![put(random), Request::Range(range.clone())],
            failure: vec![Request::Range(range)],
        }),
        _ => Request::Compact(CompactRequest { revision, physical: false }),
    }
}

/// A model of stateright's own, of which the search is told nothing.
#[test]
fn on_vectors() {
    let model = Told {
        name: "vector",
        init: Vec::<u8>::new(),
        reads: |_, _| false,
        key: nothing_apart,
        outlook: None,
    };
    agree(&model, |random| match random.below(4) {
        0 | 1 => VecOp::Push(random.below(2) as u8),
        2 => VecOp::Pop,
        _ => VecOp::Len,
    });
}
