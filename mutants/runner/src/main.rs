//! Runs plans with the mutant that `REVLINE_MUTANT` names: a run a line comes in, its outcome goes out as JSON.
//!
//! The program is built in a copy of the workspace in which the store has mutants.

use revline_scenarios::execute;
use revline_scenarios::plan::{Plan, draw};
use revline_scenarios::{catalogue, scenario::Scenario};
use revline_store::defect::Defects;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::process::ExitCode;

/// A run to do: one line of the input.
#[derive(Deserialize)]
struct Wanted {
    scenario: String,
    seed: u64,
    behind_proxies: bool,
}

/// Its outcome: one line of the output.
#[derive(Serialize)]
struct Ran {
    /// The first violation, or a panic of the simulation.
    killed: Option<Kill>,
    /// The rare events that happened, and the guarantees that were exercised.
    marks: Vec<String>,
    /// The mutants that would have made a difference.
    reached: Vec<usize>,
}

#[derive(Serialize)]
struct Kill {
    guarantee: String,
    kind: String,
    message: String,
}

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|_| {}));
    let with_reached = std::env::args().any(|argument| argument == "--reached");
    let plain: BTreeMap<String, Scenario> =
        catalogue::all().into_iter().map(|scenario| (scenario.name.clone(), scenario)).collect();
    let mut behind = plain.clone();
    behind.values_mut().for_each(Scenario::behind_proxies);
    if std::env::args().any(|argument| argument == "--list") {
        catalogue::all().iter().for_each(|scenario| println!("{}", scenario.name));
        return ExitCode::SUCCESS;
    }
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        let Ok(wanted) = serde_json::from_str::<Wanted>(&line) else {
            eprintln!("error: not a run: {line}");
            return ExitCode::from(2);
        };
        let scenarios = if wanted.behind_proxies { &behind } else { &plain };
        let Some(scenario) = scenarios.get(&wanted.scenario) else {
            eprintln!("error: no scenario `{}`", wanted.scenario);
            return ExitCode::from(2);
        };
        revline_store::mutant::forget_reached();
        let ran = run(scenario, wanted.seed, with_reached);
        let ended = ran.killed.is_some();
        let Ok(text) = serde_json::to_string(&ran) else { return ExitCode::from(2) };
        if writeln!(io::stdout(), "{text}").and_then(|()| io::stdout().flush()).is_err() || ended {
            break;
        }
    }
    ExitCode::SUCCESS
}

fn run(scenario: &Scenario, seed: u64, with_reached: bool) -> Ran {
    let plan = draw(scenario, seed, Defects::NONE);
    let outcome = execute(&plan, false);
    let reached = if with_reached { revline_store::mutant::reached() } else { Vec::new() };
    match outcome {
        Ok(outcome) => {
            let first = outcome.verdicts.violations().next();
            let violated = first.map(|(guarantee, evidence)| Kill {
                guarantee: guarantee.to_owned(),
                kind: evidence.kind.to_string(),
                message: evidence.message.clone(),
            });
            let killed = violated.or_else(|| differs(&plan, outcome.trace.hash()));
            let events = outcome.counters.named().into_iter().filter(|(_, count)| *count > 0);
            let exercised = outcome.verdicts.iter().filter(|(_, verdict)| verdict.examined() > 0);
            let exercised = exercised.map(|(name, _)| name.to_owned());
            let marks = events.map(|(name, _)| name.to_owned()).chain(exercised).collect();
            Ran { killed, marks, reached }
        }
        Err(panicked) => {
            let killed = Kill {
                guarantee: "(simulation)".to_owned(),
                kind: "panicked".to_owned(),
                message: panicked.message,
            };
            Ran { killed: Some(killed), marks: Vec::new(), reached }
        }
    }
}

/// A run that is another one when it is done again. Of the first seed alone: it takes as long as the run.
fn differs(plan: &Plan, trace_hash: u64) -> Option<Kill> {
    if plan.seed > 0 {
        return None;
    }
    let again = execute(plan, false).ok().map(|outcome| outcome.trace.hash());
    (again != Some(trace_hash)).then(|| Kill {
        guarantee: "(replay)".to_owned(),
        kind: "not-reproducible".to_owned(),
        message: format!("trace {trace_hash:016x}, and {again:016x?} when it was done again"),
    })
}
