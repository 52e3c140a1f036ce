//! The command line: one file for each command.

mod arguments;
mod check;
mod hunt;
mod list;
mod log;
mod near_miss;
mod print;
mod replay;
mod run;
mod scenario_argument;
mod status;
mod trace_file;

use arguments::{Arguments, Command, RunArguments};
use clap::Parser;
use std::process::ExitCode;

/// Does what the command line asks.
pub fn main() -> ExitCode {
    let Arguments { command, options } = Arguments::parse();
    let result = log::init().and_then(|()| match command {
        None => run::run(&RunArguments { scenarios: Vec::new(), options }),
        Some(Command::Run(arguments)) => run::run(&arguments),
        Some(Command::Replay(arguments)) => replay::replay(&arguments),
        Some(Command::Hunt(arguments)) => hunt::hunt(&arguments),
        Some(Command::Check(arguments)) => check::check(&arguments),
        Some(Command::List(arguments)) => list::list(&arguments),
    });
    match result {
        Ok(status) => status.into(),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
