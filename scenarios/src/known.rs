//! Known failures: violations that somebody looked at, with the reason why they may stay for now.

use crate::limited_file;
use crate::placed_json::{self, Misread, head};
use crate::rules::limits;
use revline_checker::guarantee::GUARANTEES;
use revline_checker::verdict::Fingerprint;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Violations that are known, by fingerprint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownFailures(Vec<KnownFailure>);

/// A violation that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownFailure {
    /// The guarantee and the kind of its evidence, as in `linearizable/stale-read`.
    pub fingerprint: String,
    /// Why it may stay: the report that tells of it, or the version that mends it.
    pub reason: String,
    /// The day on which it was looked at, as in `2026-11-30`.
    pub date: String,
}

/// Errors of files with known failures.
#[derive(Debug, Error)]
pub enum KnownError {
    /// It cannot be read.
    #[error("{}: {error}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// The error of the system.
        error: std::io::Error,
    },
    /// It is not of this form.
    #[error("{}:{line}:{column}: {}{what}", file.display(), head(field))]
    Malformed {
        /// The file.
        file: PathBuf,
        /// The line.
        line: usize,
        /// The column.
        column: usize,
        /// The path of the field.
        field: String,
        /// The message.
        what: String,
    },
    /// An entry says what cannot be.
    #[error("{}: field `[{at}].{field}`: {what}", file.display())]
    Impossible {
        /// The file.
        file: PathBuf,
        /// The position of the entry.
        at: usize,
        /// The field.
        field: &'static str,
        /// The message.
        what: String,
    },
}

impl KnownFailures {
    /// Reads a file: a list of entries.
    pub fn read(file: &Path) -> Result<KnownFailures, KnownError> {
        let text = limited_file::read(file, limits::SCENARIO_FILE_BYTES)
            .map_err(|error| KnownError::File { file: file.to_owned(), error })?;
        KnownFailures::parse(&text, file)
    }

    fn parse(text: &str, file: &Path) -> Result<KnownFailures, KnownError> {
        let malformed = |Misread { line, column, field, what }| {
            let file = file.to_owned();
            KnownError::Malformed { file, line, column, field, what }
        };
        let entries: Vec<KnownFailure> = placed_json::read(text, "list").map_err(malformed)?;
        for (at, entry) in entries.iter().enumerate() {
            let first = entries[..at].iter().position(|other| other.fingerprint == entry.fingerprint);
            let twice =
                first.map(|first| ("fingerprint", format!("is that of entry {first}, too: leave one out")));
            if let Some((field, what)) = entry.objection().or(twice) {
                return Err(KnownError::Impossible { file: file.to_owned(), at, field, what });
            }
        }
        Ok(KnownFailures(entries))
    }

    /// The entry of a violation, if it is known.
    pub fn of(&self, violation: &Fingerprint) -> Option<&KnownFailure> {
        let text = violation.to_string();
        self.0.iter().find(|known| known.fingerprint == text)
    }
}

impl KnownFailure {
    /// The first field that is wrong, and why.
    fn objection(&self) -> Option<(&'static str, String)> {
        let guarantee = self.fingerprint.split_once('/').filter(|(_, kind)| !kind.is_empty());
        let Some((guarantee, _)) = guarantee else {
            let what = format!(
                "`{}` is no fingerprint: expected GUARANTEE/KIND, as in `linearizable/stale-read`",
                self.fingerprint
            );
            return Some(("fingerprint", what));
        };
        if GUARANTEES.iter().all(|own| own.name != guarantee) {
            return Some((
                "fingerprint",
                format!("there is no guarantee `{guarantee}`: see `revline list guarantees`"),
            ));
        }
        if self.reason.trim().is_empty() {
            return Some(("reason", "empty: say why it may stay".to_owned()));
        }
        if self.reason.chars().any(char::is_control) {
            return Some(("reason", "has a control character: write it in one line of text".to_owned()));
        }
        (!is_date(&self.date))
            .then(|| ("date", format!("`{}` is no day: expected YYYY-MM-DD, as in 2026-11-30", self.date)))
    }
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let number = |part: &str, digits: usize| {
        (part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<u32>().ok())
            .flatten()
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else {
        return false;
    };
    let is_leap_year = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(is_leap_year),
        _ => 0,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<KnownFailures, String> {
        KnownFailures::parse(text, Path::new("known.json")).map_err(|error| error.to_string())
    }

    #[test]
    fn an_entry_is_found_by_its_fingerprint() {
        let known = parsed(
            r#"[{"fingerprint": "durable/lost-write", "reason": "mended in 2.0", "date": "2026-02-01"}]"#,
        )
        .unwrap();
        let of = |guarantee: &str, kind: &str| {
            known.of(&Fingerprint { guarantee: guarantee.to_owned(), kind: kind.to_owned() }).is_some()
        };
        assert!(
            of("durable", "lost-write") && !of("durable", "rollback") && !of("linearizable", "lost-write")
        );
        assert_eq!(parsed("[]").unwrap(), KnownFailures::default());
    }

    #[test]
    fn what_is_no_list_of_entries_is_refused_with_its_place() {
        for (text, said) in [
            ("{}", "known.json:1:"),
            ("[{\"fingerprint\": \"durable/x\", \"reason\": \"y\"}]", "missing field `date`"),
            (
                r#"[{"fingerprint": "durable/x", "reason": "y", "date": "2026-01-01", "who": "z"}]"#,
                "unknown field `who`",
            ),
            (
                r#"[{"fingerprint": "durable", "reason": "y", "date": "2026-01-01"}]"#,
                "`[0].fingerprint`: `durable` is no",
            ),
            (
                r#"[{"fingerprint": "duralbe/x", "reason": "y", "date": "2026-01-01"}]"#,
                "no guarantee `duralbe`",
            ),
            (r#"[{"fingerprint": "durable/x", "reason": " ", "date": "2026-01-01"}]"#, "`[0].reason`"),
            (
                r#"[{"fingerprint": "durable/x", "reason": "y", "date": "2026-13-01"}]"#,
                "`2026-13-01` is no day",
            ),
            (r#"[{"fingerprint": "durable/x", "reason": "y", "date": "yesterday"}]"#, "YYYY-MM-DD"),
            (r#"[{"fingerprint": "durable/x", "reason": "y", "date": "2026-02-29"}]"#, "YYYY-MM-DD"),
            (
                r#"[{"fingerprint": "durable/x", "reason": "y\nz", "date": "2026-02-28"}]"#,
                "control character",
            ),
        ] {
            let error = parsed(text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
