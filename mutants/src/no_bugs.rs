//! The mutants that were read and found to be no bugs, with the reasons.

use crate::Failure;
use crate::mutant::Identity;
use crate::sample::counted;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// A line of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    file: String,
    original: String,
    mutated: String,
    /// The number among those of the file that read alike.
    #[serde(default = "first")]
    nth: u64,
    why: String,
}

fn first() -> u64 {
    1
}

/// The reasons why some mutants are no bugs, by their numbers.
pub struct NoBugs(BTreeMap<usize, String>);

impl NoBugs {
    /// Reads the file of reasons, a JSON object for each line.
    ///
    /// # Errors
    ///
    /// A line that is not one, gives no reason, or is about none of these mutants: the source has changed, and it has to be
    /// read again.
    pub fn read<'a>(
        file: &Path,
        all: impl Iterator<Item = (usize, &'a Identity)>,
    ) -> Result<NoBugs, Failure> {
        let text = crate::workshop::read(file)?;
        let numbers: BTreeMap<_, _> = counted(all)
            .map(|(number, Identity { file, original, mutated, .. }, nth)| {
                ((file.as_str(), original.as_str(), mutated.as_str(), nth), number)
            })
            .collect();
        let reason = |(position, line): (usize, &str)| {
            let at = |why: &dyn std::fmt::Display| {
                Failure::at(format!("{}:{}", file.display(), position + 1), why)
            };
            let line: Line = serde_json::from_str(line).map_err(|error| at(&error))?;
            if line.why.trim().is_empty() {
                return Err(at(&"`why` is empty: give the reason why nobody could see this mutant"));
            }
            let Line { file, original, mutated, nth, why } = line;
            match numbers.get(&(file.as_str(), original.as_str(), mutated.as_str(), nth)) {
                Some(number) => Ok((*number, why)),
                None => Err(at(&format!(
                    "no mutant number {nth} of {file} makes `{mutated}` of `{original}`: take the line out, or name the one it is now"
                ))),
            }
        };
        text.lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
            .map(reason)
            .collect::<Result<_, _>>()
            .map(NoBugs)
    }

    /// The reason why this mutant is no bug, if it is none.
    pub fn why(&self, number: usize) -> Option<&str> {
        self.0.get(&number).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::NoBugs;
    use crate::mutant::{Identity, Kind};

    fn read(name: &str, text: &str) -> Result<NoBugs, String> {
        let mutant = |line| Identity {
            file: "a.rs".to_owned(),
            line,
            column: 1,
            kind: Kind::Operator,
            original: "a < b".to_owned(),
            mutated: "a <= b".to_owned(),
        };
        let all = [mutant(3), mutant(7)];
        let file = std::env::temp_dir().join(format!("revline-no-bugs-{}-{name}", std::process::id()));
        std::fs::write(&file, text).expect("a file for the test");
        let read = NoBugs::read(&file, all.iter().enumerate());
        std::fs::remove_file(&file).expect("the file of the test");
        read.map_err(|error| error.to_string())
    }

    #[test]
    fn a_reason_is_that_of_one_among_those_alike() {
        let text =
            r#"{"file": "a.rs", "original": "a < b", "mutated": "a <= b", "nth": 2, "why": "never equal"}"#;
        let no_bugs = read("nth", text).expect("one line");
        assert_eq!((no_bugs.why(0), no_bugs.why(1)), (None, Some("never equal")));
    }

    #[test]
    fn a_line_about_no_mutant_is_an_error() {
        let stale = r#"{"file": "a.rs", "original": "a < b", "mutated": "a == b", "why": "never equal"}"#;
        assert!(read("stale", stale).is_err_and(|error| error.contains(":1: no mutant number 1 of a.rs")));
        let empty = r#"{"file": "a.rs", "original": "a < b", "mutated": "a <= b", "why": " "}"#;
        assert!(read("empty", empty).is_err_and(|error| error.contains("`why` is empty")));
    }
}
