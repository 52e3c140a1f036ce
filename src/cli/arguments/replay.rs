//! The arguments of `revline replay`.

use super::TraceOptions;
use super::values::DefectName;
use clap::Args;
use revline_store::defect::Defect;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct ReplayArguments {
    /// A bundle, a kept regression, or a scenario and a seed, as in `steady@7`
    #[arg(value_name = "BUNDLE | SCENARIO@SEED")]
    pub what: String,
    #[command(flatten)]
    pub trace: TraceOptions,
    /// Write a timeline for ui.perfetto.dev and chrome://tracing
    #[arg(long, value_name = "FILE")]
    pub perfetto: Option<PathBuf>,
    /// Switch a rule of the store off; a bundle says for itself which are
    #[arg(long = "defect", value_name = "NAME", value_parser = DefectName, hide_possible_values = true)]
    pub defects: Vec<Defect>,
    /// Put every client behind a proxy; a bundle says for itself
    #[arg(long)]
    pub behind_proxies: bool,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}
