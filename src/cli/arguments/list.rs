//! The arguments of `revline list`.

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub struct ListArguments {
    /// The list
    pub what: Listed,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

/// The lists.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Listed {
    /// The scenarios of the catalogue
    Scenarios,
    /// The guarantees that are judged
    Guarantees,
    /// The faults that a scenario can name
    Faults,
    /// The rules of the store that can be switched off
    Defects,
    /// The figures that can be drawn
    Figures,
    /// The JSON schema of scenario files
    Schema,
}
