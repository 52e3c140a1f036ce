//! Judging a history while it is read, without keeping it.

use super::time::Time;
use revline_checker::history::History;
use revline_checker::history::jsonl::{Checked, ReadError, Record};
use revline_checker::judge::Judge;
use revline_checker::search::Budget;
use revline_checker::verdict::Verdicts;
use std::io::BufRead;

/// The result of reading a history once.
pub(super) enum Told {
    /// The number of operations, and the verdicts on them.
    Judged(usize, Verdicts),
    /// To be read as a whole: not in order, or not proven sound at once.
    Doubted,
    /// The same, and there is no use in trying to prove it in that way again: it takes too long.
    Slow,
}

/// Reads a history to its end, unless it must be read as a whole to judge it.
pub(super) fn judge(file: &str, input: impl BufRead, time: &mut Time) -> Result<Told, ReadError> {
    let mut records = Checked::new(file, input);
    let mut judge = Judge::online();
    let (mut operations, mut told) = (0, 0);
    while let Some(record) = records.next() {
        let record = record?;
        operations += usize::from(matches!(record, Record::Operation(_)));
        told += 1;
        // Without time left there is nothing to judge; but that the form is good must be known all the same.
        let is_proven = time.is_over() || time.spend(|| judge.record(record)).is_ok();
        if !is_proven || !records.is_sure() {
            return Ok(Told::Doubted);
        }
        if time.is_slow(told) {
            return Ok(Told::Slow);
        }
    }
    if time.is_over() {
        let verdicts = Judge::new(&History::default()).budget(Budget::until(&|| true)).run();
        return Ok(Told::Judged(operations, verdicts));
    }
    Ok(match time.spend(|| judge.finish()) {
        Ok(verdicts) => Told::Judged(operations, verdicts),
        Err(_) => Told::Doubted,
    })
}
