//! Judging a history while it is read, without keeping it.

use super::time::Time;
use revline_checker::guarantee;
use revline_checker::history::History;
use revline_checker::history::jsonl::{Checked, ReadError, Record};
use revline_checker::linearizability::Budget;
use revline_checker::stream::Judge;
use revline_checker::verdict::Verdicts;
use std::io::BufRead;

/// Reads a history to its end: how many operations there are, and the verdicts on them. `None` if it must be read as
/// a whole to judge it: it is not in order, or not proven sound at once.
pub(super) fn judge(
    file: &str,
    input: impl BufRead,
    time: &mut Time,
) -> Result<Option<(usize, Verdicts)>, ReadError> {
    let mut records = Checked::new(file, input);
    let mut judge = Judge::default();
    let mut operations = 0;
    while let Some(record) = records.next() {
        let record = record?;
        operations += usize::from(matches!(record, Record::Operation(_)));
        // Without time left there is nothing to judge; but that the form is good must be known all the same.
        let is_proven = time.is_over() || time.spend(|| judge.record(record)).is_ok();
        if !is_proven || !records.is_sure() {
            return Ok(None);
        }
    }
    if time.is_over() {
        let verdicts = guarantee::judge_within(&History::default(), &Budget::until(&|| true));
        return Ok(Some((operations, verdicts)));
    }
    let proven = time.spend(|| judge.finish());
    Ok(proven.ok().map(|proven| (operations, guarantee::judge_proven(&proven))))
}
