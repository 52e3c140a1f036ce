//! `revline explain`: the event at which a violation became inevitable.

use super::arguments::ExplainArguments;
use super::failing_bundle;
use super::interrupt::Interrupt;
use super::print::{complain, print, status_after};
use super::status::{Status, Unusable};
use revline_reports::explain::ExplainReport;
use revline_reports::json::document;
use revline_reports::progress::Spinner;
use revline_scenarios::explain::{Effort, explain as explanation};
use std::time::Instant;

/// Explains what the arguments name.
pub fn explain(arguments: &ExplainArguments, interrupt: &Interrupt) -> Result<Status, Unusable> {
    let (bundle, violation) = failing_bundle::read(&arguments.bundle, arguments.guarantee.as_deref())?;
    let effort = Effort { futures: arguments.futures, jobs: arguments.work.jobs() };
    let began = Instant::now();
    let mut progress = Spinner::new(arguments.work.quiet);
    let explained = explanation(&bundle.plan, &violation, effort, &mut |runs| {
        progress.say(format!("{runs} futures"));
        !interrupt.came() && arguments.time_limit.is_none_or(|limit| began.elapsed() < limit)
    })?;
    progress.done();
    interrupt.end();
    if explained.is_cut_short {
        complain("ended early: what is known until then");
    }
    let report = ExplainReport::new(&explained, began.elapsed());
    let text = if arguments.json { document(&report) } else { report.to_string() };
    status_after(print(&text), Status::Holds)
}
