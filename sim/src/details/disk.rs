//! The details of what is written to disks, and of what is read from there when it is applied.

use super::entry;
use crate::trace::content::content_of_bytes;
use crate::trace::{Details, Event, Fingerprint, NodeName, Trace};
use revline_store::disk::{DiskOperation, File};
use revline_store::wal::{WalEntry, WalRecord, records_of};

/// Notes what a member hands to its disk, if records are kept.
pub(crate) fn foretell(trace: &mut Trace, node: NodeName, operation: &DiskOperation) {
    if !trace.keeps_details() {
        return;
    }
    let (DiskOperation::Append { file: File::Wal, bytes }
    | DiskOperation::Replace { file: File::Wal, bytes }) = operation
    else {
        return;
    };
    let mut entries: Vec<WalEntry> = Vec::new();
    let mut words = String::new();
    for record in records_of(bytes) {
        match record {
            WalRecord::Entry(entry) => entries.push(entry),
            WalRecord::HardState { term, vote: 0, commit } => words = format!("term {term}, commit {commit}"),
            WalRecord::HardState { term, vote, commit } => {
                words = format!("term {term}, vote for m{vote}, commit {commit}");
            }
            WalRecord::Metadata(_) | WalRecord::Start { .. } => {}
        }
    }
    for one in &entries {
        trace.entry_appended(node, one.index, entry::entry(one));
    }
    let content = Fingerprint(content_of_bytes(bytes));
    let event = Event::DiskAppend { file: File::Wal, bytes: bytes.len() as u64, content };
    trace.foretell(&event, entry::listed(words, &entries));
}

/// The details of the entries that a member applies now, up to an index, if records are kept.
pub(crate) fn entries_applied(trace: &mut Trace, node: NodeName, index: u64) -> Option<Details> {
    if !trace.keeps_details() {
        return None;
    }
    let entries = trace.entries_applied(node, index);
    Some(entry::together(String::new(), entries.into_iter()))
}
