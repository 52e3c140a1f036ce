//! The arguments of the command line.

mod check;
mod completions;
mod explain;
mod explore;
mod failure_options;
mod figure;
mod hunt;
mod list;
mod man;
mod merge;
mod new_suite;
mod replay;
mod report;
mod run;
mod shrink;
mod trace_options;
mod values;
mod work_options;

pub use check::{CheckArguments, ModelName};
pub use completions::CompletionsArguments;
pub use explain::ExplainArguments;
pub use explore::ExploreArguments;
pub use failure_options::FailureOptions;
pub use figure::FigureArguments;
pub use hunt::HuntArguments;
pub use list::{ListArguments, Listed};
pub use man::ManArguments;
pub use merge::MergeArguments;
pub use new_suite::NewSuiteArguments;
pub use replay::ReplayArguments;
pub use report::ReportArguments;
pub use run::{RunArguments, RunOptions};
pub use shrink::ShrinkArguments;
pub use trace_options::TraceOptions;
pub use values::Annotations;
pub use work_options::WorkOptions;

use clap::{Parser, Subcommand};

const USAGE: &str = "revline [COMMAND] [OPTIONS]";

/// The end of the program's help.
const AFTER_HELP: &str = "\
Exit status: 0 all hold, 1 a guarantee was violated (hunt: a defect was missed), 2 bad usage or
input, 3 undecided, 130 or 143 interrupted. RUST_LOG=info or debug turns logs on; they go to stderr.";

/// Simulates an etcd-style cluster under faults and judges what its clients saw.
///
/// Without a command: `run` over the whole catalogue, with the options of `revline run --help`.
#[derive(Debug, Parser)]
#[command(name = "revline", version = env!("REVLINE_VERSION"), after_help = AFTER_HELP, args_conflicts_with_subcommands = true, override_usage = USAGE)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub options: RunOptions,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run scenarios under many seeds and judge every guarantee
    Run(RunArguments),
    /// Run a bundle, or one seed of a scenario, again
    Replay(ReplayArguments),
    /// Switch rules of the store off, one at a time: each must be found
    Hunt(HuntArguments),
    /// Make the plan of a bundle as small as it still fails in the same way
    Shrink(ShrinkArguments),
    /// Change plans that came to rare states, and keep what comes to rarer ones
    Explore(ExploreArguments),
    /// Find the event at which the violation of a bundle became inevitable
    Explain(ExplainArguments),
    /// Make one report of the parts of a sweep (`run --shard`)
    Merge(MergeArguments),
    /// Judge histories that were recorded elsewhere
    Check(CheckArguments),
    /// Write the page of a run or a history: HTML, in one file
    Report(ReportArguments),
    /// Draw figures from simulation: SVG, and the numbers as CSV
    Figure(FigureArguments),
    /// Show what there is
    List(ListArguments),
    /// Begin a test suite for a service that uses etcd-client
    NewSuite(NewSuiteArguments),
    /// Print a script that lets a shell complete the command line
    Completions(CompletionsArguments),
    /// Write pages of the manual
    Man(ManArguments),
}
