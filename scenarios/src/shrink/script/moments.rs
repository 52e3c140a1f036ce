//! Everything that happens in a test, in order of time.

use super::request;
use crate::execute::names;
use crate::plan::{Action, Plan, PlannedWatch, Work};
use revline_checker::history::History;

/// A task, and the time at which it begins.
pub(super) struct Moment {
    pub at_ns: u64,
    pub task: Task,
}

/// A task of a test.
pub(super) enum Task {
    /// A fault strikes, in the form that scenario files have.
    Strike { number: usize, name: String, fault: String },
    /// It heals.
    Heal { number: usize },
    /// A client calls, and has its answer at `return_ns`.
    Call { client: usize, call: String, return_ns: Option<u64> },
    /// A client watches until the end.
    Watch { client: usize, watch: String },
    /// A client has several watches on one stream until the end.
    WatchStream { client: usize, watches: Vec<String> },
}

/// The moments of a plan that was run, if a test has words for all of them.
pub(super) fn moments(plan: &Plan, history: &History) -> Option<Vec<Moment>> {
    let mut moments = Vec::new();
    let mut at_ms = |at_ms: u64, task: Task| moments.push(Moment { at_ns: at_ms * 1_000_000, task });
    for (client, planned) in plan.clients.iter().enumerate() {
        match &planned.work {
            Work::Operations(operations)
                if !operations.iter().any(|one| matches!(one.action, Action::Lock(_) | Action::Lead(_))) => {}
            Work::Watch { key, range_end, start_revision, prev_kv, reconnect_at_ms, progress_at_ms }
                if reconnect_at_ms.is_empty() && progress_at_ms.is_empty() =>
            {
                let options = request::WatchExtras { prev_kv: *prev_kv, ..request::WatchExtras::default() };
                let watch = request::watch(key, range_end, *start_revision, options);
                at_ms(0, Task::Watch { client, watch });
            }
            Work::WatchStream { watches, pauses_ms, reconnect_at_ms, progress_at_ms }
                if [pauses_ms, reconnect_at_ms, progress_at_ms]
                    .iter()
                    .all(|times_ms| times_ms.is_empty()) =>
            {
                let first_ms = watches.first()?.at_ms;
                if watches.iter().any(|watch| watch.at_ms != first_ms || watch.cancel_at_ms.is_some()) {
                    return None;
                }
                let watches = watches.iter().map(|watch| {
                    let PlannedWatch { prev_kv, no_put, no_delete, fragment, watch_id, .. } = *watch;
                    let options = request::WatchExtras { prev_kv, no_put, no_delete, fragment, watch_id };
                    request::watch(&watch.key, &watch.range_end, watch.start_revision, options)
                });
                at_ms(first_ms, Task::WatchStream { client, watches: watches.collect() });
            }
            _ => return None,
        }
    }
    for (number, (planned, name)) in plan.faults.iter().zip(names(&plan.faults)).enumerate() {
        let fault = serde_json::to_string(&planned.fault).ok()?;
        at_ms(planned.at_ms, Task::Strike { number, name, fault });
        at_ms(planned.at_ms + planned.for_ms, Task::Heal { number });
    }
    for operation in &history.operations {
        let client = operation.client.0 as usize;
        if client < plan.clients.len() {
            let call = request::call(&operation.request)?;
            let task = Task::Call { client, call, return_ns: operation.return_ns };
            moments.push(Moment { at_ns: operation.invoke_ns, task });
        }
    }
    // A fault strikes before it heals, also where it does so at once.
    let watches = |task: &Task| matches!(task, Task::Watch { .. } | Task::WatchStream { .. });
    moments.sort_by_key(|moment| (moment.at_ns, !watches(&moment.task)));
    Some(moments)
}
