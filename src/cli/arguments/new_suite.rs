//! The arguments of `revline new-suite`.

use clap::Args;
use std::path::PathBuf;

/// The help of `--revline`, in lines of a screen.
const REVLINE: &str = "\
The folder of revline's sources, or the URL of its git repository;
default: the folder that this program was built from";

#[derive(Debug, Args)]
pub struct NewSuiteArguments {
    /// The folder to write into: new, or empty
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    #[arg(long, value_name = "PATH | URL", help = REVLINE)]
    pub revline: Option<String>,
}
