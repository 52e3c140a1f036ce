//! Failures of tests: their message, and the history that is kept.

use crate::checker::history::{History, jsonl};
use crate::checker::verdict::{Verdict, Verdicts};
use std::fmt::{self, Display};
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::thread;

/// An error that a test's program may end with. `?` makes one of every error.
#[derive(Debug)]
pub struct TestError(String);

impl<E: std::error::Error> From<E> for TestError {
    fn from(error: E) -> TestError {
        TestError(error.to_string())
    }
}

impl Display for TestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The cause of a failure.
#[derive(Debug)]
pub(super) enum Cause {
    /// The error of the program, and the verdicts on what was seen until then.
    Program(String, Verdicts),
    Panicked(String, Verdicts),
    Verdicts(Verdicts),
    NotDeterministic,
    /// Marks that no seed reached.
    NeverReached(Vec<String>),
}

/// A seed under which a test failed.
#[derive(Debug)]
pub struct Failure {
    name: String,
    seed: u64,
    cause: Cause,
    /// The name of the test for `cargo test`, if this runs in one.
    test: Option<String>,
    history: Option<PathBuf>,
}

impl Failure {
    pub(super) fn new(name: &str, seed: u64, cause: Cause, history: &History) -> Failure {
        let test = thread::current().name().filter(|name| *name != "main").map(str::to_owned);
        let kept = if history.operations.is_empty() { None } else { keep(name, seed, history).ok() };
        Failure { name: name.to_owned(), seed, cause, test, history: kept }
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The verdicts, on what was seen until the program failed if it did not run to its end.
    pub fn verdicts(&self) -> Option<&Verdicts> {
        match &self.cause {
            Cause::Verdicts(verdicts) | Cause::Program(_, verdicts) | Cause::Panicked(_, verdicts) => {
                Some(verdicts)
            }
            Cause::NotDeterministic | Cause::NeverReached(_) => None,
        }
    }
}

/// Returns `true` for a verdict that does not fail a test. A test need not exercise every guarantee.
fn passes(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Holds { .. } | Verdict::Vacuous)
}

/// Writes what the clients saw, for `revline check` and for reading.
fn keep(name: &str, seed: u64, history: &History) -> io::Result<PathBuf> {
    let directory = Path::new("target").join("revline");
    fs::create_dir_all(&directory)?;
    let file = directory.join(format!("{name}-{seed}.history.jsonl"));
    jsonl::write(history, BufWriter::new(File::create(&file)?))?;
    fs::canonicalize(file)
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` failed under seed {}: ", self.name, self.seed)?;
        match &self.cause {
            Cause::Program(error, verdicts) | Cause::Panicked(error, verdicts) => {
                writeln!(f, "{error}")?;
                for (guarantee, evidence) in verdicts.violations() {
                    writeln!(f, "  {guarantee}: violated: {evidence}")?;
                }
            }
            Cause::NotDeterministic => {
                writeln!(f, "two runs differ: something in the test is not a function of its seed")?;
            }
            Cause::NeverReached(names) => {
                writeln!(f, "no seed reached {}: more seeds, or another program", names.join(", "))?;
            }
            Cause::Verdicts(verdicts) => {
                writeln!(f)?;
                for (guarantee, verdict) in verdicts.iter().filter(|(_, verdict)| !passes(verdict)) {
                    writeln!(f, "  {guarantee}: {verdict}")?;
                }
            }
        }
        let test = self.test.as_deref().unwrap_or("");
        writeln!(f, "  replay:  REVLINE_SEED={} cargo test {test}", self.seed)?;
        if let Some(history) = &self.history {
            writeln!(f, "  history: {} (judge it again with `revline check`)", history.display())?;
        }
        Ok(())
    }
}
