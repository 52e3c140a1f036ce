//! The details of an event: what its fingerprint stands for.

use revline_store::key_range::KeyRange;
use serde::Serialize;
use std::fmt::Display;
use std::fmt::Write as _;

/// The most bytes of the words of an event.
const MOST_BYTES: usize = 600;

/// The details of an event, in words and in JSON, and the keys that it concerns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Details {
    words: String,
    fields: String,
    keys: Vec<KeyRange>,
    number: Option<u64>,
    began_ns: Option<u64>,
}

impl Details {
    /// Details in these words, on one line.
    pub(crate) fn new(words: impl Display) -> Details {
        let mut details = Details::default();
        details.say(&words.to_string());
        details
    }

    /// Details that are a text.
    pub(crate) fn of_text(text: &str) -> Details {
        Details::new(text).field("text", text)
    }

    /// The details of the end of some work.
    pub(crate) fn begun_at(began_ns: u64) -> Details {
        Details { began_ns: Some(began_ns), ..Details::default() }.field("began_ns", &began_ns)
    }

    /// Adds a field. Its name is part of the contract with readers of traces.
    pub(crate) fn field<T: Serialize + ?Sized>(mut self, name: &str, value: &T) -> Details {
        let value = serde_json::to_string(value).expect("a value of a trace is always JSON");
        let _ = write!(self.fields, ",\"{name}\":{value}");
        self
    }

    /// Adds the number of a call or a stream, which stands before the words, too.
    pub(crate) fn numbered(self, name: &str, number: u64) -> Details {
        let said = name.replace('_', " ");
        let words = if self.words.is_empty() {
            format!("{said} {number}")
        } else {
            format!("{said} {number}: {}", self.words)
        };
        Details { words, number: Some(number), ..self }.field(name, &number)
    }

    /// Adds a list of what has details of its own.
    pub(crate) fn with_list<'d>(
        mut self,
        name: &str,
        list: impl Iterator<Item = &'d Details> + Clone,
    ) -> Details {
        if list.clone().next().is_some() {
            let objects: Vec<String> =
                list.map(|one| format!("{{{}}}", one.fields.trim_start_matches(','))).collect();
            let _ = write!(self.fields, ",\"{name}\":[{}]", objects.join(","));
        }
        self
    }

    /// Adds keys that it concerns.
    pub(crate) fn of_keys(mut self, keys: impl IntoIterator<Item = KeyRange>) -> Details {
        self.keys.extend(keys);
        self
    }

    /// The words: one line, of some hundred bytes at most.
    pub fn words(&self) -> &str {
        &self.words
    }

    /// The fields as members of a JSON object, each with a comma before it; values in full.
    pub fn fields(&self) -> &str {
        &self.fields
    }

    /// The keys and the ranges of keys that it concerns.
    pub fn keys(&self) -> &[KeyRange] {
        &self.keys
    }

    /// The number of the call, or of the stream of watches or leaders, whose frame it is on its connection.
    pub fn number(&self) -> Option<u64> {
        self.number
    }

    /// The time at which the work began that the event ends, in nanoseconds.
    pub fn began_ns(&self) -> Option<u64> {
        self.began_ns
    }

    fn say(&mut self, words: &str) {
        let end = words.floor_char_boundary(MOST_BYTES);
        for character in words[..end].chars() {
            // A line stays one, and a terminal as it is.
            if character.is_control() {
                self.words.extend(character.escape_default());
            } else {
                self.words.push(character);
            }
        }
        if end < words.len() {
            let _ = write!(self.words, "... ({} bytes in all)", words.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_one_line_that_ends() {
        assert_eq!(Details::new("a\nb\u{1b}[31m").words(), "a\\nb\\u{1b}[31m");
        let long = Details::new("ä".repeat(1_000));
        assert_eq!(long.words(), format!("{}... (2000 bytes in all)", "ä".repeat(MOST_BYTES / 2)));
    }

    #[test]
    fn fields_follow_others() {
        let details = Details::new("").field("call", &3).field("key", "a\"");
        assert_eq!(details.fields(), r#","call":3,"key":"a\"""#);
    }
}
