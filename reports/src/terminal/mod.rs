//! The report of a sweep for a terminal.

mod explored;
mod failures;
mod matrix;
mod number;
mod summary;

pub(crate) use number::duration;

use crate::sweep::SweepReport;
use std::fmt::Write;

/// The width where nobody says otherwise, as in a pipe.
const DEFAULT_WIDTH: usize = 120;

/// The width of the terminal that stdout is; [`DEFAULT_WIDTH`] where it is none.
pub fn width() -> usize {
    let size = console::Term::stdout().size_checked();
    size.map_or(DEFAULT_WIDTH, |(_, columns)| usize::from(columns))
}

/// The table, the summary, and what failed.
pub fn sweep(report: &SweepReport, width: usize) -> String {
    let mut text = String::new();
    if report.runs.is_empty() {
        text.push_str("no runs: this shard is empty\n");
        return text;
    }
    let total = report.total();
    let _ = write!(text, "{}\n{}", matrix::matrix(report, &total, width), summary::summary(report, &total));
    text.extend(report.explored.as_ref().map(explored::explored));
    text.push_str(&failures::failures(report));
    text
}
