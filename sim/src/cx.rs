//! The context that every part of the world shares: time, agenda, trace and counters.

use crate::agenda::Agenda;
use crate::counters::Counters;
use crate::due::Due;
use crate::marks::Reached;
use crate::trace::{Details, Event, NodeName, Record, Trace};

/// The moment of an event, with the agenda of those to come and the trace of those that were.
pub(crate) struct Cx<'a> {
    pub now_ns: u64,
    pub agenda: &'a mut Agenda<Due>,
    pub trace: &'a mut Trace,
    pub counters: &'a mut Counters,
    pub marks: &'a mut Reached,
}

impl Cx<'_> {
    /// Records an event that happens now.
    pub fn record(&mut self, node: NodeName, event: Event) {
        self.trace.push(Record { at_ns: self.now_ns, node, event });
    }

    /// Records an event that happens now, with its details, which are made if records are kept.
    pub fn record_with(&mut self, node: NodeName, event: Event, details: impl FnOnce() -> Details) {
        self.trace.push_with(Record { at_ns: self.now_ns, node, event }, details);
    }

    /// Records an event whose fingerprint stands for words.
    pub fn record_words(&mut self, node: NodeName, event: Event, words: &str) {
        self.record_with(node, event, || Details::of_text(words));
    }
}
