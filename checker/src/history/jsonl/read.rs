//! Reading a history line by line.

use super::error::{Problem, ReadError, Shape};
use super::validate::Validator;
use super::{Assembly, FORMAT, LINE_BYTES_MAX, Line, NamespaceLine, Record, VERSION};
use crate::history::History;
use serde_json::error::Category;
use std::io::{BufRead, Read};

/// Reads the records of a history one by one, holding no more than a line.
pub struct Reader<R> {
    input: R,
    file: String,
    line: u64,
    limit_bytes: usize,
    begun: bool,
    is_of_new_store: bool,
    failed: bool,
    buffer: Vec<u8>,
}

/// Reads a whole history and looks whether it makes sense. `file` names it in errors.
pub fn read(file: &str, input: impl BufRead) -> Result<History, ReadError> {
    let mut assembly = Assembly::default();
    let mut validator = Validator::default();
    let mut reader = Reader::new(file, input);
    while let Some(record) = reader.next() {
        let record = record?;
        validator.note(&record, reader.line).map_err(|problem| reader.error(problem))?;
        assembly.add(record);
    }
    validator.finish().map_err(|(line, problem)| ReadError { file: file.to_owned(), line, problem })?;
    Ok(History { is_of_new_store: reader.is_of_new_store, ..assembly.finish() })
}

impl<R: BufRead> Reader<R> {
    /// A reader of `input`; `file` names it in errors.
    pub fn new(file: &str, input: R) -> Self {
        Reader {
            input,
            file: file.to_owned(),
            line: 0,
            limit_bytes: LINE_BYTES_MAX,
            begun: false,
            is_of_new_store: false,
            failed: false,
            buffer: Vec::new(),
        }
    }

    /// The number of the line last read, counting from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    pub(super) fn error(&self, problem: Problem) -> ReadError {
        ReadError { file: self.file.clone(), line: self.line, problem }
    }

    /// Reads the next line that is not blank; `false` at the end.
    fn fill(&mut self) -> Result<bool, Problem> {
        loop {
            self.buffer.clear();
            self.line += 1;
            let mut limited = self.input.by_ref().take(self.limit_bytes as u64 + 1);
            if limited.read_until(b'\n', &mut self.buffer)? == 0 {
                return Ok(false);
            }
            if self.buffer.len() > self.limit_bytes && self.buffer.last() != Some(&b'\n') {
                return Err(Problem::TooLong { limit_bytes: self.limit_bytes });
            }
            if !self.buffer.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }

    fn parse(&self) -> Result<Line, Problem> {
        serde_json::from_slice(&self.buffer).map_err(|error| match error.classify() {
            Category::Eof => Problem::Cut { column: error.column() },
            Category::Syntax => Problem::Syntax(error),
            Category::Data | Category::Io => Problem::Shape(Shape(error)),
        })
    }

    fn record(&mut self) -> Result<Option<Record>, Problem> {
        while self.fill()? {
            let line = self.parse()?;
            if !self.begun && !matches!(line, Line::Header(_)) {
                return Err(Problem::NoHeader);
            }
            return Ok(Some(match line {
                Line::Header(_) if self.begun => return Err(Problem::SecondHeader),
                Line::Header(header) if header.format != FORMAT || header.version != VERSION => {
                    return Err(Problem::Version { format: header.format, version: header.version });
                }
                Line::Header(header) => {
                    self.begun = true;
                    self.is_of_new_store = header.new_store;
                    continue;
                }
                Line::Op(operation) => Record::Operation(operation),
                Line::Watch(watch) => Record::Watch(watch),
                Line::Frame(frame) => frame.into(),
                Line::WatchEnd(end) => end.into(),
                Line::Hold(hold) => Record::Hold(hold),
                Line::Observer(observer) => Record::Observer(observer),
                Line::Admin(call) => Record::Admin(call),
                Line::Namespace(NamespaceLine { client, prefix }) => Record::Namespace { client, prefix },
                Line::Observation(observation) => Record::Observation(observation),
            }));
        }
        if self.begun { Ok(None) } else { Err(Problem::NoHeader) }
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Record, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let record = self.record().map_err(|problem| self.error(problem)).transpose();
        self.failed = matches!(record, Some(Err(_)));
        record
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "{\"kind\":\"header\",\"format\":\"revline-history\",\"version\":1}\n";

    fn failure(lines: &str) -> String {
        read("h.jsonl", format!("{HEADER}{lines}").as_bytes()).unwrap_err().to_string()
    }

    fn op(client: u32, invoke: i64, rest: &str) -> String {
        format!(
            "{{\"kind\":\"op\",\"client\":{client},\"invoke_ns\":{invoke},\"request\":{{\"put\":{{\"key\":\"a\",\"value\":\"1\"}}}}{rest}}}\n"
        )
    }

    fn namespace(prefix: &str) -> String {
        format!("{{\"kind\":\"namespace\",\"client\":3,\"prefix\":\"{prefix}\"}}\n")
    }

    const UNKNOWN: &str = ",\"return_ns\":20,\"outcome\":{\"unknown\":\"timeout\"}";

    #[test]
    fn blank_lines_do_no_harm() {
        let history = read("h", format!("\n{HEADER}\n{}\n\n", op(0, 10, UNKNOWN)).as_bytes()).unwrap();
        assert_eq!(history.operations.len(), 1);
    }

    #[test]
    fn every_error_names_the_place_and_what_would_be_right() {
        for (lines, expected) in [
            (op(0, 30, UNKNOWN), "h.jsonl:2: return_ns 20 is before invoke_ns 30"),
            (
                op(0, 10, UNKNOWN) + &op(0, 15, UNKNOWN),
                "h.jsonl:3: client 0 has another operation open (from line 2)",
            ),
            (op(0, -1, UNKNOWN), "times, ids and terms are never negative"),
            (op(0, 1, ",\"outcome\":{\"unknown\":\"\"}") + &op(0, 15, UNKNOWN), "from line 2"),
            (
                op(0, 10, ",\"colour\":\"red\",\"outcome\":{\"unknown\":\"\"}"),
                "unknown field `colour`, expected one of",
            ),
            (op(0, 10, ",\"outcome\":{\"maybe\":\"\"}"), "unknown variant `maybe`, expected one of"),
            (op(0, 10, ""), "missing field `outcome`"),
            (namespace(""), "h.jsonl:2: the prefix of client 3 is empty"),
            (namespace("b") + &namespace("b"), "h.jsonl:3: client 3 has a namespace already, from line 2"),
            (op(0, 10, ",\"user\":7"), "invalid type: integer `7`"),
            ("{\"kind\":\"opp\"}\n".to_owned(), "unknown variant `opp`, expected one of `header`, `op`"),
            (op(0, 10, UNKNOWN)[..60].to_owned(), "h.jsonl:2: the JSON is cut off at column 60"),
            ("nonsense\n".to_owned(), "h.jsonl:2: not JSON"),
            (HEADER.to_owned(), "h.jsonl:2: a header must be the first line"),
        ] {
            let message = failure(&lines);
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn the_pieces_of_a_watch_are_put_together() {
        let watch = r#"{"kind":"watch","id":7,"client":1,"invoke_ns":5,"request":{"key":"a"}}"#;
        let frame = r#"{"kind":"frame","watch":7,"received_ns":6,"revision":1,"created":true}"#;
        let progress = r#"{"kind":"frame","watch":7,"received_ns":8,"revision":3}"#;
        let end = r#"{"kind":"watch_end","watch":7,"end":"broken","end_ns":9}"#;
        let lines = |lines: &[&str]| HEADER.to_owned() + &lines.join("\n");
        let history = read("h", lines(&[watch, frame, progress, end]).as_bytes()).unwrap();
        let frames =
            r#","frames":[{"received_ns":6,"revision":1,"created":true},{"received_ns":8,"revision":3}]"#;
        let whole = watch.replace("}}", &format!("}}{frames},\"end\":\"broken\",\"end_ns\":9}}"));
        assert_eq!(history, read("h", lines(&[&whole]).as_bytes()).unwrap());
        for (wrong, expected) in [
            (lines(&[frame]), "h:2: there is no watch 7 before this line"),
            (lines(&[watch, progress, frame]), "h:4: frame 1 of watch 7 was received at 6 ns"),
            (lines(&[watch, end, frame]), "h:4: watch 7 is over before this line"),
            (lines(&[&whole, end]), "h:3: watch 7 is over before this line"),
            (lines(&[watch, &end.replace(":9", ":4")]), "h:3: watch 7 ended at 4 ns"),
            (lines(&[watch, &end.replace("broken", "open")]), "h:3: the end of watch 7 is `open`"),
            (lines(&[watch, &frame.replace("created", "crated")]), "unknown field `crated`, expected one of"),
            (lines(&[watch, &frame.replace("\"watch\":7,", "")]), "missing field `watch`"),
        ] {
            let error = read("h", wrong.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn the_header_is_needed_and_known() {
        let without = read("h", op(0, 10, UNKNOWN).as_bytes()).unwrap_err();
        assert!(matches!(without.problem, Problem::NoHeader));
        assert!(matches!(read("h", &b""[..]).unwrap_err().problem, Problem::NoHeader));
        let newer = HEADER.replace(":1}", ":2}");
        assert!(matches!(
            read("h", newer.as_bytes()).unwrap_err().problem,
            Problem::Version { version: 2, .. }
        ));
    }

    #[test]
    fn a_long_line_is_refused_without_reading_it_all() {
        struct Endless;
        impl Read for Endless {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                buffer.fill(b'x');
                Ok(buffer.len())
            }
        }
        let input = std::io::BufReader::new(HEADER.as_bytes().chain(Endless));
        let mut reader = Reader { limit_bytes: 1000, ..Reader::new("h", input) };
        let error = reader.next().unwrap().unwrap_err();
        assert!(matches!(error.problem, Problem::TooLong { limit_bytes: 1000 }));
        assert_eq!(error.line, 2);
        assert!(reader.next().is_none());
    }
}
