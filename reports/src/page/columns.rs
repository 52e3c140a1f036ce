//! The items of a timeline, column by column.

use super::short::shortened_to;
use serde::Serialize;

/// An item, before it is put into columns.
pub(super) struct Item {
    kind: Kind,
    outcome: Learned,
    /// The beginning.
    pub from_ns: u64,
    /// The end; `None`: it never ended.
    pub to_ns: Option<u64>,
    text: String,
}

impl Item {
    /// An item that lasts.
    pub fn new(kind: Kind, from_ns: u64, to_ns: Option<u64>, text: String) -> Item {
        Item { kind, outcome: Learned::Answered, from_ns, to_ns, text }
    }

    /// A moment.
    pub fn at(kind: Kind, at_ns: u64, text: String) -> Item {
        Item::new(kind, at_ns, Some(at_ns), text)
    }

    /// The same with a text of so many bytes at most.
    pub fn shortened(self, most: usize) -> Item {
        Item { text: shortened_to(self.text, most), ..self }
    }

    /// The same with another outcome.
    pub fn with_outcome(self, outcome: Learned) -> Item {
        Item { outcome, ..self }
    }
}

/// The kind of an item.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Read,
    Write,
    Txn,
    Compact,
    Lease,
    Lock,
    Auth,
    Watch,
    Frame,
    Hold,
    Cluster,
    Event,
    Leader,
    Fault,
    Struck,
}

/// The names of the kinds for the page, in their order: [`Columns::kind`] has their places here.
pub(super) const KINDS: [&str; Kind::Struck as usize + 1] = [
    "read",
    "write",
    "txn",
    "compact",
    "lease",
    "lock, election",
    "auth",
    "watch",
    "frame",
    "hold",
    "cluster, maintenance",
    "event",
    "leader",
    "fault",
    "struck",
];

/// The outcome of an item, as [`Columns::outcome`] has it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Learned {
    /// Answered, or nothing to be answered.
    Answered,
    Refused,
    Unknown,
}

/// The detail in which items are kept: less where there are many, so that they fit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Detail {
    /// The most bytes of the text of an item.
    pub text_bytes: usize,
    /// The unit of times, in microseconds.
    pub unit_us: u64,
}

/// The items, column by column, in order of time: what lies together compresses well.
#[derive(Debug, Default, Serialize)]
pub(super) struct Columns {
    /// The place of the row.
    row: Vec<usize>,
    /// The kind.
    kind: Vec<u8>,
    /// The outcome.
    outcome: Vec<u8>,
    /// The units of time since the beginning of the item before.
    after: Vec<u64>,
    /// The units of time that it took; -1 if it never ended.
    took: Vec<i64>,
    /// It in words.
    text: Vec<String>,
}

impl Columns {
    /// The columns of items in order of time, each with the place of its row, in units of so many microseconds.
    pub fn of(items: impl Iterator<Item = (usize, Item)>, unit_us: u64) -> Columns {
        let unit_ns = unit_us * 1_000;
        let mut columns = Columns::default();
        let mut before = 0;
        for (row, item) in items {
            let from = item.from_ns / unit_ns;
            let took = item.to_ns.map(|to_ns| (to_ns / unit_ns).saturating_sub(from));
            columns.row.push(row);
            columns.kind.push(item.kind as u8);
            columns.outcome.push(item.outcome as u8);
            columns.after.push(from - before);
            columns.took.push(took.map_or(-1, |took| i64::try_from(took).unwrap_or(i64::MAX)));
            columns.text.push(item.text);
            before = from;
        }
        columns
    }
}
