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

/// So many parts are shown; the file has all.
const SHOWN_PARTS: usize = 12;

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

impl Cause {
    /// True if both fail in the same way: by the same words, or by a guarantee that is violated in one way.
    pub fn is_like(&self, other: &Cause) -> bool {
        match (self, other) {
            (Cause::Verdicts(one), Cause::Verdicts(other)) => {
                one.fingerprints().any(|violation| other.fingerprints().any(|own| own == violation))
            }
            (Cause::Program(one, _), Cause::Program(other, _))
            | (Cause::Panicked(one, _), Cause::Panicked(other, _)) => one == other,
            _ => false,
        }
    }
}

/// The few random parts that a failing test needs.
#[derive(Debug)]
pub(super) struct Needed {
    pub parts: Vec<String>,
    /// The number of all.
    pub of: usize,
    /// True if the runs that it may take were not enough to leave out all that can be left out.
    pub is_cut_short: bool,
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
    /// The parts of the world that it needs, and the file with their names.
    needed: Option<(Needed, Option<PathBuf>)>,
}

impl Failure {
    pub(super) fn new(
        name: &str,
        seed: u64,
        cause: Cause,
        history: &History,
        needed: Option<Needed>,
    ) -> Failure {
        let test = thread::current().name().filter(|name| *name != "main").map(str::to_owned);
        let kept = if history.operations.is_empty() { None } else { keep(name, seed, history).ok() };
        let needed = needed.map(|needed| {
            let file = keep_parts(name, seed, &needed.parts).ok();
            (needed, file)
        });
        Failure { name: name.to_owned(), seed, cause, test, history: kept, needed }
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The random parts of the world that the test needs to fail under the seed: all others were left out, and it failed in
    /// the same way. Empty if it has none, or needs none.
    pub fn needed_parts(&self) -> &[String] {
        self.needed.as_ref().map_or(&[], |(needed, _)| &needed.parts)
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

/// Writes the names of parts, one a line, for `REVLINE_PARTS`.
fn keep_parts(name: &str, seed: u64, parts: &[String]) -> io::Result<PathBuf> {
    let directory = Path::new("target").join("revline");
    fs::create_dir_all(&directory)?;
    let file = directory.join(format!("{name}-{seed}.parts"));
    let lines: String = parts.iter().map(|part| format!("{part}\n")).collect();
    fs::write(&file, lines)?;
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
        if let Some((Needed { parts, of, is_cut_short }, file)) = &self.needed {
            let few = if *is_cut_short { "at most these" } else { "these" };
            writeln!(f, "  chaos:   of {of} random parts it needs {few} {}:", parts.len())?;
            for part in parts.iter().take(SHOWN_PARTS) {
                writeln!(f, "           {part}")?;
            }
            if let Some(file) = file {
                let (seed, file) = (self.seed, file.display());
                writeln!(f, "  small:   REVLINE_SEED={seed} REVLINE_PARTS={file} cargo test {test}")?;
            }
        }
        if let Some(history) = &self.history {
            writeln!(f, "  history: {} (judge it again with `revline check`)", history.display())?;
        }
        Ok(())
    }
}
