//! Writing a history line by line.

use super::{FORMAT, Header, LineRef, Record, VERSION};
use crate::history::History;
use std::io::{self, Write};

/// Writes records as they come.
pub struct Writer<W> {
    output: W,
}

/// Writes a whole history.
pub fn write(history: &History, output: impl Write) -> io::Result<()> {
    let mut writer = Writer::new(output)?;
    history.operations.iter().try_for_each(|operation| writer.line(&LineRef::Op(operation)))?;
    history.watches.iter().try_for_each(|watch| writer.line(&LineRef::Watch(watch)))?;
    history
        .observations
        .iter()
        .try_for_each(|observation| writer.line(&LineRef::Observation(observation)))?;
    writer.finish()
}

impl<W: Write> Writer<W> {
    /// Begins a history with its header.
    pub fn new(output: W) -> io::Result<Self> {
        let mut writer = Writer { output };
        writer.line(&LineRef::Header(&Header { format: FORMAT.to_owned(), version: VERSION }))?;
        Ok(writer)
    }

    /// Writes one record.
    pub fn record(&mut self, record: &Record) -> io::Result<()> {
        self.line(&match record {
            Record::Operation(operation) => LineRef::Op(operation),
            Record::Watch(watch) => LineRef::Watch(watch),
            Record::Observation(observation) => LineRef::Observation(observation),
        })
    }

    /// Ends the history.
    pub fn finish(mut self) -> io::Result<()> {
        self.output.flush()
    }

    fn line(&mut self, line: &LineRef<'_>) -> io::Result<()> {
        serde_json::to_writer(&mut self.output, line)?;
        self.output.write_all(b"\n")
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    /// The example of the documentation, as it stands there.
    fn example() -> &'static str {
        let page = include_str!("../../../../docs/history-format.md");
        let from = page.find("```jsonl\n").expect("the page has an example") + "```jsonl\n".len();
        let to = from + page[from..].find("```").expect("the example ends");
        &page[from..to]
    }

    #[test]
    fn the_documented_example_is_read_judged_and_written_as_it_stands() {
        let history = read("docs/history-format.md", example().as_bytes()).unwrap();
        let verdicts = crate::guarantee::judge(&history);
        for (name, verdict) in verdicts.iter() {
            assert!(verdict.holds(), "{name}: {verdict}");
        }
        let mut written = Vec::new();
        write(&history, &mut written).unwrap();
        let again = read("written", written.as_slice()).unwrap();
        assert_eq!(again, history);
        // What is left out in the example is written with its default, so compare what the lines mean.
        let lines = |text: &str| text.lines().count();
        assert_eq!(lines(std::str::from_utf8(&written).unwrap()), lines(example()));
    }
}
