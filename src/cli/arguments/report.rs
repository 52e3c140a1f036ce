//! The arguments of `revline report`.

use super::values::{DefectName, from_1};
use clap::Args;
use revline_store::defect::Defect;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct ReportArguments {
    /// A bundle, a kept regression, a scenario and a seed, or a history
    #[arg(value_name = "WHAT")]
    pub what: String,
    /// Folder for the page; created if it is not there
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub out: PathBuf,
    /// Seconds for judging a history; then it is undecided
    #[arg(long, value_name = "SECS", default_value_t = 60, value_parser = from_1, allow_negative_numbers = true)]
    pub budget: u64,
    /// Switch a rule of the store off; a bundle says for itself which are
    #[arg(long = "defect", value_name = "NAME", value_parser = DefectName, hide_possible_values = true)]
    pub defects: Vec<Defect>,
}
