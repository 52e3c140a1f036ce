//! The verdicts on a history, by the model that its form speaks of.

use revline_checker::evidence::Evidence;
use revline_checker::guarantee;
use revline_checker::import::Imported;
use revline_checker::linearizability::{Budget, Call, Decision, Illegal, Search};
use revline_checker::spec::append_kv::{AppendKv, AppendKvOp};
use revline_checker::spec::register::Register;
use revline_checker::verdict::{Verdict, Verdicts};
use std::fmt::Display;

/// How many operations there are, and the verdicts on them. The search ends when `stop` says so.
pub fn judge(imported: &Imported, stop: &dyn Fn() -> bool) -> (usize, Verdicts) {
    let budget = Budget { steps: u64::MAX, stop: Some(stop) };
    match imported {
        Imported::Register(calls) => {
            let search = Search::new(Register::default(), calls).reads(Register::is_read);
            (calls.len(), linearizable(calls, search.decide(&budget)))
        }
        Imported::AppendKv(calls) => {
            let search = Search::new(AppendKv::default(), calls).reads(AppendKv::is_read);
            let search = search.parts(|op: &AppendKvOp| op.key().clone());
            (calls.len(), linearizable(calls, search.decide(&budget)))
        }
        Imported::Etcd(history) => (history.operations.len(), guarantee::judge(history)),
    }
}

fn linearizable<Op: Display, Ret: Display>(calls: &[Call<Op, Ret>], decision: Decision) -> Verdicts {
    let examined = calls.iter().filter(|call| call.ret.is_some()).count() as u64;
    let verdict = match decision {
        Decision::Linearizable { .. } => Verdict::of_examined(examined),
        Decision::Illegal(illegal) => Verdict::of(examined, Some(evidence(calls, &illegal))),
        Decision::Unknown { why } => Verdict::Unknown { why: why.to_string() },
    };
    let mut verdicts = Verdicts::default();
    verdicts.add("linearizable", verdict);
    verdicts
}

/// Times of these histories are lines of their files, which [`Evidence`]'s exhibits cannot say: so it is
/// said in words.
fn evidence<Op: Display, Ret: Display>(calls: &[Call<Op, Ret>], illegal: &Illegal) -> Evidence {
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
    Evidence::new("no-order", message, Vec::new())
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
