//! The arguments of `revline merge`.

use super::values::Annotations;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct MergeArguments {
    /// Reports of parts (`run --shard`): folders, or the `report.json` in them
    #[arg(value_name = "REPORT", required = true)]
    pub reports: Vec<PathBuf>,
    /// Folder for the report of all, its bundles and its pages
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Merge although parts are missing or interrupted; the status is 3 at best
    #[arg(long)]
    pub partial: bool,
    /// Fail if no run reached one of the marks that a run can reach
    #[arg(long)]
    pub insist_on_marks: bool,
    /// Tell a CI system of failures, on stderr; FORM is `github`
    #[arg(long, value_name = "FORM", value_enum, hide_possible_values = true)]
    pub annotations: Option<Annotations>,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}
