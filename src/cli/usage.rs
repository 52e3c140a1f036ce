//! The usage of the command line, and what would be right where it is wrong.

use super::arguments::Arguments;
use super::near_miss::near_miss;
use super::scenario_argument;
use super::status::Unusable;
use clap::error::{ContextKind, ErrorKind};
use clap::{CommandFactory, FromArgMatches};
use std::path::Path;

/// The command line. The options of `run`, which may stand alone, are shown with `run`.
pub fn command() -> clap::Command {
    Arguments::command().mut_args(|argument| argument.hide(true))
}

/// Reads the command line. Help and the version are printed, and end the program.
pub fn arguments() -> Result<Arguments, Unusable> {
    let parsed = command().try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches));
    parsed.map_err(|error| {
        let given: Vec<String> =
            std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect();
        mended(&error, &given).unwrap_or_else(|| error.exit())
    })
}

/// The message for what is wrong, where another than clap's says better what would be right.
fn mended(error: &clap::Error, given: &[String]) -> Option<Unusable> {
    let of_context = |kind| error.get(kind).map(ToString::to_string);
    let command = of_context(ContextKind::InvalidSubcommand)?;
    match error.kind() {
        ErrorKind::ArgumentConflict if is_command(&command) => Some(before_command(&command, given)),
        ErrorKind::InvalidSubcommand | ErrorKind::ArgumentConflict => {
            in_place_of_command(&command, given).or_else(|| Some(no_command(&command)))
        }
        _ => None,
    }
}

/// The message for an argument of a command that stands where a command is expected.
fn in_place_of_command(written: &str, given: &[String]) -> Option<Unusable> {
    let (what, command) = if Path::new(written).is_file() && written.contains(".bundle.") {
        ("the file of a bundle", "replay")
    } else if written.contains('@') {
        ("a run", "replay")
    } else if scenario_argument::is_path(written) {
        ("a file", if written.ends_with(".json") { "run" } else { "check" })
    } else {
        scenario_argument::is_known(written).then_some(("a scenario", "run"))?
    };
    let right = line([command].into_iter().chain(given.iter().map(String::as_str)));
    Some(Unusable::new(format!(
        "`{written}` is {what}, where a command is expected; right would be `{right}`, and `revline --help` shows all commands"
    )))
}

/// The message for a word that is nothing.
fn no_command(written: &str) -> Unusable {
    let program = command();
    let commands: Vec<&str> = program.get_subcommands().map(clap::Command::get_name).collect();
    let meant = near_miss(written, commands.iter().copied()).map(|name| format!("`revline {name}`"));
    let meant =
        meant.or_else(|| scenario_argument::nearest(written).map(|name| format!("`revline run {name}`")));
    let meant = meant.map(|right| format!("; did you mean {right}?")).unwrap_or_default();
    Unusable::new(format!(
        "there is no command `{written}`{meant}\n  the commands are {}",
        commands.join(", ")
    ))
}

fn is_command(name: &str) -> bool {
    command().get_subcommands().any(|command| command.get_name() == name)
}

/// The message for options that stand before their command.
fn before_command(command: &str, given: &[String]) -> Unusable {
    let at = given.iter().position(|argument| argument == command).unwrap_or(0);
    let (before, from) = given.split_at(at);
    let others = before.iter().chain(from.get(1..).unwrap_or_default());
    let right = line([command].into_iter().chain(others.map(String::as_str)));
    let before = before.join(" ");
    Unusable::new(format!(
        "`{before}` stands before the command, whose options follow it; right would be `{right}`"
    ))
}

fn line<'a>(arguments: impl Iterator<Item = &'a str>) -> String {
    arguments.fold("revline".to_owned(), |line, argument| line + " " + argument)
}
