//! JSON read with the place of what is wrong in it.

use serde::de::DeserializeOwned;

/// The first thing that is wrong in a text.
#[derive(Debug)]
pub struct Misread {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
    /// The path of the field; `.` for the whole text.
    pub field: String,
    /// The message.
    pub what: String,
}

/// The head of a message on a field; nothing where that is the whole text.
pub fn head(field: &str) -> String {
    // The path ends with `?` where what follows is no JSON.
    match field.trim_end_matches('?').trim_end_matches('.') {
        "" => String::new(),
        field => format!("field `{field}`: "),
    }
}

/// Reads the one value that a text holds, and nothing else. `name` is that of the value, for messages.
pub fn read<T: DeserializeOwned>(text: &str, name: &str) -> Result<T, Misread> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let (line, column) = (error.inner().line(), error.inner().column());
        let what = error.inner().to_string();
        let what = what.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&what);
        Misread { line, column, field: error.path().to_string(), what: what.to_owned() }
    })?;
    json.end().map_err(|error| Misread {
        line: error.line(),
        column: error.column(),
        field: ".".to_owned(),
        what: format!("something follows the {name}"),
    })?;
    Ok(value)
}
