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
    history.holds.iter().try_for_each(|hold| writer.line(&LineRef::Hold(hold)))?;
    history.observers.iter().try_for_each(|observer| writer.line(&LineRef::Observer(observer)))?;
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
            Record::Hold(hold) => LineRef::Hold(hold),
            Record::Observer(observer) => LineRef::Observer(observer),
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

    #[test]
    fn leases_locks_and_elections_are_read_as_they_were_written() {
        use crate::history::build::*;
        let mut h = Builder::default();
        let mine = || leader_key("e", 7, 3);
        for (request, response) in [
            (grant(7, 10), granted(1, 7, 10)),
            (keep_alive(7), kept_alive(1, 7, 10)),
            (time_to_live(7), lives(1, 7, 9, 10, &["a"])),
            (leases(), listed(1, &[7])),
            (lock("l", 7), locked(2, "l/7")),
            (campaign("e", 7, "me"), elected(3, mine())),
            (proclaim(mine(), "you"), proclaimed(4)),
            (leader("e"), led(4, with_lease(kv("e/7", "you", 3, 4, 2), 7))),
            (resign(mine()), resigned(5)),
            (unlock("l/7"), unlocked(6)),
            (revoke(7), revoked(6)),
        ] {
            h.ok(0, request, response);
        }
        h.hold(0, lock_hold("l", "l/7", 7, 2), 10, Some(20));
        h.hold(0, leader_hold("e", "e/7", 7, 3), 10, None);
        let observer = h.observe(1, "e");
        h.observed(observer, 4, kv("e/7", "you", 3, 4, 2));
        let history = h.build();
        let mut written = Vec::new();
        write(&history, &mut written).unwrap();
        let text = std::str::from_utf8(&written).unwrap();
        assert!(text.contains(r#""request":{"lease":{"grant":{"id":7,"ttl_s":10}}}"#), "{text}");
        assert!(text.contains(r#""request":{"lease":"leases"}"#) && text.contains(r#""kind":"hold""#));
        assert_eq!(read("written", written.as_slice()).unwrap(), history);
    }
}
