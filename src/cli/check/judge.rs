//! The verdicts on a history, by the model that its form speaks of.

use super::effort::Effort;
use revline_checker::evidence::Evidence;
use revline_checker::guarantee;
use revline_checker::import::Imported;
use revline_checker::search::{Budget, Call, Decision, Explanation, Illegal, Search, Stop};
use revline_checker::spec::append_kv::{AppendKv, AppendKvOp};
use revline_checker::spec::mutex::{Mutex, MutexOp, MutexRet};
use revline_checker::spec::of_key::{Each, OfKey};
use revline_checker::spec::register::{Register, RegisterOp, RegisterRet};
use revline_checker::verdict::{Verdict, Verdicts};
use stateright::semantics::SequentialSpec;
use std::fmt::Display;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Instant;

/// How many operations there are, and the verdicts on them. Judging ends when `stop` says so; a violation is explained
/// after that.
pub fn judge(imported: &Imported, stop: Stop<'_>, effort: Effort) -> (usize, Verdicts) {
    match imported {
        Imported::Register(calls) => {
            let search = || Search::new(Register::default(), calls).reads(Register::is_read);
            (calls.len(), linearizable(calls, search, stop, effort))
        }
        Imported::Registers(calls) => {
            type Registers = Register<Arc<str>>;
            let new = || Each::new(Register(Some(Arc::from("nil"))));
            let is_read = |op: &OfKey<RegisterOp<Arc<str>>>, ret: Option<&RegisterRet<Arc<str>>>| {
                Registers::is_read(&op.op, ret)
            };
            let search =
                || Search::new(new(), calls).reads(is_read).parts(|op| op.key.clone()).threads(threads());
            (calls.len(), linearizable(calls, search, stop, effort))
        }
        Imported::Mutexes(calls) => {
            let is_read = |op: &OfKey<MutexOp>, ret: Option<&MutexRet>| Mutex::is_read(&op.op, ret);
            let new = || Each::new(Mutex::default());
            let search =
                || Search::new(new(), calls).reads(is_read).parts(|op| op.key.clone()).threads(threads());
            (calls.len(), linearizable(calls, search, stop, effort))
        }
        Imported::AppendKv(calls) => {
            let search = || {
                let search = Search::new(AppendKv::default(), calls).reads(AppendKv::is_read);
                let search = search.outlook(AppendKv::may_lead).heap_bytes(AppendKv::heap_bytes);
                search.parts(|op: &AppendKvOp| op.key().clone()).threads(threads())
            };
            (calls.len(), linearizable(calls, search, stop, effort))
        }
        Imported::Etcd(history) => {
            (history.operations.len(), guarantee::judge_within(history, &Budget::until(stop)))
        }
    }
}

/// How many operations that may have taken effect or not are told one by one.
const OPEN_TOLD_AT_MOST: usize = 20;

/// As many as the machine runs at a time.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, Into::into)
}

fn linearizable<'a, S>(
    calls: &'a [Call<S::Op, S::Ret>],
    search: impl Fn() -> Search<'a, S>,
    stop: Stop<'_>,
    effort: Effort,
) -> Verdicts
where
    S: SequentialSpec + Clone + PartialEq + Hash,
    S::Op: Clone + PartialEq + Hash + Display,
    S::Ret: Clone + PartialEq + Display,
{
    let examined = calls.iter().filter(|call| call.ret.is_some()).count() as u64;
    let began = Instant::now();
    let decision = search().decide(&Budget::until(stop));
    let verdict_took = began.elapsed();
    let undecided = decision.undecided().unwrap_or_default();
    let verdict = match decision {
        Decision::Linearizable { .. } => Verdict::of_examined(examined),
        Decision::Illegal(illegal) => {
            let explanation =
                effort.explain(&illegal, verdict_took, |budget| search().explain(&illegal, budget));
            let message = match explanation {
                Some(explanation) => explained(calls, &explanation),
                None => unexplained(calls, &illegal),
            };
            Verdict::of(examined, Some(Evidence::new("no-order", message, Vec::new())))
        }
        Decision::Unknown { .. } => Verdict::Unknown { why: undecided },
    };
    let mut verdicts = Verdicts::default();
    verdicts.add("linearizable", verdict);
    verdicts
}

/// The few operations that contradict each other, and what could have been answered instead. Times of these
/// histories are lines of their files, which [`Evidence`]'s exhibits cannot say: so it is said in words.
fn explained<Op: Display, Ret: Display>(calls: &[Call<Op, Ret>], explanation: &Explanation<Ret>) -> String {
    let list = |positions: &[usize]| -> String {
        positions.iter().map(|&at| format!("\n    {}", shown(&calls[at]))).collect()
    };
    let mut message = format!(
        "no order has a place for {}; these contradict each other{}:{}",
        shown(&calls[explanation.stuck]),
        if explanation.is_minimal { "" } else { " (not minimal)" },
        list(&explanation.core)
    );
    if !explanation.open.is_empty() {
        let (told, more) = explanation.open.split_at(explanation.open.len().min(OPEN_TOLD_AT_MOST));
        message.push_str("\n  whether or not these took effect:");
        message.push_str(&list(told));
        if !more.is_empty() {
            message.push_str(&format!("\n    and {} more", more.len()));
        }
    }
    let mut answers: Vec<String> =
        explanation.candidates.iter().map(|candidate| format!("`{}`", candidate.answer)).collect();
    answers.dedup();
    if !answers.is_empty() {
        message.push_str(&format!("\n  it could have been answered {}", answers.join(" or ")));
    }
    message
}

/// What is known without an explanation: how far an order got.
fn unexplained<Op: Display, Ret: Display>(calls: &[Call<Op, Ret>], illegal: &Illegal) -> String {
    let mut message = format!("no order has a place for {}", shown(&calls[illegal.stuck]));
    match illegal.prefix.last() {
        None => message.push_str("; nothing can come before it"),
        Some(last) => message.push_str(&format!(
            "; the longest order that works has {} of {} operations and ends with {}",
            illegal.prefix.len(),
            calls.len(),
            shown(&calls[*last])
        )),
    }
    message
}

fn shown<Op: Display, Ret: Display>(call: &Call<Op, Ret>) -> String {
    let Call { process, invoke, op, ret } = call;
    match ret {
        Some((returned, ret)) => {
            format!("`{op} -> {ret}` of process {process} (lines {invoke} to {returned})")
        }
        None => format!("`{op}` of process {process} (line {invoke}, outcome unknown)"),
    }
}
