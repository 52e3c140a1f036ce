//! The command line: one file for each command.

mod arguments;
mod check;
mod completions;
mod distinct_files;
mod explain;
mod explore;
mod failing_bundle;
mod figure;
mod findings;
mod hunt;
mod in_order;
mod interrupt;
mod list;
mod man;
mod merge;
mod near_miss;
mod new_suite;
mod other_file;
mod outlet;
mod page_file;
mod perfetto_file;
mod print;
#[cfg(test)]
mod recipes;
mod replay;
mod report;
mod run;
mod scenario_argument;
mod shell;
mod shrink;
mod status;
mod trace_file;
mod usage;

use arguments::{Arguments, Command, RunArguments};
use interrupt::Interrupt;
use print::complain_of;
use status::Unusable;
use std::process::ExitCode;

/// Carries out the command line.
pub fn main() -> ExitCode {
    let Arguments { command, options } = match usage::arguments() {
        Ok(arguments) => arguments,
        Err(error) => return refused(&error),
    };
    let interrupt = match revline::log::init(None).map_err(Unusable::new).and_then(|()| Interrupt::listen()) {
        Ok(interrupt) => interrupt,
        Err(error) => return refused(&error),
    };
    let result = match command {
        None => run::run(&RunArguments { scenarios: Vec::new(), options }, &interrupt),
        Some(Command::Run(arguments)) => run::run(&arguments, &interrupt),
        Some(Command::Replay(arguments)) => replay::replay(&arguments, &interrupt),
        Some(Command::Hunt(arguments)) => hunt::hunt(&arguments, &interrupt),
        Some(Command::Shrink(arguments)) => shrink::shrink(&arguments, &interrupt),
        Some(Command::Explain(arguments)) => explain::explain(&arguments, &interrupt),
        Some(Command::Explore(arguments)) => explore::explore(&arguments, &interrupt),
        Some(Command::Merge(arguments)) => merge::merge(&arguments),
        Some(Command::Check(arguments)) => check::check(&arguments, &interrupt),
        Some(Command::Report(arguments)) => report::report(&arguments),
        Some(Command::Figure(arguments)) => figure::figure(&arguments, &interrupt),
        Some(Command::List(arguments)) => list::list(&arguments),
        Some(Command::NewSuite(arguments)) => new_suite::new_suite(&arguments),
        Some(Command::Completions(arguments)) => completions::completions(&arguments),
        Some(Command::Man(arguments)) => man::man(&arguments),
    };
    let ended = match result {
        Ok(status) => status.into(),
        Err(error) => refused(&error),
    };
    interrupt.status().map_or(ended, ExitCode::from)
}

fn refused(error: &Unusable) -> ExitCode {
    complain_of(error);
    ExitCode::from(2)
}
