//! Errors of reading a history: the problem, its place, and the correct form.

use super::known::Known;
use crate::history::jsonl;
use std::fmt;
use std::io;
use thiserror::Error;

/// The reason that a history could not be read.
#[derive(Debug, Error)]
#[error("{name}{}: {problem}", At(*line))]
pub struct ImportError {
    /// The name of the history, as the caller gave it.
    pub name: String,
    /// The line, counted from 1; 0 if the trouble is not with a line.
    pub line: u64,
    /// The problem.
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

/// The problem of a history.
#[derive(Debug, Error)]
pub enum Problem {
    /// It cannot be read at all.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// Nothing says what it is.
    #[error(
        "not a history of a known form: expected revline JSONL, a Jepsen log (`INFO  jepsen.util - 0 :invoke \
         :read nil`), a Jepsen history (`{{:process 0, :type :invoke, :f :read, :value nil}}`), a file of an etcd \
         robustness report (`{{\"ClientId\":0,\"Input\":...`) or a porcupine KV log (`{{:process 0, :type :invoke, :f :get, :key \"k\", :value nil}}`), \
         found {found}"
    )]
    UnknownForm {
        /// The beginning of the file.
        found: String,
    },
    /// It is empty.
    #[error("is empty: expected a history")]
    Nothing,
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
        /// The correct form.
        expected: &'static str,
        /// The text found.
        found: String,
    },
    /// A process returned from nothing.
    #[error(
        "process {process} returns from an operation that it did not invoke: expected its `:invoke` before"
    )]
    NotInvoked {
        /// The process.
        process: u64,
    },
    /// A process has two operations open.
    #[error(
        "process {process} invokes an operation while its operation of line {open} is open: expected its `:ok`, \
         `:fail` or `:info` before"
    )]
    StillOpen {
        /// The process.
        process: u64,
        /// The line of its open operation.
        open: u64,
    },
    /// A return does not belong to what was invoked.
    #[error("process {process} returns from {returned}, but it invoked {invoked} at line {open}")]
    OtherOperation {
        /// The process.
        process: u64,
        /// The operation returned from.
        returned: String,
        /// The operation invoked.
        invoked: String,
        /// The place of the invocation.
        open: u64,
    },
    /// An object is longer than any operation or watch.
    #[error("the JSON object is longer than {limit} bytes: expected one operation or one watch to an object")]
    LongObject {
        /// The longest object that is read.
        limit: usize,
    },
    /// An object does not end.
    #[error("the JSON object is cut off: expected its closing `}}`")]
    CutObject,
    /// An object is not JSON, or lacks something.
    #[error("not what is expected here: {path}{message}{at}")]
    Json {
        /// The field, if known.
        path: String,
        /// The problem.
        message: String,
        /// The place on the line, in words; empty if that is not known.
        at: String,
    },
    /// A field that the form does not have.
    #[error(
        "unknown field `{field}`{at}: expected {known}; `--ignore-unknown-fields` passes over what \
         is not known, and the verdict says so"
    )]
    UnknownField {
        /// The place of the value.
        field: String,
        /// The fields that are known there.
        known: String,
        /// The place on the line, in words; empty if the field says it all.
        at: String,
    },
    /// A history that is kept in memory is too long.
    #[error("is longer than {limit} bytes: expected a history that fits into memory")]
    LongHistory {
        /// The longest that is read.
        limit: u64,
    },
    /// Operations that no model here is of.
    #[error(
        "operations of a workload that is not read: expected a register (`:read`, `:write`, `:cas`) or a mutex \
         (`:acquire`, `:release`), with independent keys or without, found {found}"
    )]
    Workload {
        /// Of which workload, as far as that is known.
        found: String,
    },
    /// A problem with one of several operations on a line.
    #[error("entry {entry}: {problem}")]
    Entry {
        /// The operation, counted from 1.
        entry: u64,
        /// The problem of the operation.
        problem: Box<Problem>,
    },
    /// Something that is known, and is no history.
    #[error("{0}")]
    Known(Known),
    /// A moment before the beginning.
    #[error("`{what}` is {time_ns}: expected nanoseconds from the beginning of the test")]
    NegativeTime {
        /// The name of the time.
        what: &'static str,
        /// The time found.
        time_ns: i64,
    },
    /// An answer before the question.
    #[error("`Return` {return_ns} is before `Call` {call_ns}: expected the answer after the request")]
    ReturnBeforeCall {
        /// The time of the invocation.
        call_ns: u64,
        /// The time of the answer, as recorded.
        return_ns: u64,
    },
    /// A watch's responses are not in order.
    #[error("a response of `Time` {received_ns} comes after one of {before_ns}: expected them in order")]
    EarlierFrame {
        /// The later response's time.
        received_ns: u64,
        /// The one's before it.
        before_ns: u64,
    },
    /// A client has two operations open.
    #[error("client {process} asks while its operation of {open} is open: expected an id for each caller")]
    TwoOpen {
        /// The process.
        process: u64,
        /// The place of the other operation.
        open: String,
    },
    /// A txn was answered with too many or too few results.
    #[error("{found} results of a txn: expected {expected}, one for each operation of its branch")]
    Results {
        /// The number of operations that ran.
        expected: usize,
        /// The number of results.
        found: usize,
    },
    /// A folder is no report.
    #[error(
        "not a report of etcd's robustness tests: expected folders with operations \
         (`{{\"ClientId\":0,\"Input\":...}}`) and watches (`{{\"Request\":...,\"Responses\":...}}`)"
    )]
    NoReport,
    /// A folder is more than one report.
    #[error("holds the reports {one} and {other}: expected one, name it")]
    SeveralReports {
        /// The one.
        one: String,
        /// The other.
        other: String,
    },
    /// A folder cannot be a history of this form.
    #[error("is a folder: expected a file, only a report of etcd's robustness tests is a folder")]
    Folder,
    /// A line of revline's own form does not keep to it.
    #[error(transparent)]
    Jsonl(jsonl::Problem),
}

impl Problem {
    /// The parser's message on an object, without its own idea of the place.
    pub(super) fn json(error: &serde_json::Error, path: Option<String>) -> Self {
        let message = error.to_string();
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
        let path = path.map(|path| format!("`{path}`: ")).unwrap_or_default();
        let at = if error.column() > 0 { format!(", at column {}", error.column()) } else { String::new() };
        Problem::Json { path, message: message.to_owned(), at }
    }

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
