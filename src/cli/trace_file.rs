//! `--trace FILE`: everything that happened, one event a line. The whole file, or none.

use super::status::Unusable;
use revline_sim::trace::Trace;
use std::fs::{self, File};
use std::io::{BufWriter, Result, Write};
use std::path::Path;

/// Writes a trace.
pub fn write(trace: &Trace, file: &Path) -> std::result::Result<(), Unusable> {
    let mut unfinished = file.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unfinished = Path::new(&unfinished);
    let result = write_records(trace, unfinished).and_then(|()| fs::rename(unfinished, file));
    if result.is_err() {
        let _ = fs::remove_file(unfinished);
    }
    result.map_err(|error| Unusable::new(format!("{}: cannot write the trace: {error}", file.display())))
}

fn write_records(trace: &Trace, file: &Path) -> Result<()> {
    let mut writer = BufWriter::new(File::create(file)?);
    for record in trace.records().unwrap_or_default() {
        writeln!(writer, "{}", trace.show(record))?;
    }
    writer.into_inner()?.sync_all()
}
