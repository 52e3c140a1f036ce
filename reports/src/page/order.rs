//! The order of the operations that the judge found, for the script of the page.

use revline_checker::evidence::Place;
use revline_checker::history::Revision;
use revline_checker::judge::{self, Deed, Step};
use serde::Serialize;
use std::collections::BTreeMap;

/// The order, column by column.
#[derive(Debug, Default, Serialize)]
pub(super) struct Order {
    /// It in words.
    about: String,
    /// The item of each step, less that of the last step before it that has one; null for what is no operation.
    item: Vec<Option<i64>>,
    /// The revision after each step, less that of the one before.
    after: Vec<Revision>,
    /// Notes on steps, by their numbers.
    notes: BTreeMap<usize, String>,
    /// The number of steps before the first that cannot be where it is.
    sound: usize,
}

impl Order {
    /// The order that was found, if one was, in a history of whose places these are the items.
    pub fn of(found: &Result<judge::Order, String>, at: &BTreeMap<Place, usize>) -> Order {
        let order = match found {
            Ok(order) => order,
            Err(why) => {
                return Order { about: format!("There is no order to show: {why}."), ..Order::default() };
            }
        };
        let sound = order.sound();
        let mut columns = Order { about: about(order, sound), sound, ..Order::default() };
        let (mut before, mut revision) = (0, 0);
        for (number, step) in order.steps.iter().enumerate() {
            let item = match step.deed {
                Deed::Operation { index, .. } => at.get(&Place::Operation { index }).map(|&item| item as i64),
                Deed::RunOut { .. } | Deed::Nobody => None,
            };
            columns.item.push(item.map(|item| item - before));
            before = item.unwrap_or(before);
            columns.after.push(step.revision - revision);
            revision = step.revision;
            if let Some(note) = note(step) {
                columns.notes.insert(number, note);
            }
        }
        columns
    }
}

fn about(order: &judge::Order, sound: usize) -> String {
    let steps = order.steps.len();
    match order.steps.get(sound) {
        None if steps == 0 => "Nothing has a place in the order of writes and reads.".to_owned(),
        None => format!("One order of {steps} steps explains every answer to a write or a read."),
        Some(step) => format!(
            "The longest order found explains {sound} of {steps} steps: it breaks at revision {}.",
            step.revision
        ),
    }
}

fn note(step: &Step) -> Option<String> {
    let deed = match step.deed {
        Deed::Operation { is_certain: true, .. } => None,
        Deed::Operation { is_certain: false, .. } => Some("chosen among several".to_owned()),
        Deed::RunOut { lease } => Some(format!("lease {lease} ran out")),
        Deed::Nobody => Some("nobody".to_owned()),
    };
    let flaw = step.flaw.map(|flaw| format!("it cannot be here: {flaw}"));
    match (deed, flaw) {
        (Some(deed), Some(flaw)) => Some(format!("{deed}; {flaw}")),
        (deed, flaw) => deed.or(flaw),
    }
}
