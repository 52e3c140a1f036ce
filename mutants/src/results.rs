//! The results of each mutant: a file with a line for each step, which the next call reads.

use crate::Failure;
use crate::mutant::Identity;
use crate::runner::Kill;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The state of a mutant's trial.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Trial {
    /// The mutant.
    pub mutant: Identity,
    /// The seeds done of the plain catalogue.
    pub seeds: u64,
    /// The seeds done of the catalogue behind proxies.
    pub seeds_behind_proxies: u64,
    /// The runs of the sweep up to the one that killed it, or all. Runs that do not reach it count.
    pub runs: u64,
    /// Those of them that reach it.
    pub runs_reached: u64,
    /// The marks of its runs.
    #[serde(default)]
    pub marks: BTreeSet<String>,
    /// The marks that the same runs without it have: rare events, exercised guarantees.
    #[serde(default)]
    pub marks_missed: BTreeSet<String>,
    /// The guarantee, or the tests, that saw it.
    pub seen: Option<Seen>,
    /// The store's own test that fails; `None` if none does, or they were not asked.
    pub unit_test: Option<String>,
    /// True if the store's own tests were run.
    pub unit_tests_asked: bool,
}

/// The run that kills a mutant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seen {
    /// By this.
    #[serde(flatten)]
    pub kill: Kill,
    /// In this scenario.
    pub scenario: String,
    /// Under this seed.
    pub seed: u64,
    /// True if all clients were behind proxies.
    pub behind_proxies: bool,
}

impl Trial {
    /// The beginning.
    pub fn of(mutant: Identity) -> Trial {
        Trial {
            mutant,
            seeds: 0,
            seeds_behind_proxies: 0,
            runs: 0,
            runs_reached: 0,
            marks: BTreeSet::new(),
            marks_missed: BTreeSet::new(),
            seen: None,
            unit_test: None,
            unit_tests_asked: false,
        }
    }
}

/// The trials of all mutants tried.
pub struct Results {
    file: PathBuf,
    trials: BTreeMap<Identity, Trial>,
}

impl Results {
    /// Reads the file, if there is one. A line that was cut off counts for nothing.
    pub fn read(file: &Path) -> Results {
        let text = fs::read_to_string(file).unwrap_or_default();
        let trials = text.lines().filter_map(|line| serde_json::from_str::<Trial>(line).ok());
        Results { file: file.to_owned(), trials: trials.map(|trial| (trial.mutant.clone(), trial)).collect() }
    }

    /// The trial of a mutant so far.
    pub fn of(&self, mutant: &Identity) -> Trial {
        self.trials.get(mutant).cloned().unwrap_or_else(|| Trial::of(mutant.clone()))
    }

    /// Keeps the state of a trial.
    pub fn keep(&mut self, trial: Trial) -> Result<(), Failure> {
        let at = |error: &dyn std::fmt::Display| Failure::at(self.file.display(), error);
        let text = serde_json::to_string(&trial).map_err(|error| at(&error))?;
        let mut file =
            OpenOptions::new().create(true).append(true).open(&self.file).map_err(|error| at(&error))?;
        // A line that was cut off ends here.
        let ends = fs::read(&self.file).map_or(true, |bytes| bytes.last().is_none_or(|last| *last == b'\n'));
        writeln!(file, "{}{text}", if ends { "" } else { "\n" }).map_err(|error| at(&error))?;
        self.trials.insert(trial.mutant.clone(), trial);
        Ok(())
    }
}
