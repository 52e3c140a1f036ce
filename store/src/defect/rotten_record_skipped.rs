//! A damaged record in the middle of the log is skipped.
//!
//! Found in: write-ahead logs whose readers go on behind a record with a wrong checksum. An entry that was in it is read
//! as one that does nothing.

use super::{Defect, Description};
use crate::bytes::Bytes;
use crate::wal::{EntryKind, Found, Metadata, WalEntry, WalRecord, mended};
use std::borrow::Cow;

/// The defect of this file.
pub const DEFECT: Defect = Defect::RottenRecordSkipped;

pub(super) const DESCRIPTION: Description = Description {
    name: "rotten-record-skipped",
    rule: "a damaged record in the middle of the log is skipped on recovery",
    guarantees: &["boots", "member-agreement"],
};

/// The log without its damaged records.
pub(crate) fn read(file: &[u8]) -> Cow<'_, [u8]> {
    if mended::is_sound(file) {
        return Cow::Borrowed(file);
    }
    let skipped = |(metadata, found): (Metadata, Vec<Found>)| {
        let mut records = Vec::new();
        for (at, record) in found.iter().enumerate() {
            records.push(record.clone().unwrap_or_else(|| in_place_of(&records, &found[at..])));
        }
        mended::file_of(metadata, &records)
    };
    mended::records(file).map_or(Cow::Borrowed(file), |found| Cow::Owned(skipped(found)))
}

/// The stand-in for a damaged record: an entry that does nothing where the next one says that one is missing, else the
/// hard state before it once more.
fn in_place_of(before: &[WalRecord], rest: &[Found]) -> WalRecord {
    let last_entry = before.iter().rev().find_map(|record| match record {
        WalRecord::Entry(entry) => Some((entry.index, entry.term)),
        WalRecord::Start { index, term, .. } => Some((*index, *term)),
        _ => None,
    });
    let next_entry = rest.iter().flatten().find_map(|record| match record {
        WalRecord::Entry(entry) => Some(entry.index),
        _ => None,
    });
    let hard_state = before.iter().rev().find(|record| matches!(record, WalRecord::HardState { .. }));
    let (index, term) = last_entry.unwrap_or_default();
    match (next_entry, hard_state) {
        (Some(next), Some(hard_state)) if next <= index + 1 => hard_state.clone(),
        (None, Some(hard_state)) => hard_state.clone(),
        _ => WalRecord::Entry(WalEntry {
            index: index + 1,
            term,
            kind: EntryKind::Normal,
            data: Bytes::default(),
        }),
    }
}
