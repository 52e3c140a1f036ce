//! The report of a sweep for a terminal.

mod explored;
mod failures;
mod look;
mod matrix;
mod number;
mod summary;

pub use look::{Look, error_head};
pub(crate) use number::{duration, short};

use crate::sweep::SweepReport;
use std::fmt::Write;

/// The table, the summary, and what failed.
pub fn sweep(report: &SweepReport, look: Look) -> String {
    let mut text = String::new();
    if report.runs.is_empty() {
        text.push_str("no runs: this shard is empty\n");
        return text;
    }
    let total = report.total();
    let _ = write!(text, "{}\n{}", matrix::matrix(report, &total, look), summary::summary(report, &total));
    text.extend(report.explored.as_ref().map(explored::explored));
    text.push_str(&failures::failures(report, look));
    text
}
