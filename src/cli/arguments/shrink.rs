//! The arguments of `revline shrink`.

use super::values::duration;
use super::work_options::WorkOptions;
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Args)]
pub struct ShrinkArguments {
    /// The bundle of a failing run
    #[arg(value_name = "BUNDLE")]
    pub bundle: PathBuf,
    /// The guarantee whose violation must stay; default: the bundle's first
    #[arg(long, value_name = "NAME")]
    pub guarantee: Option<String>,
    /// The file to write; default: `NAME.small.json` beside `NAME.bundle.json`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// End after so long, as in `90s` or `10m`, with the smallest plan until then
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    pub time_limit: Option<Duration>,
    #[command(flatten)]
    pub work: WorkOptions,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}
