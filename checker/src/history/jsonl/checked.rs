//! Reading a history that is in order, without keeping it.

use super::Record;
use super::across::{Across, Bounded};
use super::error::ReadError;
use super::read::Reader;
use super::validate::Validator;
use std::io::BufRead;

/// Reads the records of a history one by one, and looks whether they make sense together, in memory that grows
/// with the clients and the open watches, not with the history.
///
/// That works where the records are in the order in which they were over. Where they are not, it can be that
/// [`Checked::is_sure`] is `false` afterwards: then only reading the whole with [`super::read`] shows whether
/// they make sense.
pub struct Checked<R> {
    reader: Reader<R>,
    validator: Validator,
    has_failed: bool,
}

impl<R: BufRead> Checked<R> {
    /// A reader of `input`; `file` names it in errors.
    pub fn new(file: &str, input: R) -> Self {
        Checked::of(Reader::new(file, input))
    }

    /// Looks at what a reader reads.
    pub fn of(reader: Reader<R>) -> Self {
        let validator = Validator::new(Across::Bounded(Bounded::default()));
        Checked { reader, validator, has_failed: false }
    }

    /// True if everything that was read so far is known to make sense.
    pub fn is_sure(&self) -> bool {
        !self.has_failed && self.validator.is_sure()
    }

    /// The number of entries remembered of the lines read.
    pub fn remembered(&self) -> usize {
        self.validator.size()
    }
}

impl<R: BufRead> Iterator for Checked<R> {
    type Item = Result<Record, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_failed {
            return None;
        }
        let read = self.reader.next()?.and_then(|record| {
            let line = self.reader.line();
            let noted = self.validator.note(&record, line);
            noted.map(|()| record).map_err(|problem| self.reader.error(problem))
        });
        self.has_failed = read.is_err();
        Some(read)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Problem, Writer};
    use super::*;
    use crate::generate::{Shape, stream};

    /// A generated history, as it is written while it happens.
    fn text(operations: usize) -> Vec<u8> {
        let mut writer = Writer::new(Vec::new()).unwrap();
        let shape = Shape { operations, frames_per_watch: 10, ..Shape::default() };
        stream(&shape, 1, None, |record| writer.record(&record)).unwrap();
        writer.into_inner()
    }

    #[test]
    fn what_is_remembered_does_not_grow_with_the_history() {
        let peak = |operations: usize| {
            let text = text(operations);
            let mut reader = Checked::new("h", text.as_slice());
            let (mut records, mut peak) = (0, 0);
            while let Some(record) = reader.next() {
                record.unwrap();
                records += 1;
                peak = peak.max(reader.remembered());
            }
            assert!(reader.is_sure());
            (records, peak)
        };
        let ((few, low), (many, high)) = (peak(500), peak(10_000));
        assert!(many > 15 * few, "{few} and {many} records");
        // 5 clients, 5 open watches, one range of ids.
        assert!(low <= 11 && high <= 11, "{low} entries grew to {high}");
    }

    #[test]
    fn what_is_wrong_is_found_where_it_is() {
        let header = r#"{"kind":"header","format":"revline-history","version":1}"#;
        let op = |invoke_ns: u64, return_ns: &str| {
            let request = r#""request":{"range":{"key":"a"}},"outcome":{"unknown":""}"#;
            format!(r#"{{"kind":"op","client":0,"invoke_ns":{invoke_ns}{return_ns},{request}}}"#)
        };
        let read = |lines: &[String]| {
            let text = format!("{header}\n{}", lines.join("\n"));
            let mut reader = Checked::new("h", text.as_bytes());
            let error = reader.by_ref().find_map(Result::err);
            assert!(reader.next().is_none() || error.is_none());
            (error.map(|error| (error.line, error.problem)), reader.is_sure())
        };
        let early = op(10, r#","return_ns":20"#);
        let late = op(20, r#","return_ns":30"#);
        assert!(matches!(read(&[early.clone(), late.clone()]), (None, true)));
        assert!(matches!(read(&[late.clone(), early.clone()]), (None, false)), "not in order");
        let overlapping = op(15, r#","return_ns":40"#);
        for second in [&overlapping, &op(5, r#","return_ns":40"#), &op(12, r#","return_ns":15"#)] {
            let (error, is_sure) = read(&[early.clone(), second.clone()]);
            assert!(matches!(error, Some((3, Problem::TwoOpen { other: 2, .. }))), "{second}");
            assert!(!is_sure);
        }
        let endless = read(&[op(10, ""), op(30, r#","return_ns":40"#)]);
        assert!(matches!(endless.0, Some((3, Problem::TwoOpen { other: 2, .. }))));
        let watch = |id: u64, rest: &str| {
            format!(r#"{{"kind":"watch","id":{id},"client":1,"invoke_ns":1,"request":{{}}{rest}}}"#)
        };
        let (one, resumed) = (watch(1, ""), watch(2, r#","resumes":1"#));
        assert!(matches!(read(&[one.clone(), resumed.clone()]), (None, true)));
        assert!(matches!(read(&[resumed, one.clone()]), (None, false)));
        assert!(matches!(read(&[one.clone(), one]), (None, false)), "the line of the other is not known");
    }
}
