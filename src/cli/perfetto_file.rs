//! `--perfetto FILE`: the run as a timeline for ui.perfetto.dev. The whole file, or none.

use super::interrupt::Interrupt;
use super::status::Unusable;
use revline_reports::perfetto;
use revline_scenarios::whole_file;
use revline_sim::trace::Trace;
use std::path::Path;

/// Writes the timeline of a run, under its name, unless the command is interrupted.
pub fn write(trace: &Trace, name: &str, file: &Path, interrupt: &Interrupt) -> Result<(), Unusable> {
    whole_file::write(file, |out| perfetto::write(trace, name, out, || interrupt.came()))
        .map_err(|error| Unusable::new(format!("{}: cannot write the timeline: {error}", file.display())))
}
