//! The arguments of `revline hunt`.

use super::values::{DefectName, from_0, from_1};
use super::work_options::WorkOptions;
use clap::Args;
use revline_store::defect::Defect;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct HuntArguments {
    /// Defects to hunt (`revline list defects`); default: all
    #[arg(value_name = "DEFECT", value_parser = DefectName, hide_possible_values = true)]
    pub defects: Vec<Defect>,
    /// Hunt in this scenario, a name or a file; repeatable; default: in all
    #[arg(long = "scenario", value_name = "SCENARIO")]
    pub scenarios: Vec<String>,
    /// Seeds of each scenario, at most
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = from_1, allow_negative_numbers = true)]
    pub seeds: u64,
    /// The first seed
    #[arg(long, value_name = "S", default_value_t = 0, value_parser = from_0, allow_negative_numbers = true)]
    pub first_seed: u64,
    #[command(flatten)]
    pub work: WorkOptions,
    /// Folder for junit.xml, and bundles of what was found
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub out: PathBuf,
    /// Shrink each run in which a defect was found
    #[arg(long)]
    pub shrink: bool,
    /// Write no page (HTML) beside each bundle
    #[arg(long)]
    pub no_page: bool,
    /// One JSON document on stdout
    #[arg(long, conflicts_with = "markdown")]
    pub json: bool,
    /// A table in Markdown on stdout
    #[arg(long)]
    pub markdown: bool,
}
