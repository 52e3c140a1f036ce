//! The arguments of `revline explore`.

use super::failure_options::FailureOptions;
use super::values::{duration, from_0, from_1, percent};
use super::work_options::{WorkOptions, WorldOptions};
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Args)]
pub struct ExploreArguments {
    /// Names (`revline list scenarios`) or scenario files; default: the whole catalogue
    #[arg(value_name = "SCENARIO")]
    pub scenarios: Vec<String>,
    /// Runs beside those of the corpus [default: 1000; with --for no end]
    #[arg(long, value_name = "N", value_parser = from_1, allow_negative_numbers = true)]
    pub runs: Option<u64>,
    /// The seed of all that is drawn and changed
    #[arg(long, value_name = "S", default_value_t = 0, value_parser = from_0, allow_negative_numbers = true)]
    pub seed: u64,
    /// Start no run after so long, as in `90s` or `10m`
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    pub time_limit: Option<Duration>,
    /// Folder of plans to run first; those that reach what is rare are added
    #[arg(long, value_name = "DIR")]
    pub corpus: Option<PathBuf>,
    /// The least share of plans drawn afresh, not changed
    #[arg(long, value_name = "PERCENT", default_value_t = 20, value_parser = percent, allow_negative_numbers = true)]
    pub fresh: u32,
    #[command(flatten)]
    pub work: WorkOptions,
    #[command(flatten)]
    pub world: WorldOptions,
    #[command(flatten)]
    pub failures: FailureOptions,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

/// The number of runs of an exploration where nothing says how many.
const EXPLORED_RUNS: u64 = 1_000;

impl ExploreArguments {
    /// The number of runs beside those of the corpus. Without a number, a limit of time is the only one.
    pub fn runs(&self) -> u64 {
        self.runs.unwrap_or(if self.time_limit.is_some() { u64::MAX } else { EXPLORED_RUNS })
    }
}
