//! Writing to stdout. A reader that goes away early, as `head` does, is no error.

use super::status::Unusable;
use std::io::{ErrorKind, Write};

/// Writes text to stdout.
pub fn print(text: &str) -> Result<(), Unusable> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Unusable::new(format!("stdout: {error}"))),
        _ => Ok(()),
    }
}
