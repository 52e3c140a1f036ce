//! A record that was repeated or moved is taken, as its checksum is right.
//!
//! Found in: write-ahead logs whose records say nothing of their place.

use super::{Defect, Description};
use crate::wal::{Found, Metadata, WalRecord, mended};
use std::borrow::Cow;

/// The defect of this file.
pub const DEFECT: Defect = Defect::MovedRecordAccepted;

pub(super) const DESCRIPTION: Description = Description {
    name: "moved-record-accepted",
    rule: "a record of the log that was repeated or moved is taken on recovery, as its checksum is right",
    guarantees: &["boots", "one-leader-per-term"],
};

/// The log with its records in the order in which they are found: each takes back what it says otherwise than those
/// before it.
pub(crate) fn read(file: &[u8]) -> Cow<'_, [u8]> {
    if mended::is_sound(file) {
        return Cow::Borrowed(file);
    }
    let taken = |(metadata, found): (Metadata, Vec<Found>)| {
        // Of a record that is damaged besides nothing is taken.
        let found: Vec<WalRecord> = found.into_iter().collect::<Option<_>>()?;
        Some(mended::file_of(metadata, &in_order(&found)))
    };
    mended::records(file).and_then(taken).map_or(Cow::Borrowed(file), Cow::Owned)
}

/// The records as they are taken: the last hard state alone, and the entries that follow one another.
fn in_order(found: &[WalRecord]) -> Vec<WalRecord> {
    let mut records = Vec::new();
    let (mut first, mut last) = (1, (0, 0));
    let mut hard_state = None;
    for record in found {
        match record {
            WalRecord::Start { index, term, .. } => {
                (first, last) = (index + 1, (*index, *term));
                records.push(record.clone());
            }
            WalRecord::HardState { .. } => hard_state = Some(record),
            WalRecord::Entry(entry) => {
                let follows = (first..=last.0 + 1).contains(&entry.index) && entry.term >= last.1;
                if follows {
                    last = (entry.index, entry.term);
                    records.push(record.clone());
                }
            }
            WalRecord::Metadata(_) => {}
        }
    }
    // A commit index beyond the entries is that of the entries.
    if let Some(&WalRecord::HardState { term, vote, commit }) = hard_state {
        records.push(WalRecord::HardState { term, vote, commit: commit.min(last.0) });
    }
    records
}
