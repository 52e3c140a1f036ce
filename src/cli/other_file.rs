//! A file of another kind than a command reads: what it is, and the command for it.

use super::status::Unusable;
use revline_checker::import::{self, Format, Known, Problem};
use std::fmt::Display;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The kind of file that a command reads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Scenario,
    Bundle,
}

/// The error of reading a file, and below it what the file is, if it is something else that revline knows.
pub fn unusable(error: &dyn Display, file: &Path, wanted: Wanted) -> Unusable {
    let place = file.display();
    let told = match beginning(file).map(|beginning| import::detect(&beginning)) {
        Some(Ok(format)) if format != Format::Jsonl => {
            format!("a history: right would be `revline check {place}`")
        }
        Some(Err(Problem::Known(Known::Bundle))) if wanted != Wanted::Bundle => {
            format!("a bundle: right would be `revline replay {place}`, `shrink` or `explain`")
        }
        Some(Err(Problem::Known(Known::Scenario))) if wanted != Wanted::Scenario => {
            format!("a scenario: right would be `revline run {place}`, or `revline replay {place}@SEED`")
        }
        Some(Err(Problem::Known(Known::Sweep))) => {
            "the document of a sweep: right would be a scenario, or the bundle of one of its failing runs"
                .to_owned()
        }
        _ => return Unusable::new(error.to_string()),
    };
    Unusable::new(format!("{error}\n  the file is {told}"))
}

/// Returns true for what begins as a bundle does, whether or not it can be read.
pub fn is_bundle(file: &Path) -> bool {
    let found = beginning(file).map(|beginning| import::detect(&beginning));
    matches!(found, Some(Err(Problem::Known(Known::Bundle))))
}

/// The beginning of a regular file.
fn beginning(file: &Path) -> Option<Vec<u8>> {
    let mut beginning = Vec::new();
    let file = file.is_file().then(|| File::open(file).ok()).flatten()?;
    file.take(import::LOOKED_AT_BYTES).read_to_end(&mut beginning).ok()?;
    Some(beginning)
}
