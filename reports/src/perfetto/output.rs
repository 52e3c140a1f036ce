//! Events of the format, written one after the other.

use super::flows::End;
use serde_json::Value;
use std::io::{Result, Write};

/// A track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub process: u32,
    pub thread: u32,
}

/// The kind of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Begin,
    End,
    Instant,
}

/// A slice, or an edge of one.
pub(super) struct Slice<'a> {
    pub name: &'a str,
    pub from_ns: u64,
    pub to_ns: u64,
    /// Its words.
    pub what: &'a str,
    /// Further arguments: members of a JSON object, each with a comma before it.
    pub fields: &'a str,
}

impl<'a> Slice<'a> {
    /// A slice, or an edge of one, at a moment.
    pub fn at(at_ns: u64, name: &'a str, what: &'a str, fields: &'a str) -> Slice<'a> {
        Slice { name, from_ns: at_ns, to_ns: at_ns, what, fields }
    }
}

/// The file.
pub(super) struct Output<'a> {
    out: &'a mut dyn Write,
    is_first: bool,
}

impl<'a> Output<'a> {
    /// Begins the file of a run.
    pub fn begin(out: &'a mut dyn Write, title: &str) -> Result<Output<'a>> {
        let title = Value::from(title);
        write!(out, "{{\"displayTimeUnit\":\"ns\",\"otherData\":{{\"run\":{title}}},\"traceEvents\":[")?;
        Ok(Output { out, is_first: true })
    }

    /// Names a process or a thread, and gives it its place among the others.
    pub fn name(&mut self, place: Place, kind: &str, name: &str, sort: u64) -> Result<()> {
        let Place { process, thread } = place;
        let name = Value::from(name);
        let head = format!("\"ph\":\"M\",\"pid\":{process},\"tid\":{thread}");
        self.line()?;
        write!(self.out, "{{{head},\"name\":\"{kind}_name\",\"args\":{{\"name\":{name}}}}}")?;
        self.line()?;
        write!(self.out, "{{{head},\"name\":\"{kind}_sort_index\",\"args\":{{\"sort_index\":{sort}}}}}")
    }

    /// A slice from its beginning to its end, perhaps an end of a flow.
    pub fn complete(&mut self, place: Place, slice: Slice<'_>, flow: Option<End>) -> Result<()> {
        self.head("X", place, &slice)?;
        write!(self.out, ",\"dur\":{}", Micros(slice.to_ns - slice.from_ns))?;
        if let Some(End { id, is_out }) = flow {
            let way = if is_out { "flow_out" } else { "flow_in" };
            write!(self.out, ",\"bind_id\":\"{id:#x}\",\"{way}\":true")?;
        }
        // A flow has the arguments of both its ends.
        let name = if flow.is_some_and(|end| !end.is_out) { "received" } else { "what" };
        self.arguments(name, &slice)
    }

    /// An edge of a slice, or an instant.
    pub fn edge(&mut self, phase: Phase, place: Place, slice: Slice<'_>) -> Result<()> {
        match phase {
            Phase::Begin => self.head("B", place, &slice)?,
            Phase::End => self.head("E", place, &slice)?,
            Phase::Instant => {
                self.head("i", place, &slice)?;
                self.out.write_all(b",\"s\":\"p\"")?;
            }
        }
        // A slice has the arguments of both edges: no name may be in both.
        self.arguments(if phase == Phase::End { "answer" } else { "what" }, &slice)
    }

    /// A counter of a process has another value.
    pub fn counter(&mut self, place: Place, at_ns: u64, name: &str, value: i64) -> Result<()> {
        let at = Micros(at_ns);
        self.line()?;
        write!(
            self.out,
            "{{\"ph\":\"C\",\"pid\":{},\"tid\":0,\"ts\":{at},\"name\":\"{name}\",\"args\":{{\"value\":{value}}}}}",
            place.process
        )
    }

    /// Ends the file.
    pub fn end(self) -> Result<()> {
        self.out.write_all(b"\n]}\n")
    }

    /// Begins the line of an event.
    fn line(&mut self) -> Result<()> {
        let apart: &[u8] = if std::mem::take(&mut self.is_first) { b"\n" } else { b",\n" };
        self.out.write_all(apart)
    }

    fn head(&mut self, phase: &str, place: Place, slice: &Slice<'_>) -> Result<()> {
        let Place { process, thread } = place;
        let at = Micros(slice.from_ns);
        self.line()?;
        write!(self.out, "{{\"ph\":\"{phase}\",\"pid\":{process},\"tid\":{thread},\"ts\":{at}")?;
        if slice.name.is_empty() { Ok(()) } else { write!(self.out, ",\"name\":{}", Value::from(slice.name)) }
    }

    fn arguments(&mut self, name: &str, slice: &Slice<'_>) -> Result<()> {
        match (slice.what, slice.fields.trim_start_matches(',')) {
            ("", "") => write!(self.out, "}}"),
            ("", fields) => write!(self.out, ",\"args\":{{{fields}}}}}"),
            (what, _) => write!(self.out, ",\"args\":{{\"{name}\":{}{}}}}}", Value::from(what), slice.fields),
        }
    }
}

/// A time in microseconds, to the nanosecond.
struct Micros(u64);

impl std::fmt::Display for Micros {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1_000, self.0 % 1_000)
    }
}
