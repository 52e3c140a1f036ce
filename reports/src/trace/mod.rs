//! The trace of a run, for people and for programs: one event a line, all of them or those that a filter lets through.

mod exchanges;
mod filter;
mod key_pattern;

pub use filter::{Filter, UnknownNode};
pub use key_pattern::{BadKeyPattern, KeyPattern};

use revline_sim::trace::Trace;
use std::io::{Error, ErrorKind, Result, Write};

/// The form of the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Words: time in milliseconds, node, event.
    Text,
    /// A JSON object: `at_ns`, `node`, `event`, and the fields of the event.
    JsonLines,
}

/// Writes the events of a trace that a filter lets through. `stop` is asked between them.
///
/// # Errors
/// That of `out`, and [`ErrorKind::Interrupted`] once `stop` says so.
pub fn write(
    trace: &Trace,
    filter: &Filter,
    form: Form,
    out: &mut dyn Write,
    stop: impl Fn() -> bool,
) -> Result<()> {
    let mut chosen = filter.choose(trace);
    for (at, record) in trace.records().unwrap_or_default().iter().enumerate() {
        if stop() {
            return Err(Error::from(ErrorKind::Interrupted));
        }
        if !chosen.lets_through(at, record) {
            continue;
        }
        match form {
            Form::Text => writeln!(out, "{}", trace.tell(at, record))?,
            Form::JsonLines => writeln!(out, "{}", trace.json(at, record))?,
        }
    }
    Ok(())
}
