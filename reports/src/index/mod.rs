//! The page of a sweep: one file of HTML that leads to the pages and bundles beside it.
//!
//! It says what was run and what came of it, guarantee by guarantee and scenario by scenario, then each group of failures with
//! its smallest run, and how to run it again. Whatever a run or a document holds is text to it.

mod facts;
mod failures;
mod link;
mod matrix;

use crate::number::grouped;
use crate::result::result;
use crate::sweep::{SweepReport, Tally};
use minijinja::{Environment, context};
use serde::Serialize;

/// The latencies of a kind of call, as the page lists them.
#[derive(Debug, Serialize)]
struct LatencyRow {
    kind: String,
    count: String,
    median: String,
    p99: String,
    max: String,
}

/// Makes the page of a report.
pub fn index(report: &SweepReport) -> String {
    let total = report.total();
    let mut environment = Environment::new();
    environment
        .add_template("index.html", include_str!("index.html"))
        .expect("the template is part of the program");
    let template = environment.get_template("index.html").expect("it was just added");
    let mut marks: Vec<(&str, String)> =
        report.marks.runs().map(|(mark, runs)| (mark, grouped(runs))).collect();
    marks.sort();
    let (reached, missed): (Vec<_>, Vec<_>) =
        total.counters.named().into_iter().partition(|(_, count)| *count > 0);
    let values = context! {
        title => facts::title(report),
        word => word(report, &total),
        sentence => if report.runs.is_empty() { "nothing was run".to_owned() } else { result(&total) },
        warnings => facts::warnings(report),
        facts => facts::facts(report, &total),
        blocks => matrix::blocks(report, &total),
        groups => failures::groups_of(report),
        runs => failures::runs_of(report),
        states => reached.into_iter().map(|(name, count)| (name.replace('_', " "), grouped(count))).collect::<Vec<_>>(),
        states_never => missed.into_iter().map(|(name, _)| name.replace('_', " ")).collect::<Vec<_>>(),
        marks,
        marks_never => report.marks.never().collect::<Vec<_>>(),
        latencies => latencies(report),
        style => concat!(include_str!("../page/page.css"), include_str!("index.css")),
    };
    template.render(values).expect("every value of the template is there")
}

/// The result in one word.
fn word(report: &SweepReport, total: &Tally) -> &'static str {
    if report.failures().next().is_some() {
        "violated"
    } else if report.is_cut_short() {
        "incomplete"
    } else if report.runs.iter().any(|run| run.guarantees.any_unknown()) {
        "undecided"
    } else if total.runs == 0 {
        "empty"
    } else {
        "holds"
    }
}

fn latencies(report: &SweepReport) -> Vec<LatencyRow> {
    let row = |form: crate::latency::KindForm| LatencyRow {
        kind: form.kind,
        count: grouped(form.latencies.count),
        median: ms(form.latencies.median_us),
        p99: ms(form.latencies.p99_us),
        max: ms(form.latencies.max_us),
    };
    report.latencies.form().into_iter().map(row).collect()
}

/// A latency in milliseconds, with as many places as count.
fn ms(us: u64) -> String {
    match us {
        0..10_000 => format!("{}.{:02}", us / 1_000, us % 1_000 / 10),
        10_000..100_000 => format!("{}.{}", us / 1_000, us % 1_000 / 100),
        _ => grouped(us / 1_000),
    }
}
