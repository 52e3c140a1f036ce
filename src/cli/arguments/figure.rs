//! The arguments of `revline figure`.

use super::values::from_1;
use super::work_options::WorkOptions;
use clap::Args;
use clap::builder::PossibleValuesParser;
use revline::figure::FIGURES;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct FigureArguments {
    /// Figures to draw (`revline list figures`); default: all
    #[arg(value_name = "NAME", value_parser = PossibleValuesParser::new(FIGURES.map(|figure| figure.name)), hide_possible_values = true)]
    pub names: Vec<String>,
    /// Folder for NAME.svg and NAME.csv; created if it is not there
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub out: PathBuf,
    /// Seeds of each point; default: as many as a figure needs
    #[arg(long, value_name = "N", value_parser = from_1, allow_negative_numbers = true)]
    pub seeds: Option<u64>,
    /// Draw fewer points of fewer seeds, in a few seconds
    #[arg(long)]
    pub quick: bool,
    #[command(flatten)]
    pub work: WorkOptions,
}
