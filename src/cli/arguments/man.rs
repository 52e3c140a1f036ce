//! The arguments of `revline man`.

use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct ManArguments {
    /// The folder for the pages, as `~/.local/share/man/man1`; created if missing
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}
