//! `revline completions`: a script that lets a shell complete the command line.

use super::arguments::CompletionsArguments;
use super::print::print;
use super::status::{Status, Unusable};
use super::usage;

/// Prints the script for a shell.
pub fn completions(arguments: &CompletionsArguments) -> Result<Status, Unusable> {
    let mut script = Vec::new();
    let mut command = usage::command();
    let name = command.get_name().to_owned();
    clap_complete::generate(arguments.shell, &mut command, name, &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(Status::Holds)
}
