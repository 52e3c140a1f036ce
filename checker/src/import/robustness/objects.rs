//! JSON objects one after the other, in bounded memory, with the line each begins on.

use super::super::error::{ImportError, Problem};
use super::super::fields::Fields;
use serde::de::DeserializeOwned;
use std::io::BufRead;

/// The longest object that is read: a watch of some hundred thousand events fits.
pub(super) const LONGEST_OBJECT_BYTES: usize = 64 << 20;

/// Reads objects and knows where it is.
pub(super) struct Objects<'a, R> {
    reader: R,
    name: &'a str,
    /// The line that the next byte is on.
    line: u64,
    /// The line on which the last object begins.
    begins: u64,
    object: Vec<u8>,
}

/// The state of the scan in the text of an object.
#[derive(Default)]
struct Scan {
    depth: u64,
    in_text: bool,
    escaped: bool,
}

impl Scan {
    /// Takes one byte of an object; says whether the object ends with it.
    fn ends_with(&mut self, byte: u8) -> bool {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' if self.in_text => self.escaped = true,
            b'"' => self.in_text = !self.in_text,
            _ if self.in_text => {}
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            _ => {}
        }
        false
    }
}

impl<'a, R: BufRead> Objects<'a, R> {
    pub fn new(reader: R, name: &'a str) -> Self {
        Objects { reader, name, line: 1, begins: 1, object: Vec::new() }
    }

    /// The next object, with the line it begins on. `None` after the last.
    pub fn next<T: DeserializeOwned>(
        &mut self,
        fields: &mut Fields,
    ) -> Result<Option<(u64, T)>, ImportError> {
        if !self.fill()? {
            return Ok(None);
        }
        match fields.read(&self.object) {
            Ok(object) => Ok(Some((self.begins, object))),
            Err((line, problem)) => Err(self.error(self.begins + line - 1, problem)),
        }
    }

    /// Reads the bytes of the next object; `false` at the end.
    fn fill(&mut self) -> Result<bool, ImportError> {
        self.object.clear();
        let mut scan = Scan::default();
        loop {
            let chunk = match self.reader.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) => return Err(self.error(self.line, error.into())),
            };
            if chunk.is_empty() {
                let cut = !self.object.is_empty();
                return if cut { Err(self.error(self.begins, Problem::CutObject)) } else { Ok(false) };
            }
            let mut taken = 0;
            let mut problem = None;
            let mut whole = false;
            for &byte in chunk {
                if self.object.is_empty() && byte.is_ascii_whitespace() {
                    taken += 1;
                    self.line += u64::from(byte == b'\n');
                    continue;
                }
                if self.object.is_empty() {
                    self.begins = self.line;
                    if byte != b'{' {
                        let found = String::from_utf8_lossy(&chunk[taken..]);
                        problem = Some(Problem::syntax("one JSON object after the other", &found));
                        break;
                    }
                }
                if self.object.len() == LONGEST_OBJECT_BYTES {
                    problem = Some(Problem::LongObject { limit: LONGEST_OBJECT_BYTES });
                    break;
                }
                taken += 1;
                self.line += u64::from(byte == b'\n');
                self.object.push(byte);
                whole = scan.ends_with(byte);
                if whole {
                    break;
                }
            }
            self.reader.consume(taken);
            match problem {
                Some(problem) => return Err(self.error(self.begins, problem)),
                None if whole => return Ok(true),
                None => {}
            }
        }
    }

    /// A problem at a line.
    pub fn error(&self, line: u64, problem: Problem) -> ImportError {
        ImportError { name: self.name.into(), line, problem }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufReader, Read};

    fn read(text: &[u8]) -> Result<Vec<(u64, Vec<String>)>, String> {
        let mut found = Vec::new();
        // A small buffer, so that objects lie across its ends.
        let mut objects = Objects::new(BufReader::with_capacity(5, text), "f");
        loop {
            match objects.next::<std::collections::BTreeMap<String, Vec<String>>>(&mut Fields::default()) {
                Ok(Some((line, object))) => found.push((line, object.into_values().flatten().collect())),
                Ok(None) => return Ok(found),
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    #[test]
    fn objects_are_told_apart_wherever_lines_end() {
        let text = b"{\"a\":[\"}{\\\"\"]}{\"b\":[]}\n\n{\n \"c\": [\"1\",\n\"2\"]\n}\n {\"d\":[\"[\"]}";
        let found = read(text).unwrap();
        let expected =
            [(1, vec!["}{\"".into()]), (1, vec![]), (3, vec!["1".into(), "2".into()]), (7, vec!["[".into()])];
        assert_eq!(found, expected);
        assert_eq!(read(b" \n").unwrap(), []);
    }

    #[test]
    fn what_is_no_object_is_refused_with_its_line() {
        for (text, expected) in [
            (&b"{\"a\":[]}\n[1]"[..], "f:2: expected one JSON object after the other, found `["),
            (b"\n{\"a\":[]", "f:2: the JSON object is cut off"),
            (b"{\"a\":[]}\n{\"a\":\n[1]}", "f:3: not what is expected here: `a[0]`: invalid type"),
            (b"{\"a\":[}]}", "f:1: not what is expected here: expected value"),
            (b"{\"a\":[]}}", "f:1: expected one JSON object after the other, found `}`"),
        ] {
            let message = read(text).unwrap_err();
            assert!(message.starts_with(expected), "{message}");
        }
    }

    #[test]
    fn an_endless_object_is_refused_before_memory_is() {
        let endless = BufReader::new((&b"{\"a\":\""[..]).chain(std::io::repeat(b'x')));
        let error = Objects::new(endless, "f").next::<serde_json::Value>(&mut Fields::default()).unwrap_err();
        assert!(matches!(error.problem, Problem::LongObject { .. }), "{error}");
        assert_eq!(error.line, 1);
    }
}
