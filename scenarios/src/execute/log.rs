//! The log of a run: its beginning, its end and its verdicts.

use super::Outcome;
use crate::TraceHash;
use crate::plan::Plan;
use revline_checker::verdict::Verdict;
use revline_sim::Panicked;

/// The prefix by which filters select these logs.
const TARGET: &str = "revline::run";

/// Logs that a run begins.
pub(super) fn begins(plan: &Plan) {
    let (members, clients, faults) = (plan.simulation.members, plan.clients.len(), plan.faults.len());
    tracing::info!(target: TARGET, "{} begins: {members} members, {clients} clients, {faults} faults", plan.name());
}

/// Logs that a run ended, and what the judge says of it: each guarantee that does not hold by itself.
pub(super) fn ended(plan: &Plan, outcome: &Result<Outcome, Panicked>) {
    let name = plan.name();
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(panicked) => return tracing::error!(target: TARGET, "{name} ended: {panicked}"),
    };
    let (operations, events) = (outcome.history.operations.len(), outcome.trace.count());
    let (ms, hash) = (outcome.simulated_ns / 1_000_000, TraceHash(outcome.trace.hash()));
    tracing::info!(
        target: TARGET,
        "{name} ended: {operations} operations, {events} events, {ms} ms simulated, trace {hash}"
    );
    let (mut held, mut vacuous) = (0, 0);
    for (guarantee, verdict) in outcome.verdicts.iter() {
        match verdict {
            Verdict::Holds { examined } => {
                held += 1;
                tracing::debug!(target: TARGET, "{name} {guarantee} holds: {examined} observations");
            }
            Verdict::Vacuous => vacuous += 1,
            Verdict::Unknown { why } => tracing::info!(target: TARGET, "{name} {guarantee} undecided: {why}"),
            Verdict::Violated { evidence, .. } => {
                tracing::info!(target: TARGET, "{name} {guarantee} violated: {}", evidence.message);
            }
        }
    }
    tracing::info!(target: TARGET, "{name} judged: {held} guarantees hold, {vacuous} were not exercised");
}
