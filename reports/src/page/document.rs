//! The part of a page that its script reads.

use super::Subject;
use super::columns::{Columns, Detail, KINDS};
use super::items::Items;
use super::order::Order;
use super::rows::Row;
use super::short::shortened;
use super::told::when_and_who;
use super::writes::{Writes, writes};
use revline_checker::evidence::{Exhibit, Place};
use revline_checker::history::History;
use revline_checker::verdict::Verdicts;
use serde::Serialize;
use std::collections::BTreeMap;

/// The document.
#[derive(Debug, Serialize)]
pub(super) struct Document {
    kinds: [&'static str; KINDS.len()],
    rows: Vec<Row>,
    items: Columns,
    /// The unit of times, in microseconds.
    unit_us: u64,
    /// The end of the timeline, in units of time.
    end: u64,
    evidence: Vec<Evidence>,
    writes: Writes,
    order: Order,
}

/// A history, and what the judge found in it.
pub(super) struct Judged<'a> {
    pub history: &'a History,
    pub verdicts: &'a Verdicts,
    pub order: Result<revline_checker::judge::Order, String>,
}

/// The evidence of one violation.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Evidence {
    guarantee: String,
    kind: String,
    exhibits: Vec<Shown>,
}

/// An exhibit, and the item that it is.
#[derive(Clone, Debug, Serialize)]
struct Shown {
    text: String,
    item: Option<usize>,
}

impl Document {
    /// The document of a history, and of what was found in it, in this detail.
    pub fn of(subject: &Subject, judged: &Judged<'_>, detail: Detail) -> Document {
        let Judged { history, verdicts, order } = judged;
        let unit_us = detail.unit_us;
        let exhibits = verdicts.iter().filter_map(|(_, verdict)| verdict.evidence());
        let evidence = exhibits.flat_map(|evidence| &evidence.exhibits).map(|exhibit| item_of(exhibit.place));
        let evidence = evidence.collect();
        let items = Items::of(subject, history, &evidence, detail);
        let end = items.end_ns().div_ceil(1_000 * unit_us);
        let (items, at, rows) = items.in_columns();
        let evidence = verdicts.iter().filter_map(|(guarantee, verdict)| {
            let evidence = verdict.evidence()?;
            let exhibits = evidence.exhibits.iter().map(|exhibit| shown(subject, exhibit, &at)).collect();
            Some(Evidence { guarantee: guarantee.to_owned(), kind: evidence.kind.clone(), exhibits })
        });
        let evidence = evidence.collect();
        Document {
            kinds: KINDS,
            rows,
            items,
            unit_us,
            end,
            evidence,
            writes: writes(history, detail.text_bytes),
            order: Order::of(order, &at),
        }
    }

    /// The evidence of all violations, in the order of the verdicts.
    pub fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }
}

/// The place of the item that an exhibit is on.
fn item_of(place: Place) -> Place {
    match place {
        // An event lies in its frame.
        Place::Watch { index, id, frame, event: _ } => Place::Watch { index, id, frame, event: None },
        other => other,
    }
}

fn shown(subject: &Subject, exhibit: &Exhibit, at: &BTreeMap<Place, usize>) -> Shown {
    let text =
        format!("{}. {}: {}", exhibit.place, when_and_who(subject, exhibit), shortened(exhibit.text.clone()));
    Shown { text, item: at.get(&item_of(exhibit.place)).copied() }
}
