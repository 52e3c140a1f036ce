//! What can be wrong with a history, where, and what would be right.

use crate::history::jsonl;
use std::fmt;
use std::io;
use thiserror::Error;

/// Why a history could not be read.
#[derive(Debug, Error)]
#[error("{name}{}: {problem}", At(*line))]
pub struct ImportError {
    /// The name of the history, as the caller gave it.
    pub name: String,
    /// The line, counted from 1; 0 if the trouble is not with a line.
    pub line: u64,
    /// What is wrong.
    #[source]
    pub problem: Problem,
}

impl From<jsonl::ReadError> for ImportError {
    fn from(error: jsonl::ReadError) -> Self {
        ImportError { name: error.file, line: error.line, problem: Problem::Jsonl(error.problem) }
    }
}

struct At(u64);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => Ok(()),
            line => write!(f, ":{line}"),
        }
    }
}

/// What is wrong with a history.
#[derive(Debug, Error)]
pub enum Problem {
    /// It cannot be read at all.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// Nothing says what it is.
    #[error(
        "not a history of a known form: expected revline JSONL, a Jepsen log (`INFO  jepsen.util - 0 :invoke \
         :read nil`) or a porcupine KV log (`{{:process 0, :type :invoke, :f :get, :key \"k\", :value nil}}`), \
         found `{found}`"
    )]
    UnknownForm {
        /// How it begins.
        found: String,
    },
    /// It holds no operation.
    #[error("holds no operation: expected at least one `:invoke`")]
    Empty,
    /// A line is longer than any operation.
    #[error("the line is longer than {limit} bytes: expected one operation to a line")]
    LongLine {
        /// The longest line that is read.
        limit: usize,
    },
    /// A line is not text.
    #[error("the line is not UTF-8 from byte {at} on")]
    NotText {
        /// The first byte that is not, counted from 1.
        at: usize,
    },
    /// A line does not have the form of its log.
    #[error("expected {expected}, found {found}")]
    Syntax {
        /// What would be right.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// A process returned from nothing.
    #[error(
        "process {process} returns from an operation that it did not invoke: expected its `:invoke` before"
    )]
    NotInvoked {
        /// Which.
        process: u64,
    },
    /// A process has two operations open.
    #[error(
        "process {process} invokes an operation while its operation of line {open} is open: expected its `:ok`, \
         `:fail` or `:info` before"
    )]
    StillOpen {
        /// Which.
        process: u64,
        /// The line of its open operation.
        open: u64,
    },
    /// A return does not belong to what was invoked.
    #[error("process {process} returns from {returned}, but it invoked {invoked} at line {open}")]
    OtherOperation {
        /// Which.
        process: u64,
        /// What it returns from.
        returned: String,
        /// What it invoked.
        invoked: String,
        /// Where it invoked that.
        open: u64,
    },
    /// A line of revline's own form does not keep to it.
    #[error(transparent)]
    Jsonl(jsonl::Problem),
}

impl Problem {
    /// A line that does not have the form of its log.
    pub(super) fn syntax(expected: &'static str, found: &str) -> Self {
        Problem::Syntax { expected, found: excerpt(found) }
    }
}

/// The beginning of a text, for a message.
pub(super) fn excerpt(text: &str) -> String {
    const LONGEST_CHARS: usize = 60;
    if text.is_empty() {
        return "nothing".into();
    }
    let mut short = String::new();
    for c in text.chars().take(LONGEST_CHARS) {
        if c.is_control() { short.extend(c.escape_default()) } else { short.push(c) }
    }
    if text.chars().nth(LONGEST_CHARS).is_some() {
        short.push_str("...");
    }
    format!("`{short}`")
}
