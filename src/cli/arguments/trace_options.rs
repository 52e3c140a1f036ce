//! The options of a trace: where it goes, in which form, and what of it.

use super::values::{key_pattern, milliseconds};
use clap::{Args, ValueEnum};
use revline_reports::trace::{Form, KeyPattern};
use std::path::PathBuf;

/// The form of a trace.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum TraceForm {
    /// One event a line, in words
    Text,
    /// One JSON object a line
    Jsonl,
}

/// The trace of a run.
#[derive(Debug, Args)]
pub struct TraceOptions {
    /// Write everything that happens into a file, one event a line; `-` for stdout
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// The form; default: jsonl for a file of that ending, text for any other
    #[arg(long, value_name = "text | jsonl", requires = "trace", hide_possible_values = true)]
    trace_format: Option<TraceForm>,
    /// Events of a node alone: a member (m1), a proxy (p1), a client, `world`; repeatable
    #[arg(long = "node", value_name = "NAME", requires = "trace")]
    pub nodes: Vec<String>,
    /// Events that concern a key alone, or all with a prefix (`key/*`); repeatable
    #[arg(long = "key", value_name = "KEY", value_parser = key_pattern, requires = "trace")]
    pub keys: Vec<KeyPattern>,
    /// Events from this simulated millisecond on
    #[arg(long = "from", value_name = "MS", value_parser = milliseconds, requires = "trace")]
    pub from_ns: Option<u64>,
    /// Events up to this simulated millisecond
    #[arg(long = "to", value_name = "MS", value_parser = milliseconds, requires = "trace")]
    pub to_ns: Option<u64>,
}

impl TraceOptions {
    /// The form of the lines.
    pub fn form(&self) -> Form {
        let is_jsonl = |file: &PathBuf| file.extension().is_some_and(|ending| ending == "jsonl");
        match self.trace_format {
            Some(TraceForm::Text) => Form::Text,
            Some(TraceForm::Jsonl) => Form::JsonLines,
            None if self.trace.as_ref().is_some_and(is_jsonl) => Form::JsonLines,
            None => Form::Text,
        }
    }
}
