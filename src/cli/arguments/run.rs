//! The arguments of `revline run`.

use super::failure_options::FailureOptions;
use super::values::{duration, from_0, from_1, shard};
use super::work_options::{WorkOptions, WorldOptions};
use clap::Args;
use revline_scenarios::shard::Shard;
use std::time::Duration;

#[derive(Debug, Args)]
pub struct RunArguments {
    /// Names (`revline list scenarios`) or scenario files; default: the whole catalogue
    #[arg(value_name = "SCENARIO")]
    pub scenarios: Vec<String>,
    #[command(flatten)]
    pub options: RunOptions,
}

#[derive(Debug, Args)]
pub struct RunOptions {
    /// Seeds of each scenario [default: 20; with --for no end]
    #[arg(long, value_name = "N", value_parser = from_1, allow_negative_numbers = true)]
    pub seeds: Option<u64>,
    /// The first seed
    #[arg(long, value_name = "S", default_value_t = 0, value_parser = from_0, allow_negative_numbers = true)]
    pub first_seed: u64,
    /// Start no run after so long, as in `90s` or `10m`
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    pub time_limit: Option<Duration>,
    #[command(flatten)]
    pub work: WorkOptions,
    /// Only the K-th of N parts of the runs: `1/4` to `4/4` are all of them
    #[arg(long, value_name = "K/N", value_parser = shard)]
    pub shard: Option<Shard>,
    #[command(flatten)]
    pub world: WorldOptions,
    #[command(flatten)]
    pub failures: FailureOptions,
    /// Fail if no run reached one of the marks that a run can reach
    #[arg(long, conflicts_with = "shard")]
    pub insist_on_marks: bool,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

/// The seeds of each scenario where nothing says how many.
const SEEDS: u64 = 20;

impl RunOptions {
    /// Returns `true` if there is a last seed.
    pub fn has_end(&self) -> bool {
        self.seeds.is_some() || self.time_limit.is_none()
    }

    /// The number of seeds of each scenario. Without a number, a limit of time is the only one.
    pub fn seeds(&self) -> u64 {
        self.seeds.unwrap_or(match self.time_limit {
            Some(_) => u64::MAX - self.first_seed,
            None => SEEDS,
        })
    }
}
