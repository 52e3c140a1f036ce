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
    /// Write every event into a file, one a line; `-` for stdout
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// `text` or `jsonl`; default: as FILE ends, else text
    #[arg(long, value_name = "FORM", requires = "trace", hide_possible_values = true)]
    trace_format: Option<TraceForm>,
    /// Only events of a node: a member (m1), a client, `world`; repeatable
    #[arg(long = "node", value_name = "NAME", requires = "trace")]
    pub nodes: Vec<String>,
    /// Only events that concern a key, or a prefix (`key/*`); repeatable
    #[arg(long = "key", value_name = "KEY", value_parser = key_pattern, requires = "trace")]
    pub keys: Vec<KeyPattern>,
    /// Only events from this simulated millisecond on
    #[arg(long = "from", value_name = "MS", value_parser = milliseconds, requires = "trace")]
    pub from_ns: Option<u64>,
    /// Only events up to this simulated millisecond
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
