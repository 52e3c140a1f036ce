//! The events of a run, in order, under one running hash.
//!
//! Two runs are the same if and only if their trace hashes are: messages and files count byte by byte. An event is a row of
//! the list in `event`: its fields, which are hashed, and its words.

pub(crate) mod content;
#[cfg(test)]
mod contract;
mod event;
mod node_name;
mod rare;
mod record;
mod rows;
mod value;

pub use event::Event;
pub use node_name::NodeName;
pub(crate) use node_name::node_of;
pub use record::Record;
pub(crate) use value::STREAMS_PER_CLIENT;
pub use value::{Fingerprint, Lost, StoreHash, StreamName, WatchName};

use rare::is_rare;
use record::{Shown, Untimed};
use std::fmt::Display;
use value::{Names, name_in};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// The trace of a run.
#[derive(Debug, Default)]
pub struct Trace {
    hash: u64,
    count: u64,
    digests: Vec<u16>,
    /// The names of clients.
    names: Names,
    records: Option<Vec<Record>>,
}

impl Trace {
    /// A trace that keeps its records as well as their hash, if `keep` says so.
    pub fn new(keep: bool) -> Trace {
        Trace { records: keep.then(Vec::new), ..Trace::default() }
    }

    pub(crate) fn push(&mut self, record: Record) {
        self.hash = xxh3_64_with_seed(&record.to_bytes(), self.hash);
        let message = record.event.message();
        if !message.is_empty() {
            self.hash = xxh3_64_with_seed(message.as_bytes(), self.hash);
        }
        self.count += 1;
        self.digests.push(self.hash as u16);
        // Two levels: what is rare tells what happens, the rest is tens of thousands of lines.
        let shown = Shown { record: &record, names: &self.names };
        if is_rare(&record.event) {
            tracing::debug!(target: "revline::trace", "{}", Untimed(shown));
        } else {
            tracing::trace!(target: "revline::trace", "{}", Untimed(shown));
        }
        if let Some(records) = &mut self.records {
            records.push(record);
        }
    }

    /// From now on a node is shown by this name.
    pub(crate) fn name(&mut self, node: NodeName, name: &str) {
        self.names.insert(node, name.to_owned());
    }

    /// A record in words, with the names of clients.
    pub fn show<'a>(&'a self, record: &'a Record) -> impl Display + 'a {
        Shown { record, names: &self.names }
    }

    /// The name of a node.
    pub(crate) fn name_of(&self, node: NodeName) -> String {
        name_in(&self.names, node)
    }

    /// The running hash over all records.
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// The number of records.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The low 16 bits of the running hash after each record: where two of these first differ, two runs
    /// diverged, there or (once in 65 536 times) a little earlier.
    pub fn digests(&self) -> &[u16] {
        &self.digests
    }

    /// The records, if they were kept.
    pub fn records(&self) -> Option<&[Record]> {
        self.records.as_deref()
    }
}
