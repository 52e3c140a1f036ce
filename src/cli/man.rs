//! `revline man`: a page of the manual for the program, and one for each command.

use super::arguments::ManArguments;
use super::status::{Status, Unusable};
use super::usage;
use clap_mangen::Man;
use revline_scenarios::whole_file;
use std::path::Path;

/// Writes the pages into a folder.
pub fn man(arguments: &ManArguments) -> Result<Status, Unusable> {
    let folder = &arguments.folder;
    std::fs::create_dir_all(folder)
        .map_err(|error| Unusable::new(format!("{}: {error}; give a folder", folder.display())))?;
    let mut program = usage::command().disable_help_subcommand(true);
    // Lets each command know its full name.
    program.build();
    write(&program, folder)?;
    program.get_subcommands().try_for_each(|command| write(command, folder))?;
    Ok(Status::Holds)
}

/// Writes the page of a command: `revline-run.1`.
fn write(command: &clap::Command, folder: &Path) -> Result<(), Unusable> {
    let man = Man::new(command.clone());
    let file = folder.join(man.get_filename());
    let mut page = Vec::new();
    man.render(&mut page)?;
    whole_file::write(&file, |out| out.write_all(&page))
        .map_err(|error| Unusable::new(format!("{}: {error}", file.display())))
}
