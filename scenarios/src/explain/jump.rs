//! The rise of the probability, and the events around it.

use super::Point;
use crate::execute::Outcome;
use revline_checker::history::Observation;
use revline_sim::trace::{Event, Record};
use serde::{Deserialize, Serialize};

/// So many events are told before the rise, and after it.
const AROUND: usize = 4;

/// So many events are told within the rise, where many happen at one moment.
const WITHIN: usize = 12;

/// The place in a run at which a violation became much more probable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Jump {
    /// The last event at which it was not.
    pub from: Point,
    /// The first at which it was.
    pub to: Point,
    /// The events around, in order.
    pub events: Vec<Told>,
}

/// An event in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Its position in the trace, counted from 0.
    pub event: usize,
    /// Its time, in nanoseconds.
    pub at_ns: u64,
    /// The event, and the node at which it happened.
    pub text: String,
    /// True if it lies where the probability rises.
    pub is_within: bool,
}

impl Jump {
    /// The rise between two points; none if there is no rise.
    pub(super) fn between(outcome: &Outcome, from: Point, to: Point) -> Option<Jump> {
        let trace = &outcome.trace;
        let faults = faults(outcome);
        let records = trace.records().filter(|_| to.violated > from.violated)?;
        let is_within = |event: usize| event > from.event && event <= to.event;
        let mut events: Vec<usize> = (from.event + 1..=to.event).collect();
        if events.len() > WITHIN {
            events.retain(|&event| is_telling(&records[event]));
            events.drain(..events.len().saturating_sub(WITHIN));
        }
        let before = (0..=from.event).rev().filter(|&event| is_telling(&records[event])).take(AROUND);
        let after = (to.event + 1..records.len()).filter(|&event| is_telling(&records[event])).take(AROUND);
        events.extend(before.chain(after).collect::<Vec<_>>());
        events.sort_unstable();
        let told = |event: usize| {
            let text = trace.show(&records[event]).to_string();
            let words = text.trim_start().split_once(" ms").map_or(text.trim(), |(_, words)| words.trim());
            let text = named(words, &faults);
            Told { event, at_ns: records[event].at_ns, text, is_within: is_within(event) }
        };
        Some(Jump { from, to, events: events.into_iter().map(told).collect() })
    }
}

/// Returns true for what is more than a message on its way.
fn is_telling(record: &Record) -> bool {
    !matches!(record.event, Event::Send { .. } | Event::Deliver { .. } | Event::Drop { .. })
}

/// The words of the faults that struck, each with its id as the trace shows it.
fn faults(outcome: &Outcome) -> Vec<(String, String)> {
    let observed = outcome.history.observations.iter().filter_map(|observation| match observation {
        Observation::Fault { what, .. } => Some(what.clone()),
        _ => None,
    });
    let records = outcome.trace.records().unwrap_or_default().iter();
    let struck = records.filter(|record| matches!(record.event, Event::Fault { .. }));
    let id = |record: &Record| {
        let text = outcome.trace.show(record).to_string();
        let (_, after) = text.split_once(" fault ")?;
        after.split_once(": ").map(|(id, what)| (id.to_owned(), what.trim().to_owned()))
    };
    let ids = struck.filter_map(id);
    ids.zip(observed)
        .flat_map(|((id, what), words)| [(format!("{id}: {what}"), words.clone()), (id, words)])
        .collect()
}

/// The text with the words of faults instead of their ids.
fn named(text: &str, faults: &[(String, String)]) -> String {
    faults.iter().fold(text.to_owned(), |text, (id, words)| text.replace(id, &format!("`{words}`")))
}
