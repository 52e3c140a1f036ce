//! A record that was not written to its end is read as if it was.

use super::{Defect, Description};
use crate::wal::{Recovered, WalEntry, WalRecord, torn_payload};

/// The defect of this file.
pub const DEFECT: Defect = Defect::TornRecordAccepted;

pub(super) const DESCRIPTION: Description = Description {
    name: "torn-record-accepted",
    rule: "the checksum of the last record is not checked on recovery",
    guarantees: &["member-agreement", "durable"],
};

/// Takes the entry of the record that was not written to its end for a whole one, if `readable`.
pub(crate) fn accept(recovered: &mut Recovered, file: &[u8], readable: impl Fn(&WalEntry) -> bool) {
    let Some(payload) = torn_payload(file, recovered.valid_bytes) else { return };
    if let Ok(WalRecord::Entry(entry)) = postcard::from_bytes(&payload)
        && entry.index == recovered.start.0 + 1 + recovered.entries.len() as u64
        && readable(&entry)
    {
        recovered.entries.push(entry);
    }
}
