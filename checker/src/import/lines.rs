//! The lines of a log, in bounded memory.

use super::error::{ImportError, Problem};
use std::io::{BufRead, Read};

/// The longest line that is read. A value that was appended to for hours fits.
pub(super) const LONGEST_LINE_BYTES: usize = 16 << 20;

/// Reads a log line by line and knows where it is.
pub(super) struct Lines<'a, R> {
    reader: R,
    name: &'a str,
    number: u64,
    line: Vec<u8>,
}

impl<'a, R: BufRead> Lines<'a, R> {
    pub fn new(reader: R, name: &'a str) -> Self {
        Lines { reader, name, number: 0, line: Vec::new() }
    }

    /// The next line that is not blank, with its number, without its end. `None` after the last.
    pub fn next(&mut self) -> Result<Option<(u64, &str)>, ImportError> {
        loop {
            self.line.clear();
            self.number += 1;
            let limit = LONGEST_LINE_BYTES as u64 + 1;
            let read = self.reader.by_ref().take(limit).read_until(b'\n', &mut self.line);
            match read {
                Err(error) => return Err(self.error(error.into())),
                Ok(0) => return Ok(None),
                Ok(_) if self.line.len() > LONGEST_LINE_BYTES => {
                    return Err(self.error(Problem::LongLine { limit: LONGEST_LINE_BYTES }));
                }
                Ok(_) if self.line.trim_ascii().is_empty() => {}
                Ok(_) => break,
            }
        }
        match std::str::from_utf8(&self.line) {
            Ok(line) => Ok(Some((self.number, line.trim_ascii()))),
            Err(error) => Err(self.error(Problem::NotText { at: error.valid_up_to() + 1 })),
        }
    }

    /// A problem with the line read last.
    pub fn error(&self, problem: Problem) -> ImportError {
        ImportError { name: self.name.into(), line: self.number, problem }
    }

    /// A problem with the log as a whole.
    pub(crate) fn error_of_all(&self, problem: Problem) -> ImportError {
        ImportError { name: self.name.into(), line: 0, problem }
    }
}
