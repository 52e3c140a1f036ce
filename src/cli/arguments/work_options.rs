//! The options of every command that makes many runs.

use super::values::{DefectName, jobs};
use clap::Args;
use revline_store::defect::{Defect, Defects};
use std::num::NonZero;

/// The way in which work is done.
#[derive(Debug, Args)]
pub struct WorkOptions {
    /// Runs at once; default: the number of cores
    #[arg(long, value_name = "N", value_parser = jobs, allow_negative_numbers = true)]
    jobs: Option<NonZero<usize>>,
    /// Say nothing of progress on stderr
    #[arg(long, short)]
    pub quiet: bool,
}

impl WorkOptions {
    /// The number of runs at once.
    pub fn jobs(&self) -> NonZero<usize> {
        self.jobs.unwrap_or_else(|| std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN))
    }
}

/// The changes of every world of a sweep.
#[derive(Debug, Args)]
pub struct WorldOptions {
    /// Switch a rule of the store off (`revline list defects`); repeatable
    #[arg(long = "defect", value_name = "NAME", value_parser = DefectName, hide_possible_values = true)]
    pub defects: Vec<Defect>,
    /// Put every client behind a proxy, in scenarios without proxies
    #[arg(long)]
    pub behind_proxies: bool,
}

impl WorldOptions {
    /// The rules that are to be switched off.
    pub fn defects(&self) -> Defects {
        self.defects.iter().copied().collect()
    }
}
