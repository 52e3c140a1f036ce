//! Reading scenario files.

use super::mismatch::{Mismatch, mismatch};
use super::shape::misplaced_array;
use super::{Impossible, Scenario};
use crate::limited_file;
use crate::placed_json::{self, Misread, head};
use crate::rules::limits;
use revline_store::member::Tuning;
use serde::de::{DeserializeOwned, Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use thiserror::Error;

/// Errors of scenario files.
#[derive(Debug, Error)]
pub enum ScenarioError {
    /// It cannot be read.
    #[error("{}: {error}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// The error of the system.
        error: std::io::Error,
    },
    /// It is not JSON, or not of the form of a scenario.
    #[error("{file}:{line}:{column}: {}{what}", head(field))]
    Malformed {
        /// The file.
        file: String,
        /// The line.
        line: usize,
        /// The column.
        column: usize,
        /// The path of the field; `.` for the whole file.
        field: String,
        /// The message.
        what: String,
    },
    /// It asks for what cannot be.
    #[error("{file}: {impossible}")]
    Impossible {
        /// The file.
        file: String,
        /// The contradiction.
        impossible: Impossible,
    },
}

/// Reads a scenario file.
pub fn read(file: &Path) -> Result<Scenario, ScenarioError> {
    let text = limited_file::read(file, limits::SCENARIO_FILE_BYTES)
        .map_err(|error| ScenarioError::Unreadable { file: file.to_owned(), error })?;
    parse(&text, &file.display().to_string())
}

/// Reads a scenario from text; `file` names it in errors.
pub fn parse(text: &str, file: &str) -> Result<Scenario, ScenarioError> {
    // What is flattened into a scenario is read last, and an error there has no place. So these are read before it.
    from_json::<BTreeMap<FieldName, IgnoredAny>>(text, file)?;
    from_json::<Tuning>(text, file)?;
    let scenario: Scenario = from_json(text, file)?;
    if let Some(field) = misplaced_array(&from_json(text, file)?) {
        let what = "an array where an object is expected: its fields have names".to_owned();
        let impossible = Impossible { field, what };
        return Err(ScenarioError::Impossible { file: file.to_owned(), impossible });
    }
    scenario.check().map_err(|impossible| ScenarioError::Impossible { file: file.to_owned(), impossible })?;
    Ok(scenario)
}

fn from_json<T: DeserializeOwned>(text: &str, file: &str) -> Result<T, ScenarioError> {
    let malformed = |Misread { line, column, field, what }| {
        let file = file.to_owned();
        ScenarioError::Malformed { file, line, column, field, what }
    };
    placed_json::read(text, "scenario").map_err(|misread| malformed(in_words_of_json(misread, text)))
}

/// The same error, with the place and in the words of [`mismatch`] where that knows them better.
fn in_words_of_json(misread: Misread, text: &str) -> Misread {
    const OF_FORM: [&str; 5] =
        ["invalid type", "invalid value", "invalid length", "missing field", "unknown variant"];
    let is_of_form = OF_FORM.iter().any(|kind| misread.what.starts_with(kind));
    let value = serde_json::from_str(text).ok().filter(|_| is_of_form);
    match value.as_ref().and_then(mismatch) {
        // Another place would be another error, with a line of its own.
        Some(Mismatch { field, what })
            if misread.field == "."
                || field.starts_with(&misread.field)
                || misread.field.starts_with(&field) =>
        {
            Misread { field: if field.is_empty() { ".".to_owned() } else { field }, what, ..misread }
        }
        _ => misread,
    }
}

/// The name of a field of a scenario.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct FieldName(String);

impl<'de> Deserialize<'de> for FieldName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let known = SCHEMA["properties"].as_object().into_iter().flatten().map(|(name, _)| name.as_str());
        let known: Vec<&str> = known.collect();
        let name = String::deserialize(deserializer)?;
        if known.contains(&name.as_str()) {
            return Ok(FieldName(name));
        }
        let known = known.join("`, `");
        Err(D::Error::custom(format!("unknown field `{name}`, expected one of `{known}`")))
    }
}

/// The JSON schema of scenario files, made once.
pub(super) static SCHEMA: LazyLock<serde_json::Value> =
    LazyLock::new(|| schemars::schema_for!(Scenario).to_value());

/// The JSON schema of scenario files.
pub fn schema() -> serde_json::Value {
    SCHEMA.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        parse(text, "s.json").expect_err("a bad scenario is refused").to_string()
    }

    #[test]
    fn errors_name_the_place_and_what_would_be_right() {
        let wrong_type = r#"{"name": "x", "about": "y", "members": [3], "workload": {"writers": "two"}}"#;
        assert_eq!(
            error(wrong_type),
            "s.json:1:73: field `workload.writers`: \"two\" where a whole number from 0 to 4294967295 is expected"
        );
        let unknown = "{\n\"name\": \"x\", \"about\": \"y\", \"members\": [3],\n\"wrkload\": {}}";
        let message = error(unknown);
        assert!(message.starts_with("s.json:3:"), "{message}");
        assert!(
            message.contains("field `wrkload`: unknown field `wrkload`, expected one of `about`"),
            "{message}"
        );
        assert!(message.contains("`name`") && message.contains("`quota_bytes`"), "{message}");
        let wrong_tuning = r#"{"name": "x", "quota_bytes": "all", "about": "y", "members": [3]}"#;
        assert_eq!(
            error(wrong_tuning),
            "s.json:1:34: field `quota_bytes`: \"all\" where a whole number from 0 on is expected"
        );
        let missing = error(r#"{"name": "x"}"#);
        assert!(missing.starts_with("s.json:1:13: missing fields `about` (Its purpose"), "{missing}");
        assert!(missing.contains("`members` (The sizes of cluster to try"), "{missing}");
        assert!(error("{\"name\": \"x\"").starts_with("s.json:1:12: EOF"));
        assert!(error("").starts_with("s.json:1:0: "));
    }

    #[test]
    fn the_schema_knows_every_field() {
        let schema = schema();
        for field in
            ["name", "about", "members", "workload", "faults", "network", "guarantees", "quota_bytes"]
        {
            assert!(schema["properties"].get(field).is_some(), "{field}");
        }
    }
}
