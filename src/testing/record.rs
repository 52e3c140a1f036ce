//! The record of a failing test, beside its history: everything that the run was made of, and what was seen of it.

use super::judged_run::Seen;
use crate::checker::history::Observation;
use crate::checker::verdict::Verdicts;
use crate::sim::{Observed, SimulationConfig};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder of what failing tests leave.
pub(super) fn folder() -> io::Result<PathBuf> {
    let folder = Path::new("target").join("revline");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The record of a failing test.
#[derive(Serialize)]
pub(super) struct Record<'a> {
    pub test: &'a str,
    pub seed: u64,
    pub revline: &'static str,
    /// The failure, in words.
    pub failed: String,
    /// The evidence for each guarantee of the cluster that is violated.
    pub violations: BTreeMap<&'a str, String>,
    /// The line that runs it again.
    pub replay: String,
    /// The random parts that it needs, where it has any.
    pub parts: Option<&'a [String]>,
    /// The names of clients, by their numbers in the history.
    pub clients: BTreeMap<u32, &'a str>,
    pub faults: Vec<StruckFault>,
    pub observations: &'a [Observed],
    pub simulation: &'a SimulationConfig,
    pub history: Option<String>,
}

/// A fault of the run.
#[derive(Serialize)]
pub(super) struct StruckFault {
    what: String,
    at_ns: u64,
    victims: Vec<String>,
    /// The time at which it was healed; absent if it was not.
    healed_ns: Option<u64>,
}

impl<'a> Record<'a> {
    /// Adds what was seen.
    pub fn of(self, seen: &'a Seen, verdicts: Option<&'a Verdicts>) -> Record<'a> {
        let violations = verdicts.map(|verdicts| verdicts.violations()).into_iter().flatten();
        Record {
            violations: violations.map(|(name, evidence)| (name, evidence.to_string())).collect(),
            clients: seen.clients.iter().map(|(id, name)| (id.0, name.as_str())).collect(),
            faults: faults(&seen.history.observations),
            observations: &seen.observations,
            ..self
        }
    }

    /// Writes the record.
    pub fn write(&self) -> io::Result<PathBuf> {
        let file = folder()?.join(format!("{}-{}.json", self.test, self.seed));
        let mut json = serde_json::to_vec_pretty(self)?;
        json.push(b'\n');
        fs::write(&file, json)?;
        fs::canonicalize(file)
    }
}

fn faults(observations: &[Observation]) -> Vec<StruckFault> {
    let healed_ns = |wanted: &Option<String>, after: usize| {
        observations[after..].iter().find_map(|observation| match observation {
            Observation::FaultHealed { at_ns, name } if Some(name) == wanted.as_ref() => Some(*at_ns),
            _ => None,
        })
    };
    let struck = observations.iter().enumerate().filter_map(|(at, observation)| match observation {
        Observation::Fault { at_ns, what, name, victims } => Some(StruckFault {
            what: what.clone(),
            at_ns: *at_ns,
            victims: victims.clone(),
            healed_ns: healed_ns(name, at),
        }),
        _ => None,
    });
    struck.collect()
}
