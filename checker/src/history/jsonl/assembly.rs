//! Records, put together to a history in memory.

use super::Record;
use crate::history::History;
use std::collections::BTreeMap;

/// A history that is not whole yet.
#[derive(Default)]
pub(crate) struct Assembly {
    history: History,
    /// The indexes of the watches that may go on, by id.
    open: BTreeMap<u64, usize>,
}

impl Assembly {
    /// Adds a record. A piece of a watch that is not there or is over is left out: the reader must have
    /// refused it.
    pub(crate) fn add(&mut self, record: Record) {
        let history = &mut self.history;
        match record {
            Record::Operation(operation) => history.operations.push(operation),
            Record::Watch(watch) => {
                if !watch.is_over() {
                    self.open.insert(watch.id, history.watches.len());
                }
                history.watches.push(watch);
            }
            Record::Frame { watch, frame } => {
                if let Some(at) = self.open.get(&watch) {
                    history.watches[*at].frames.push(frame);
                }
            }
            Record::WatchEnd { watch, end, end_ns } => {
                if let Some(at) = self.open.remove(&watch) {
                    (history.watches[at].end, history.watches[at].end_ns) = (end, end_ns);
                }
            }
            Record::Hold(hold) => history.holds.push(hold),
            Record::Observer(observer) => history.observers.push(observer),
            Record::Admin(call) => history.admin_calls.push(call),
            Record::Namespace { client, prefix } => drop(history.namespaces.insert(client, prefix)),
            Record::Observation(observation) => history.observations.push(observation),
        }
    }

    /// Nothing more comes.
    pub(crate) fn finish(self) -> History {
        self.history
    }
}
