//! The page in words: what was promised, what was seen, and what led to it.

use super::Subject;
use super::faults::end_of_fault;
use super::short::{seconds, shortened};
use super::told::when_and_who;
use revline_checker::evidence::{Evidence, Exhibit};
use revline_checker::guarantee::GUARANTEES;
use revline_checker::history::{History, Observation};
use revline_checker::verdict::Verdicts;

/// The most sentences about the evidence.
const MOST_EXHIBITS: usize = 4;

/// The most sentences about what led to it.
const MOST_CAUSES: usize = 4;

/// Tells it, in ten sentences at most.
pub(super) fn tell(subject: &Subject, history: &History, verdicts: &Verdicts) -> Vec<String> {
    let mut violated = verdicts.iter().filter_map(|(name, verdict)| Some((name, verdict.evidence()?)));
    let mut story = Vec::new();
    story.extend(subject.failure.iter().map(|failure| format!("It failed: {}", shortened(failure.clone()))));
    let Some((guarantee, evidence)) = violated.next() else {
        // Where a run failed before anything was judged, there is nothing to say of it.
        if subject.failure.is_none() || verdicts.iter().next().is_some() {
            story.push(without_violation(history, verdicts));
        }
        return story;
    };
    let about = GUARANTEES.iter().find(|own| own.name == guarantee).map(|own| own.about);
    story.push(match about {
        Some(about) => format!("Promised ({guarantee}): {about}."),
        None => format!("Promised: {guarantee}."),
    });
    story.push(format!("Seen: {}.", shortened(evidence.message.clone()).trim_end_matches('.')));
    let shown = evidence.exhibits.iter().take(MOST_EXHIBITS).map(|exhibit| sentence(subject, exhibit));
    story.extend(shown);
    story.extend(causes(history, evidence));
    let others: Vec<&str> = violated.map(|(name, _)| name).collect();
    if !others.is_empty() {
        story.truncate(9);
        story.push(format!("Violated as well: {}.", others.join(", ")));
    }
    story.truncate(10);
    story
}

fn without_violation(history: &History, verdicts: &Verdicts) -> String {
    let undecided = verdicts.iter().filter(|(_, verdict)| verdict.word() == "unknown").count();
    let holding = verdicts.iter().filter(|(_, verdict)| verdict.holds()).count();
    let operations = history.operations.len();
    match undecided {
        0 if holding == 0 => {
            format!("Nothing was exercised by {operations} operations: no guarantee is decided.")
        }
        0 => format!("All hold: {holding} guarantees, over {operations} operations."),
        _ => format!("Undecided: {undecided} guarantees; {holding} hold, over {operations} operations."),
    }
}

fn sentence(subject: &Subject, exhibit: &Exhibit) -> String {
    format!("{}: {}.", when_and_who(subject, exhibit), shortened(exhibit.text.clone()))
}

/// The last faults and changes of the leader before the evidence was complete, in order of time.
fn causes(history: &History, evidence: &Evidence) -> Vec<String> {
    let ends = evidence.exhibits.iter().map(|exhibit| exhibit.to_ns.unwrap_or(exhibit.from_ns));
    let Some(end_ns) = ends.max() else { return Vec::new() };
    let is_cause = |(_, own): &(usize, &Observation)| {
        let tells = matches!(
            own,
            Observation::Fault { .. }
                | Observation::Leader { .. }
                | Observation::Panicked { .. }
                | Observation::Damaged { .. }
                | Observation::RolledBack { .. }
        );
        tells && own.at_ns() <= end_ns
    };
    let observations = history.observations.iter().enumerate();
    let mut last: Vec<(usize, &Observation)> =
        observations.rev().filter(is_cause).take(MOST_CAUSES).collect();
    last.reverse();
    let told = |(index, own): (usize, &Observation)| {
        let what = shortened(own.to_string());
        let at_ns = own.at_ns();
        match (own, end_of_fault(history, index)) {
            (Observation::Fault { .. }, Some(end_ns)) if end_ns > at_ns => {
                format!("Before, from {} to {}: {what}.", seconds(at_ns), seconds(end_ns))
            }
            (Observation::Fault { .. }, None) => format!("Before, from {} on: {what}.", seconds(at_ns)),
            _ => format!("Before, at {}: {what}.", seconds(at_ns)),
        }
    };
    last.into_iter().map(told).collect()
}
