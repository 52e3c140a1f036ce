//! The arguments of `revline explain`.

use super::values::{duration, nonzero};
use super::work_options::WorkOptions;
use clap::Args;
use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// The bundle of a failing run
    #[arg(value_name = "BUNDLE")]
    pub bundle: PathBuf,
    /// The guarantee whose violation it is; default: the bundle's first
    #[arg(long, value_name = "NAME")]
    pub guarantee: Option<String>,
    /// Futures at each event that is looked at
    #[arg(long, value_name = "N", default_value = "20", value_parser = nonzero, allow_negative_numbers = true)]
    pub futures: NonZero<u64>,
    /// End after so long, as in `90s` or `10m`, with what is known until then
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    pub time_limit: Option<Duration>,
    #[command(flatten)]
    pub work: WorkOptions,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}
