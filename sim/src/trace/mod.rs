//! The events of a run, in order, under one running hash.
//!
//! Two runs are the same if and only if their trace hashes are: messages and files count byte by byte. An event is a row of
//! the list in `event`: its fields, which are hashed, and its words.

pub(crate) mod content;
#[cfg(test)]
mod contract;
mod details;
mod event;
mod logs_seen;
mod node_name;
mod rare;
mod record;
mod rows;
mod subject;
mod value;

pub use details::Details;
pub use event::Event;
pub use node_name::NodeName;
pub(crate) use node_name::node_of;
pub use record::Record;
pub use revline_store::key_range::KeyRange;
pub(crate) use value::STREAMS_PER_CLIENT;
pub use value::{Fingerprint, Lost, StoreHash, StreamName, WatchName};

use logs_seen::LogsSeen;
use rare::is_rare;
use record::{Json, Shown, ToldEvent, Untimed};
use std::collections::BTreeMap;
use std::fmt::Display;
use subject::{Kind, subject};
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
    /// The details of what records are about, while these are kept. No part of the hash.
    details: BTreeMap<(Kind, u64), Details>,
    /// The details of records that are about nothing else, by their position.
    details_at: BTreeMap<usize, Details>,
    logs: LogsSeen,
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

    /// Appends a record with its details, which are made if records are kept.
    pub(crate) fn push_with(&mut self, record: Record, details: impl FnOnce() -> Details) {
        let event = record.event;
        self.push(record);
        let Some(at) = self.records.as_ref().map(|records| records.len() - 1) else { return };
        match subject(&event) {
            Some(subject) => drop(self.details.entry(subject).or_insert_with(details)),
            None => drop(self.details_at.insert(at, details())),
        }
    }

    /// True if records are kept, with their details.
    pub(crate) fn keeps_details(&self) -> bool {
        self.records.is_some()
    }

    /// Notes the details of an event that is to come.
    pub(crate) fn foretell(&mut self, event: &Event, details: Details) {
        if let Some(subject) = subject(event) {
            self.details.entry(subject).or_insert(details);
        }
    }

    /// Notes an entry that a member hands to its disk.
    pub(crate) fn entry_appended(&mut self, node: NodeName, index: u64, entry: Details) {
        self.logs.appended(node, index, entry);
    }

    /// Notes that the state of a member is that of a snapshot.
    pub(crate) fn restored(&mut self, node: NodeName, index: u64) {
        self.logs.restored(node, index);
    }

    /// The details of the entries that a member applies now, up to this index.
    pub(crate) fn entries_applied(&mut self, node: NodeName, index: u64) -> Vec<(u64, &Details)> {
        self.logs.applied(node, index)
    }

    /// From now on a node is shown by this name.
    pub(crate) fn name(&mut self, node: NodeName, name: &str) {
        self.names.insert(node, name.to_owned());
    }

    /// A record in words, with the names of clients.
    pub fn show<'a>(&'a self, record: &'a Record) -> impl Display + 'a {
        Shown { record, names: &self.names }
    }

    /// A record in words, with what is known of its details in place of their fingerprint.
    pub fn tell(&self, at: usize, record: &Record) -> String {
        let words = self.words(at, record);
        let Record { at_ns, node, .. } = *record;
        format!("{:>14.6} ms  {:<5} {words}", at_ns as f64 / 1e6, self.name_of(node))
    }

    /// The event of a record in words, with what is known of its details in place of their fingerprint.
    pub fn words(&self, at: usize, record: &Record) -> String {
        let details = self.details(at, record).map(Details::words);
        ToldEvent { event: &record.event, names: &self.names, details }.to_string()
    }

    /// A record as a JSON object on one line: `at_ns`, `node`, `event`, the fields of the event and those of its details.
    pub fn json<'a>(&'a self, at: usize, record: &'a Record) -> impl Display + 'a {
        Json { shown: Shown { record, names: &self.names }, details: self.details(at, record) }
    }

    /// The details of the record at a position, if records are kept and it has any.
    pub fn details(&self, at: usize, record: &Record) -> Option<&Details> {
        match subject(&record.event) {
            Some(subject) => self.details.get(&subject),
            None => self.details_at.get(&at),
        }
    }

    /// The name of a node.
    pub fn name_of(&self, node: NodeName) -> String {
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
