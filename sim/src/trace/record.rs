//! An event with its time and its node.

use super::value::{Names, Words, name_in};
use super::{Details, Event, NodeName};
use std::fmt;

/// An event, when it happened, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Simulated time, in nanoseconds since the world began.
    pub at_ns: u64,
    /// The node.
    pub node: NodeName,
    /// The event.
    pub event: Event,
}

impl Record {
    /// The bytes that are hashed, besides the kind of message.
    pub(super) fn to_bytes(self) -> [u8; 48] {
        let [first, second, third] = self.event.words();
        let words = [self.at_ns, self.event.number(), self.node.0, first, second, third];
        let mut bytes = [0; 48];
        for (slot, word) in bytes.chunks_exact_mut(8).zip(words) {
            slot.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Shown { record: self, names: &Names::new() }, f)
    }
}

/// A record in words, with the names of clients.
pub(super) struct Shown<'a> {
    pub record: &'a Record,
    pub names: &'a Names,
}

/// A record without its time, for logs, which have it already.
pub(super) struct Untimed<'a>(pub Shown<'a>);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shown { record, names } = *self;
        write!(f, "{:>14.6} ms  {}", record.at_ns as f64 / 1e6, Untimed(Shown { record, names }))
    }
}

impl fmt::Display for Untimed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shown { record: Record { node, event, .. }, names } = self.0;
        write!(f, "{:<5} ", name_in(names, *node))?;
        event.write(f, &Words { names, details: None })
    }
}

/// An event with the words of its details.
pub(super) struct ToldEvent<'a> {
    pub event: &'a Event,
    pub names: &'a Names,
    pub details: Option<&'a str>,
}

impl fmt::Display for ToldEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ToldEvent { event, names, details } = *self;
        let told = InWords(event, Words { names, details }).to_string();
        f.write_str(&told)?;
        // Not every event has a fingerprint in whose place they stand.
        match details {
            Some(details) if !told.contains(details) => write!(f, "  {details}"),
            _ => Ok(()),
        }
    }
}

struct InWords<'a>(&'a Event, Words<'a>);

impl fmt::Display for InWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(f, &self.1)
    }
}

/// A record as a JSON object.
pub(super) struct Json<'a> {
    pub shown: Shown<'a>,
    pub details: Option<&'a Details>,
}

impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Json { shown: Shown { record: Record { at_ns, node, event }, names }, details } = *self;
        let node = serde_json::Value::from(name_in(names, *node));
        write!(f, "{{\"at_ns\":{at_ns},\"node\":{node},\"event\":\"{}\"", event.name())?;
        event.write_fields(f, &Words { names, details: None })?;
        write!(f, "{}}}", details.map_or("", Details::fields))
    }
}
