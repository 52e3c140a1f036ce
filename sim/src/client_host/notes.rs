//! The notes that a client's host takes: in the history, in the trace, in the counters.

use crate::around::Around;
use crate::counters::Counters;
use crate::recorder::Recorder;
use crate::trace::{Details, Event, NodeName, Record, Trace};

/// The places for notes on one client, at one moment.
pub(crate) struct Notes<'a> {
    pub now_ns: u64,
    pub node: NodeName,
    pub recorder: &'a mut Recorder,
    pub counters: &'a mut Counters,
    pub trace: &'a mut Trace,
}

impl<'a> Notes<'a> {
    /// The places for notes on the client of a node.
    pub fn on(node: NodeName, around: &'a mut Around<'_>) -> Notes<'a> {
        let Around { cx, recorder, .. } = around;
        Notes { now_ns: cx.now_ns, node, recorder, counters: cx.counters, trace: cx.trace }
    }

    /// Appends a record to the trace, with its details, which are made if records are kept.
    pub fn record(&mut self, event: Event, details: impl FnOnce() -> Details) {
        self.trace.push_with(Record { at_ns: self.now_ns, node: self.node, event }, details);
    }
}
