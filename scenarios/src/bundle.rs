//! A bundle: one file that says how to run a plan again, and what came of it the first time.

use crate::execute::{Outcome, execute};
use crate::limited_file;
use crate::placed_json::{self, Misread, head};
use crate::plan::Plan;
use crate::rules::{Impossible, limits, short};
use crate::trace_hash::TraceHash;
use crate::whole_file;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use revline_checker::verdict::{Fingerprint, Verdicts};
use revline_sim::Panicked;
use revline_sim::trace::Trace;
use revline_store::member::Tuning;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The form of the file: changes when an older version could not be read any more.
const FORMAT: u32 = 1;

/// A plan and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// The form of this file.
    pub format: u32,
    /// The version of revline that wrote it: another one may run the same plan another way.
    pub revline: String,
    /// The plan.
    pub plan: Plan,
    /// The violations, by guarantee and kind.
    pub violations: BTreeSet<Fingerprint>,
    /// The hash of everything that happened.
    pub trace_hash: TraceHash,
    /// Sixteen bits of the running hash after every event, little-endian, in base64: shows where another
    /// run parts ways.
    pub digests: String,
}

/// Errors of bundle files.
#[derive(Debug, Error)]
pub enum BundleError {
    /// It cannot be read or written.
    #[error("{}: {error}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// The error of the system.
        error: std::io::Error,
    },
    /// It is not a bundle, or not a whole one.
    #[error("{}:{line}:{column}: {}{what}", file.display(), head(field))]
    Malformed {
        /// The file.
        file: PathBuf,
        /// The line.
        line: usize,
        /// The column.
        column: usize,
        /// The path of the field.
        field: String,
        /// The message.
        what: String,
    },
    /// It asks for what cannot be.
    #[error("{}: {impossible}", file.display())]
    Impossible {
        /// The file.
        file: PathBuf,
        /// The contradiction.
        impossible: Impossible,
    },
    /// It is of a form this version does not know.
    #[error("{}: field `format`: {found} where {FORMAT} was expected; it was written by revline {revline}", file.display())]
    Format {
        /// The file.
        file: PathBuf,
        /// The form it has.
        found: u32,
        /// The version that wrote it.
        revline: String,
    },
}

/// The outcome of a replay, compared with the bundle.
#[derive(Debug)]
pub struct Replay {
    /// The outcome of this run.
    pub outcome: Outcome,
    /// The first event that was not the same, counted from 0, if any was not.
    pub diverged_at: Option<u64>,
    /// True if the same guarantees were violated in the same way.
    pub same_violations: bool,
}

impl Bundle {
    /// The bundle of a plan that was run.
    pub fn new(plan: Plan, outcome: &Outcome) -> Bundle {
        let bytes: Vec<u8> = outcome.trace.digests().iter().flat_map(|digest| digest.to_le_bytes()).collect();
        Bundle {
            format: FORMAT,
            revline: env!("CARGO_PKG_VERSION").to_owned(),
            plan,
            violations: fingerprints(&outcome.verdicts),
            trace_hash: TraceHash(outcome.trace.hash()),
            digests: BASE64.encode(bytes),
        }
    }

    /// A name for its file.
    pub fn file_name(&self) -> String {
        self.plan.name().bundle_file()
    }

    /// Reads a bundle.
    pub fn read(file: &Path) -> Result<Bundle, BundleError> {
        Bundle::parse(&text(file)?, file)
    }

    /// Reads a bundle from its text; `file` is where that is from, for messages.
    pub fn parse(text: &str, file: &Path) -> Result<Bundle, BundleError> {
        let bundle: Bundle = parse_planned(text, file)?;
        if bundle.format != FORMAT {
            return Err(BundleError::Format {
                file: file.to_owned(),
                found: bundle.format,
                revline: short(&bundle.revline),
            });
        }
        if let Err(error) = BASE64.decode(&bundle.digests) {
            return Err(malformed(file, "digests", error.to_string()));
        }
        bundle.plan.check().map_err(|wrong| impossible(file, wrong.within("plan")))?;
        Ok(bundle)
    }

    /// Writes the bundle: the whole file, or none.
    pub fn write(&self, file: &Path) -> Result<(), BundleError> {
        let mut json = serde_json::to_vec_pretty(self).expect("a bundle is always JSON");
        json.push(b'\n');
        whole_file::write(file, |out| out.write_all(&json))
            .map_err(|error| BundleError::File { file: file.to_owned(), error })
    }

    /// Runs the plan again and compares.
    pub fn replay(&self, keep_trace: bool) -> Result<Replay, Panicked> {
        let outcome = execute(&self.plan, keep_trace)?;
        let diverged_at = self.diverged_at(&outcome.trace);
        let same_violations = fingerprints(&outcome.verdicts) == self.violations;
        Ok(Replay { outcome, diverged_at, same_violations })
    }

    fn diverged_at(&self, trace: &Trace) -> Option<u64> {
        if trace.hash() == self.trace_hash.0 {
            return None;
        }
        let expected: Vec<u16> = BASE64
            .decode(&self.digests)
            .unwrap_or_default()
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        let same = expected.iter().zip(trace.digests()).take_while(|(one, other)| one == other).count();
        Some(same as u64)
    }
}

/// The text of a bundle or a regression.
pub(crate) fn text(file: &Path) -> Result<String, BundleError> {
    limited_file::read(file, limits::BUNDLE_FILE_BYTES)
        .map_err(|error| BundleError::File { file: file.to_owned(), error })
}

/// The tuning of the members in a bundle or a regression. It is flattened into the simulation: so it is read last there,
/// and an error has no place.
#[derive(Deserialize)]
struct Planned {
    #[serde(rename = "plan")]
    _plan: PlannedSimulation,
}

#[derive(Deserialize)]
struct PlannedSimulation {
    #[serde(rename = "simulation", default)]
    _simulation: Tuning,
}

/// The bundle or the regression that a text holds.
pub(crate) fn parse_planned<T: DeserializeOwned>(text: &str, file: &Path) -> Result<T, BundleError> {
    let read = parse_json(text, file);
    if read.is_err() {
        parse_json::<Planned>(text, file)?;
    }
    read
}

fn parse_json<T: DeserializeOwned>(text: &str, file: &Path) -> Result<T, BundleError> {
    let malformed = |Misread { line, column, field, what }| {
        let file = file.to_owned();
        BundleError::Malformed { file, line, column, field, what }
    };
    placed_json::read(text, "bundle").map_err(malformed)
}

/// Makes the error for a field that is well-formed and yet contradicts the rules.
pub(crate) fn malformed(file: &Path, field: &str, what: String) -> BundleError {
    impossible(file, Impossible { field: field.to_owned(), what })
}

/// Makes the error for a plan that breaks the rules.
pub(crate) fn impossible(file: &Path, impossible: Impossible) -> BundleError {
    BundleError::Impossible { file: file.to_owned(), impossible }
}

/// The violations among verdicts, by guarantee and kind.
pub fn fingerprints(verdicts: &Verdicts) -> BTreeSet<Fingerprint> {
    verdicts.fingerprints().collect()
}
