//! `--trace FILE`: everything that happened, one event a line. The whole file, or none.

use super::interrupt::Interrupt;
use super::status::Unusable;
use revline_scenarios::whole_file;
use revline_sim::trace::Trace;
use std::io::{ErrorKind, Result, Write};
use std::path::Path;

/// Writes a trace, unless the command is interrupted.
pub fn write(trace: &Trace, file: &Path, interrupt: &Interrupt) -> std::result::Result<(), Unusable> {
    whole_file::write(file, |out| write_records(trace, out, interrupt))
        .map_err(|error| Unusable::new(format!("{}: cannot write the trace: {error}", file.display())))
}

fn write_records(trace: &Trace, out: &mut dyn Write, interrupt: &Interrupt) -> Result<()> {
    for record in trace.records().unwrap_or_default() {
        if interrupt.came() {
            return Err(ErrorKind::Interrupted.into());
        }
        writeln!(out, "{record}")?;
    }
    Ok(())
}
