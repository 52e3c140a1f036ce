//! The difference between two runs of one seed, where a test is no function of it.

use crate::sim::trace::{Record, Trace};

/// Records before the first that differs, for where the program was.
const SHOWN_BEFORE: usize = 5;

/// Says where two traces part: the first event that differs, with its node, in both, and the last ones before it.
///
/// Both were kept. Runs that are no function of their seed may be the same by chance this time: `None`.
pub(super) fn between(one: &Trace, other: &Trace) -> Option<String> {
    let (ones, others) = (one.records()?, other.records()?);
    let same = ones.iter().zip(others).take_while(|(one, other)| one == other).count();
    if same == ones.len() && same == others.len() {
        return None;
    }
    let shown = |trace: &Trace, record: Option<&Record>| {
        record.map_or("the end of the run".to_owned(), |record| trace.show(record).to_string())
    };
    let before = ones[same.saturating_sub(SHOWN_BEFORE)..same].iter();
    let mut text = format!("they differ from event {same} on");
    for record in before {
        text.push_str(&format!("\n             {}", one.show(record)));
    }
    text.push_str(&format!("\n    first:   {}", shown(one, ones.get(same))));
    text.push_str(&format!("\n    again:   {}", shown(other, others.get(same))));
    Some(text)
}
