//! Reading scenario files.

use super::{Impossible, Scenario};
use crate::limited_file;
use crate::rules::limits;
use std::path::{Path, PathBuf};
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
    #[error("{file}:{line}:{column}: field `{field}`: {what}")]
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
    let mut json = serde_json::Deserializer::from_str(text);
    let scenario: Scenario = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let field = error.path().to_string();
        let inner = error.inner();
        let what = inner.to_string();
        let position = format!(" at line {} column {}", inner.line(), inner.column());
        ScenarioError::Malformed {
            file: file.to_owned(),
            line: inner.line(),
            column: inner.column(),
            field,
            what: what.strip_suffix(&position).unwrap_or(&what).to_owned(),
        }
    })?;
    json.end().map_err(|error| ScenarioError::Malformed {
        file: file.to_owned(),
        line: error.line(),
        column: error.column(),
        field: ".".to_owned(),
        what: "something follows the scenario".to_owned(),
    })?;
    scenario.check().map_err(|impossible| ScenarioError::Impossible { file: file.to_owned(), impossible })?;
    Ok(scenario)
}

/// The JSON schema of scenario files.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Scenario).to_value()
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
            "s.json:1:73: field `workload.writers`: invalid type: string \"two\", expected u32"
        );
        let unknown = "{\n\"name\": \"x\", \"about\": \"y\", \"members\": [3],\n\"wrkload\": {}}";
        let message = error(unknown);
        assert!(message.starts_with("s.json:3:"), "{message}");
        assert!(message.contains("unknown field `wrkload`, expected one of `name`"), "{message}");
        assert!(error("{\"name\": \"x\"").starts_with("s.json:1:12: "));
        assert!(error("").starts_with("s.json:1:0: "));
    }

    #[test]
    fn the_schema_knows_every_field() {
        let schema = schema();
        for field in ["name", "about", "members", "workload", "faults", "network", "guarantees"] {
            assert!(schema["properties"].get(field).is_some(), "{field}");
        }
    }
}
