//! A scenario, as an argument names it: by its name in the catalogue, or by the path of its file.

use super::near_miss::near_miss;
use super::other_file::{self, Wanted};
use super::status::Unusable;
use revline_scenarios::catalogue;
use revline_scenarios::scenario::{self, Scenario};
use std::fmt::Display;
use std::path::Path;

/// The scenarios that arguments name; the whole catalogue if they name none.
pub fn find_all(arguments: &[String]) -> Result<Vec<Scenario>, Unusable> {
    if arguments.is_empty() {
        return Ok(catalogue::all());
    }
    let mut found: Vec<Scenario> = Vec::new();
    for argument in arguments {
        let scenario = find(argument)?;
        match found.iter().find(|earlier| earlier.name == scenario.name) {
            None => found.push(scenario),
            Some(earlier) if *earlier == scenario => {}
            Some(_) => {
                return Err(Unusable::new(format!(
                    "{argument}: another scenario named `{}` was given before: each needs a name of its own",
                    scenario.name
                )));
            }
        }
    }
    Ok(found)
}

/// The scenario that an argument names.
pub fn find(argument: &str) -> Result<Scenario, Unusable> {
    if is_path(argument) {
        let file = Path::new(argument);
        return scenario::read(file).map_err(|error| other_file::unusable(&error, file, Wanted::Scenario));
    }
    catalogue::find(argument).ok_or_else(|| unknown(argument))
}

/// The scenario and the seed that `SCENARIO@SEED` names; `None` without `@`.
pub fn and_seed(argument: &str) -> Result<Option<(&str, u64)>, Unusable> {
    let Some((scenario, seed)) = argument.rsplit_once('@') else { return Ok(None) };
    match seed.parse() {
        Ok(seed) => Ok(Some((scenario, seed))),
        Err(_) => Err(Unusable::new(format!(
            "`{argument}`: `{seed}` is no seed: expected a number, as in `steady@7`"
        ))),
    }
}

/// The command that replays one seed of a scenario.
pub fn replay_line(scenario: &str, seed: u64, behind_proxies: bool, defects: &[impl Display]) -> String {
    let defects: String = defects.iter().map(|defect| format!(" --defect {defect}")).collect();
    let behind = if behind_proxies { " --behind-proxies" } else { "" };
    format!("revline replay {scenario}@{seed}{behind}{defects}")
}

/// Returns `true` for the name of a scenario of the catalogue.
pub fn is_known(name: &str) -> bool {
    catalogue::find(name).is_some()
}

/// Returns `true` for a path, `false` for a name.
pub fn is_path(argument: &str) -> bool {
    argument.ends_with(".json") || argument.contains(std::path::MAIN_SEPARATOR)
}

/// The name of the catalogue that comes nearest to one that is not there.
pub fn nearest(written: &str) -> Option<String> {
    let all = catalogue::all();
    near_miss(written, all.iter().map(|scenario| scenario.name.as_str())).map(str::to_owned)
}

fn unknown(argument: &str) -> Unusable {
    let meant = nearest(argument).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
    Unusable::new(format!(
        "unknown scenario `{argument}`{meant}\n  `revline list scenarios` shows all; or give the path of a .json file"
    ))
}
