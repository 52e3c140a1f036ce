//! Failures of tests: their message, and the history that is kept.

use super::judged_run::Seen;
use super::record::{Record, folder};
use super::write_history;
use crate::checker::history::History;
use crate::checker::verdict::{Verdict, Verdicts};
#[cfg(feature = "page")]
use crate::sim::Observed;
use crate::sim::SimulationConfig;
use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::fs;
use std::io;
use std::path::PathBuf;
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
    /// A guarantee of the test's own.
    Own {
        guarantee: String,
        wrong: String,
    },
    /// Two runs of one seed differ: the place where two more part, if they do.
    NotDeterministic(Option<String>),
    /// Guarantees of the test's own that no seed gave anything to examine.
    ExaminedNothing(Vec<String>),
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
            (Cause::Own { guarantee: one, .. }, Cause::Own { guarantee: other, .. }) => one == other,
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
    record: Option<PathBuf>,
    page: Option<PathBuf>,
    /// The parts of the world that it needs, and the file with their names.
    needed: Option<(Needed, Option<PathBuf>)>,
}

impl Failure {
    pub(super) fn new(
        name: &str,
        config: &SimulationConfig,
        cause: Cause,
        seen: &Seen,
        needed: Option<Needed>,
    ) -> Failure {
        let seed = config.seed;
        let test = thread::current().name().filter(|name| *name != "main").map(str::to_owned);
        let history = &seen.history;
        let kept = if history.operations.is_empty() { None } else { keep(name, seed, history).ok() };
        let needed = needed.map(|needed| {
            let file = keep_parts(name, seed, &needed.parts).ok();
            (needed, file)
        });
        let mut failure = Failure {
            name: name.to_owned(),
            seed,
            cause,
            test,
            history: kept,
            record: None,
            page: None,
            needed,
        };
        failure.record = failure.keep_record(config, seen).ok();
        failure.page = failure.keep_page(config, seen);
        failure
    }

    /// Writes everything that the run was made of.
    fn keep_record(&self, config: &SimulationConfig, seen: &Seen) -> io::Result<PathBuf> {
        let record = Record {
            test: &self.name,
            seed: self.seed,
            revline: env!("CARGO_PKG_VERSION"),
            failed: self.cause.to_string(),
            violations: BTreeMap::new(),
            replay: self.replay_line(),
            parts: self.needed.as_ref().map(|(needed, _)| needed.parts.as_slice()),
            clients: BTreeMap::new(),
            faults: Vec::new(),
            observations: &[],
            simulation: config,
            history: self.history.as_ref().map(|file| file.display().to_string()),
        };
        record.of(seen, self.verdicts()).write()
    }

    /// Writes the page of the run.
    #[cfg(feature = "page")]
    fn keep_page(&self, config: &SimulationConfig, seen: &Seen) -> Option<PathBuf> {
        let own = matches!(&self.cause, Cause::Verdicts(_));
        let subject = revline_reports::page::Subject {
            title: format!("{} under seed {}", self.name, self.seed),
            replay: Some(self.replay_line()),
            failure: (!own).then(|| self.cause.to_string().trim().to_owned()),
            facts: vec![("revline".to_owned(), env!("CARGO_PKG_VERSION").to_owned())],
            servers: crate::sim::proxy_names(&config.proxies),
            clients: seen.clients.iter().map(|(id, name)| (id.0, name.clone())).collect(),
            notes: seen.observations.iter().map(note).collect(),
        };
        let none = Verdicts::default();
        let page = revline_reports::page::page(&subject, &seen.history, self.verdicts().unwrap_or(&none));
        let file = folder().ok()?.join(format!("{}-{}.html", self.name, self.seed));
        fs::write(&file, page).and_then(|()| fs::canonicalize(file)).ok()
    }

    /// Without the feature `page` there is none.
    #[cfg(not(feature = "page"))]
    fn keep_page(&self, _: &SimulationConfig, _: &Seen) -> Option<PathBuf> {
        None
    }

    fn replay_line(&self) -> String {
        format!("REVLINE_SEED={} cargo test {}", self.seed, self.test.as_deref().unwrap_or(""))
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
            Cause::Own { .. }
            | Cause::NotDeterministic(_)
            | Cause::NeverReached(_)
            | Cause::ExaminedNothing(_) => None,
        }
    }
}

/// Returns `true` for a verdict that does not fail a test. A test need not exercise every guarantee.
/// An observation of the program's own, for a page.
#[cfg(feature = "page")]
fn note(observed: &Observed) -> revline_reports::page::Note {
    let Observed { at_ns, by, name, value } = observed;
    revline_reports::page::Note { at_ns: *at_ns, by: by.clone(), text: format!("{name}: {value}") }
}

fn passes(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Holds { .. } | Verdict::Vacuous)
}

/// Writes what the clients saw, for `revline check` and for reading.
fn keep(name: &str, seed: u64, history: &History) -> io::Result<PathBuf> {
    let file = folder()?.join(format!("{name}-{seed}.history.jsonl"));
    write_history(&file, history)?;
    fs::canonicalize(file)
}

/// Writes the names of parts, one a line, for `REVLINE_PARTS`.
fn keep_parts(name: &str, seed: u64, parts: &[String]) -> io::Result<PathBuf> {
    let file = folder()?.join(format!("{name}-{seed}.parts"));
    let lines: String = parts.iter().map(|part| format!("{part}\n")).collect();
    fs::write(&file, lines)?;
    fs::canonicalize(file)
}

impl Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Program(error, verdicts) | Cause::Panicked(error, verdicts) => {
                writeln!(f, "{error}")?;
                for (guarantee, evidence) in verdicts.violations() {
                    writeln!(f, "  {guarantee}: violated: {evidence}")?;
                }
                Ok(())
            }
            Cause::Own { guarantee, wrong } => {
                writeln!(f)?;
                writeln!(f, "  {guarantee}: violated: {wrong}")
            }
            Cause::NotDeterministic(place) => {
                writeln!(f, "two runs differ: something in the test is not a function of its seed")?;
                match place {
                    Some(place) => writeln!(f, "  {place}"),
                    None => writeln!(f, "  two more runs were the same: what differs is rare"),
                }
            }
            Cause::NeverReached(names) => {
                writeln!(f, "no seed reached {}: more seeds, or another program", names.join(", "))
            }
            Cause::ExaminedNothing(names) => {
                writeln!(f, "{} examined nothing under any seed: it could not have failed", names.join(", "))
            }
            Cause::Verdicts(verdicts) => {
                writeln!(f)?;
                for (guarantee, verdict) in verdicts.iter().filter(|(_, verdict)| !passes(verdict)) {
                    writeln!(f, "  {guarantee}: {verdict}")?;
                }
                Ok(())
            }
        }
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` failed under seed {}: {}", self.name, self.seed, self.cause)?;
        writeln!(f, "  replay:  {}", self.replay_line())?;
        let test = self.test.as_deref().unwrap_or("");
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
        if let Some(record) = &self.record {
            writeln!(f, "  record:  {} (configuration, faults, clients, observations)", record.display())?;
        }
        if let Some(page) = &self.page {
            writeln!(f, "  page:    {}", page.display())?;
        }
        Ok(())
    }
}
