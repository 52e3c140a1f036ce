//! The lines below the table: how much was done, and which states were reached.

use super::number::duration;
use crate::number::grouped;
use crate::result::result;
use crate::sweep::{SweepReport, Tally};
use std::fmt::Write;

/// The summary: work done, rare states reached and not reached, result.
pub fn summary(report: &SweepReport, total: &Tally) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "total    {} runs, {} operations ({} of unknown outcome), {} watch events; {} simulated in {:.1} s",
        grouped(total.runs),
        grouped(total.operations),
        grouped(total.unknown_operations),
        grouped(total.watch_events),
        duration(total.simulated_ms),
        report.wall.as_secs_f64(),
    );
    let named = total.counters.named();
    let (reached, missed): (Vec<_>, Vec<_>) = named.into_iter().partition(|(_, count)| *count > 0);
    if !reached.is_empty() {
        let parts: Vec<String> =
            reached.iter().map(|(name, count)| format!("{} {}", words(name), grouped(*count))).collect();
        text.push_str(&wrapped("reached  ", &parts));
    }
    if !missed.is_empty() {
        let parts: Vec<String> = missed.iter().map(|(name, _)| words(name)).collect();
        text.push_str(&wrapped("never    ", &parts));
    }
    text.push_str(&marks(report));
    for (scenario, tally) in report.by_scenario() {
        if let Some(parts) = tally.believed.words(&tally) {
            text.push_str(&wrapped(&format!("believed {scenario}: "), &parts));
        }
    }
    let vacuous: Vec<String> = total.vacuous().map(str::to_owned).collect();
    if !vacuous.is_empty() {
        text.push_str(&wrapped("VACUOUS  nothing in any run exercised ", &vacuous));
    }
    let _ = writeln!(text, "result   {}", result(total));
    text
}

/// The marks that are shown of those that no run reached.
const MARKS_SHOWN: usize = 12;

/// The number of marks reached, and some of those that were not.
fn marks(report: &SweepReport) -> String {
    let never: Vec<String> = report.marks.never().map(str::to_owned).collect();
    let head = format!("marks    {} reached", grouped(report.marks.reached() as u64));
    if never.is_empty() {
        return format!("{head}, all that can be\n");
    }
    let mut shown: Vec<String> = never.iter().take(MARKS_SHOWN).cloned().collect();
    if never.len() > MARKS_SHOWN {
        shown.push(format!("and {} more", never.len() - MARKS_SHOWN));
    }
    wrapped(&format!("{head}, {} never: ", never.len()), &shown)
}

/// The name of a counter in words.
fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// Parts in lines of at most 100 characters, after a head.
fn wrapped(head: &str, parts: &[String]) -> String {
    const LONGEST: usize = 100;
    const INDENT: &str = "         ";
    let (mut text, mut line) = (String::new(), head.to_owned());
    for (at, part) in parts.iter().enumerate() {
        let end = if at + 1 == parts.len() { "" } else { ", " };
        if line.len() + part.len() > LONGEST && line.trim_end().len() > INDENT.len() {
            let _ = writeln!(text, "{}", line.trim_end());
            line = INDENT.to_owned();
        }
        line.push_str(part);
        line.push_str(end);
    }
    let _ = writeln!(text, "{}", line.trim_end());
    text
}
