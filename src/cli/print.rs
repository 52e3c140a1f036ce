//! Writing to stdout and stderr. A reader that goes away early, as `head` does, is no error.

use super::status::{Status, Unusable};
use revline_reports::terminal::error_head;
use std::fmt::Display;
use std::io::{ErrorKind, Write};

/// Writes text to stdout.
pub fn print(text: &str) -> Result<(), Unusable> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Unusable::new(format!("stdout: {error}"))),
        _ => Ok(()),
    }
}

/// Writes a line to stderr. If that fails, only the exit status says it.
pub fn complain(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Writes an error to stderr.
pub fn complain_of(error: &dyn Display) {
    complain(&format!("{} {error}", error_head()));
}

/// The status of a command whose report was written, or was not: a lost report of what holds is an error; what does not
/// hold stays the status.
pub fn status_after(printed: Result<(), Unusable>, status: Status) -> Result<Status, Unusable> {
    match printed {
        Err(lost) if status != Status::Holds => {
            complain_of(&lost);
            Ok(status)
        }
        printed => printed.map(|()| status),
    }
}
