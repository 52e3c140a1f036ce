//! Failures as a CI system marks them: workflow commands of GitHub Actions.

use crate::RunReport;
use crate::groups::{FailureGroup, groups};
use crate::sweep::SweepReport;
use revline_checker::verdict::Verdict;

/// A line for each group of failures that is not known, each run that panicked, and each guarantee that stayed undecided, as
/// far as GitHub shows them: ten errors and ten warnings of a step.
pub fn github(report: &SweepReport) -> Vec<String> {
    let file = |scenario: &str| {
        let planned = report.plan.scenarios.iter().find(|planned| planned.name == scenario)?;
        (planned.source != planned.name).then_some(planned.source.as_str())
    };
    let mut lines = Vec::new();
    for FailureGroup { fingerprint, runs, smallest, known, .. } in groups(report) {
        if known.is_some() {
            continue;
        }
        let run = report.runs.iter().find(|run| run.name() == smallest.name());
        let evidence = run.and_then(|run| run.guarantees.get(&fingerprint.guarantee)?.evidence());
        let message = evidence.map(|evidence| evidence.message.as_str()).unwrap_or_default();
        let count = if runs == 1 { String::new() } else { format!(", the smallest of {runs} runs") };
        let title = format!("{fingerprint}: {}{count}", smallest.name());
        lines.push(command("error", file(smallest.scenario), &title, &with_replay(message, smallest.replay)));
    }
    for run in &report.runs {
        let RunReport { scenario, panic, replay, .. } = run;
        let replay = replay.as_deref().unwrap_or_default();
        if let Some(panic) = panic {
            let title = format!("{} panicked, which is a bug of revline", run.name());
            lines.push(command("error", file(scenario), &title, &with_replay(panic, replay)));
        }
    }
    for (guarantee, run, why) in undecided(report) {
        let title = format!("{guarantee} is undecided: {}", run.name());
        let text = with_replay(why, run.replay.as_deref().unwrap_or_default());
        lines.push(command("warning", file(&run.scenario), &title, &text));
    }
    if report.is_cut_short() {
        lines.push(command(
            "error",
            None,
            "runs are missing",
            "the report does not have all runs of its plan",
        ));
    }
    lines
}

/// The first undecided run of each guarantee.
fn undecided(report: &SweepReport) -> Vec<(&str, &RunReport, &str)> {
    let mut first: Vec<(&str, &RunReport, &str)> = Vec::new();
    for run in &report.runs {
        for (guarantee, verdict) in run.guarantees.iter() {
            if let Verdict::Unknown { why } = verdict
                && first.iter().all(|(other, ..)| *other != guarantee)
            {
                first.push((guarantee, run, why));
            }
        }
    }
    first
}

fn with_replay(message: &str, replay: &str) -> String {
    if replay.is_empty() { message.to_owned() } else { format!("{message}\n{replay}") }
}

/// A workflow command.
fn command(name: &str, file: Option<&str>, title: &str, message: &str) -> String {
    let file = file.map(|file| format!("file={},", property(file))).unwrap_or_default();
    format!("::{name} {file}title={}::{}", property(title), data(message))
}

/// Text as the message of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text as the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_command_or_a_property_is_escaped() {
        assert_eq!(
            command("error", Some("a,b:c%.json"), "x:\r\ny, 100%", "1%0A, 2:\r\n::error::3"),
            "::error file=a%2Cb%3Ac%25.json,title=x%3A%0D%0Ay%2C 100%25::1%250A, 2:%0D%0A::error::3"
        );
        assert_eq!(command("warning", None, "t", ""), "::warning title=t::");
    }
}
