//! The notes on the program of a world: its observations, and its checks of them.

use revline_checker::history::History;
use serde::Serialize;
use std::fmt;

/// An observation of the program, or of one of its processes: a fact of the service under test, which no guarantee of the
/// cluster speaks of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Observed {
    /// The time since the world began, in nanoseconds.
    pub at_ns: u64,
    /// The process that observed it; empty for the program of the world.
    pub by: String,
    /// Its name, as `job-done`.
    pub name: String,
    /// Its value.
    pub value: serde_json::Value,
}

type Judging = dyn FnOnce(&History, &[Observed]) -> Result<(), String> + Send;

/// A check of the program's own on everything that was seen in a run: the words say what is wrong.
pub struct Check(Box<Judging>);

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check").finish_non_exhaustive()
    }
}

impl Check {
    pub(crate) fn new<E: fmt::Display>(
        check: impl FnOnce(&History, &[Observed]) -> Result<(), E> + Send + 'static,
    ) -> Check {
        Check(Box::new(|history, observations| {
            check(history, observations).map_err(|wrong| wrong.to_string())
        }))
    }

    /// Checks a run.
    pub fn run(self, history: &History, observations: &[Observed]) -> Result<(), String> {
        (self.0)(history, observations)
    }
}

/// The notes on the program of a world.
#[derive(Debug, Default)]
pub(crate) struct ProgramNotes {
    pub observations: Vec<Observed>,
    pub checks: Vec<Check>,
}
