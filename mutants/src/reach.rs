//! The runs in which each mutant is reached.
//!
//! Until a mutant is first asked for, a run with it on is the run without it: where the run without mutants never asks,
//! there is nothing to see, and that run can be left out.

use crate::Failure;
use crate::runner::{Run, sweep};
use crate::workshop::Workshop;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The mutants that each run of the store without mutants reaches.
pub struct Reach {
    file: PathBuf,
    runner: PathBuf,
    runs: BTreeMap<Run, Plain>,
}

/// A run without mutants.
#[derive(Serialize, Deserialize)]
struct Plain {
    reached: BTreeSet<usize>,
    marks: BTreeSet<String>,
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
struct Line {
    run: Run,
    plain: Plain,
}

impl Reach {
    /// Reads what is known of this build.
    pub fn read(workshop: &Workshop, runner: &Path) -> Result<Reach, Failure> {
        let mut hasher = DefaultHasher::new();
        fs::read(runner).map_err(|error| Failure::at(runner.display(), error))?.hash(&mut hasher);
        let file = workshop.place.join(format!("reach-{:016x}.jsonl", hasher.finish()));
        let text = fs::read_to_string(&file).unwrap_or_default();
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
        let runs = lines.map(|line| (line.run, line.plain)).collect();
        Ok(Reach { file, runner: runner.to_owned(), runs })
    }

    /// Runs those of these runs that are not known yet. None may be violated: nothing is wrong with the store.
    pub fn learn(&mut self, runs: &[Run], hang: Duration) -> Result<(), Failure> {
        let missing: Vec<Run> =
            runs.iter().filter(|run| !self.runs.contains_key(&key(run))).cloned().collect();
        if missing.is_empty() {
            return Ok(());
        }
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.file)
            .map_err(|error| Failure::at(self.file.display(), error))?;
        let mut wrong = None;
        sweep(&self.runner, 0, &missing, hang, true, &mut |run, ran| {
            if let Some(kill) = ran.killed {
                let place = format!("{}@{} without mutants", run.scenario, run.seed);
                wrong.get_or_insert(Failure::at(place, format!("{} {}", kill.guarantee, kill.message)));
                return;
            }
            let plain =
                Plain { reached: ran.reached.into_iter().collect(), marks: ran.marks.into_iter().collect() };
            let line = Line { run: key(run), plain };
            if let Ok(text) = serde_json::to_string(&line) {
                let _ = writeln!(file, "{text}");
            }
            self.runs.insert(line.run, line.plain);
        })?;
        wrong.map_or(Ok(()), Err)
    }

    /// Returns true if this run asks for the mutant.
    pub fn reaches(&self, run: &Run, number: usize) -> bool {
        self.runs.get(&key(run)).is_none_or(|plain| plain.reached.contains(&number))
    }

    /// The marks of these runs without mutants.
    pub fn marks<'a>(&self, runs: impl Iterator<Item = &'a Run>) -> BTreeSet<String> {
        runs.filter_map(|run| self.runs.get(&key(run)))
            .flat_map(|plain| plain.marks.iter().cloned())
            .collect()
    }
}

/// The run without its place in the catalogue.
fn key(run: &Run) -> Run {
    Run { position: 0, ..run.clone() }
}
