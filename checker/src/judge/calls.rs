//! Verdicts on calls without revisions: the model of each imported form, and the search.

use super::Effort;
use crate::evidence::Evidence;
use crate::explain::{Contradiction, LongestOrder};
use crate::import::Imported;
use crate::search::{Budget, Call, Decision, Illegal, Search};
use crate::spec::append_kv::{AppendKv, AppendKvOp};
use crate::spec::mutex::{Mutex, MutexOp, MutexRet};
use crate::spec::of_key::{Each, OfKey};
use crate::spec::register::{Register, RegisterOp, RegisterRet};
use crate::verdict::{Verdict, Verdicts};
use stateright::semantics::SequentialSpec;
use std::fmt::Display;
use std::hash::Hash;
use std::sync::Arc;

/// Steps of an explanation where the verdict took fewer. A count of steps, unlike a time, gives the same explanation on
/// every machine.
const USUAL_STEPS: u64 = 50_000;

/// Decides whether the calls are linearizable. A history of etcd gets no verdict: it has guarantees of its own.
pub(super) fn judge(
    imported: &Imported,
    budget: &Budget<'_>,
    effort: Effort<'_>,
    threads: usize,
) -> Verdicts {
    match imported {
        Imported::Register(calls) => {
            let search = || Search::new(Register::default(), calls).reads(Register::is_read);
            linearizable(calls, search, budget, effort)
        }
        Imported::Registers(calls) => {
            type Registers = Register<Arc<str>>;
            let new = || Each::new(Register(Some(Arc::from("nil"))));
            let is_read = |op: &OfKey<RegisterOp<Arc<str>>>, ret: Option<&RegisterRet<Arc<str>>>| {
                Registers::is_read(&op.op, ret)
            };
            let search =
                || Search::new(new(), calls).reads(is_read).parts(|op| op.key.clone()).threads(threads);
            linearizable(calls, search, budget, effort)
        }
        Imported::Mutexes(calls) => {
            let is_read = |op: &OfKey<MutexOp>, ret: Option<&MutexRet>| Mutex::is_read(&op.op, ret);
            let new = || Each::new(Mutex::default());
            let search =
                || Search::new(new(), calls).reads(is_read).parts(|op| op.key.clone()).threads(threads);
            linearizable(calls, search, budget, effort)
        }
        Imported::AppendKv(calls) => {
            let search = || {
                let search = Search::new(AppendKv::default(), calls).reads(AppendKv::is_read);
                let search = search.outlook(AppendKv::may_lead).heap_bytes(AppendKv::heap_bytes);
                search.parts(|op: &AppendKvOp| op.key().clone()).threads(threads)
            };
            linearizable(calls, search, budget, effort)
        }
        Imported::Etcd(_) => Verdicts::default(),
    }
}

fn linearizable<'a, S>(
    calls: &'a [Call<S::Op, S::Ret>],
    search: impl Fn() -> Search<'a, S>,
    budget: &Budget<'_>,
    effort: Effort,
) -> Verdicts
where
    S: SequentialSpec + Clone + PartialEq + Hash,
    S::Op: Clone + PartialEq + Hash + Display,
    S::Ret: Clone + PartialEq + Display,
{
    let examined = calls.iter().filter(|call| call.ret.is_some()).count() as u64;
    let decision = search().decide(budget);
    let undecided = decision.undecided().unwrap_or_default();
    let verdict = match decision {
        Decision::Linearizable { .. } => Verdict::of_examined(examined),
        Decision::Illegal(illegal) => {
            let explanation = limit(effort, &illegal).and_then(|budget| search().explain(&illegal, &budget));
            let message = match &explanation {
                Some(explanation) => Contradiction { calls, explanation }.to_string(),
                None => LongestOrder { calls, illegal: &illegal }.to_string(),
            };
            Verdict::of(examined, Some(Evidence::new("no-order", message, Vec::new())))
        }
        Decision::Unknown { .. } => Verdict::Unknown { why: undecided },
    };
    let mut verdicts = Verdicts::default();
    verdicts.add("linearizable", verdict);
    verdicts
}

/// Gives the limit of explaining a violation; none if it is not to be explained.
fn limit<'a>(effort: Effort<'a>, illegal: &Illegal) -> Option<Budget<'a>> {
    let (steps, stop) = match effort {
        Effort::None => return None,
        Effort::LikeVerdict(stop) => (USUAL_STEPS.max(illegal.steps), stop),
        Effort::Until(stop) => (u64::MAX, Some(stop)),
    };
    Some(Budget { steps, stop, ..Budget::UNLIMITED })
}
