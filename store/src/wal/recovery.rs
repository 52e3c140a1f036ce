//! Reading a log back after a crash.

use super::frame::{Frame, read_frame, torn_payload};
use super::record::{WalEntry, WalRecord};
use crate::machine::MemberId;
use thiserror::Error;

/// What a log file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// The voters the cluster was founded with, if the member was one of them.
    pub founders: Vec<MemberId>,
    /// The position before the first entry: index and term.
    pub start: (u64, u64),
    /// Term, vote and commit index.
    pub hard_state: (u64, MemberId, u64),
    /// The entries, without gaps, from `start` on.
    pub entries: Vec<WalEntry>,
    /// The length of the part that is whole. A longer file ends in a write that did not finish.
    pub valid_bytes: usize,
}

impl Recovered {
    /// The term of the entry at `index`, if the log knows it.
    pub fn term_at(&self, index: u64) -> Option<u64> {
        if index == self.start.0 {
            return Some(self.start.1);
        }
        let at = usize::try_from(index.checked_sub(self.start.0 + 1)?).ok()?;
        self.entries.get(at).map(|entry| entry.term)
    }
}

/// Why a log cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WalError {
    /// Damage that an unfinished write does not explain.
    #[error("write-ahead log: corrupt at byte {offset}: {what}; restore this member from its peers")]
    Corrupt {
        /// Where.
        offset: usize,
        /// What is wrong.
        what: String,
    },
    /// The log is whole, and of another member.
    #[error(
        "write-ahead log: belongs to member {found_member} of cluster {found_cluster:x}, \
         expected member {member} of cluster {cluster:x}"
    )]
    Foreign {
        /// The member that starts.
        member: MemberId,
        /// Its cluster.
        cluster: u64,
        /// The member in the log.
        found_member: MemberId,
        /// The cluster in the log.
        found_cluster: u64,
    },
}

/// Reads the records of `file`. What an unfinished write left at the end is left out; any other damage is
/// an error.
pub fn recover(file: &[u8], cluster: u64, member: MemberId) -> Result<Recovered, WalError> {
    let mut recovered = Recovered::default();
    let mut offset = 0;
    let mut first = true;
    loop {
        let corrupt = |what: &str| WalError::Corrupt { offset, what: what.to_owned() };
        let (payload, end) = match read_frame(file, offset) {
            Frame::Whole { payload, end } => (payload, end),
            Frame::End | Frame::Torn => break,
            Frame::Corrupt(what) => return Err(corrupt(what)),
        };
        let record: WalRecord =
            postcard::from_bytes(payload).map_err(|error| corrupt(&format!("not a record: {error}")))?;
        if first != matches!(record, WalRecord::Metadata { .. }) {
            return Err(corrupt("a log has one metadata record, its first"));
        }
        first = false;
        match record {
            WalRecord::Metadata { cluster_id, member_id, founders } => {
                if (cluster_id, member_id) != (cluster, member) {
                    return Err(WalError::Foreign {
                        member,
                        cluster,
                        found_member: member_id,
                        found_cluster: cluster_id,
                    });
                }
                recovered.founders = founders;
            }
            WalRecord::Start { index, term } => {
                recovered.start = (index, term);
                recovered.entries.clear();
            }
            WalRecord::HardState { term, vote, commit } => recovered.hard_state = (term, vote, commit),
            WalRecord::Entry(entry) => {
                let next = recovered.start.0 + 1 + recovered.entries.len() as u64;
                if entry.index > next || entry.index <= recovered.start.0 {
                    return Err(corrupt(&format!(
                        "entry {} where {next} or an earlier one after {} was expected",
                        entry.index, recovered.start.0
                    )));
                }
                let keep =
                    usize::try_from(entry.index - recovered.start.0 - 1).expect("entries fit in memory");
                recovered.entries.truncate(keep);
                recovered.entries.push(entry);
            }
        }
        offset = end;
    }
    recovered.valid_bytes = offset;
    Ok(recovered)
}

impl Recovered {
    /// Takes the entry of the record that was not written to its end for a whole one, if `readable`.
    pub fn accept_torn(&mut self, file: &[u8], readable: impl Fn(&WalEntry) -> bool) {
        let Some(payload) = torn_payload(file, self.valid_bytes) else { return };
        if let Ok(WalRecord::Entry(entry)) = postcard::from_bytes(&payload)
            && entry.index == self.start.0 + 1 + self.entries.len() as u64
            && readable(&entry)
        {
            self.entries.push(entry);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{EntryKind, encode};
    use super::*;

    const CLUSTER: u64 = 7;

    fn entry(index: u64, term: u64) -> WalRecord {
        WalRecord::Entry(WalEntry { index, term, kind: EntryKind::Normal, data: vec![index as u8; 9] })
    }

    fn records() -> Vec<WalRecord> {
        vec![
            WalRecord::Metadata { cluster_id: CLUSTER, member_id: 1, founders: vec![1, 2] },
            WalRecord::Start { index: 4, term: 1 },
            WalRecord::HardState { term: 2, vote: 1, commit: 4 },
            entry(5, 2),
            entry(6, 2),
            entry(6, 3),
            WalRecord::HardState { term: 3, vote: 2, commit: 6 },
        ]
    }

    fn file(records: &[WalRecord]) -> (Vec<u8>, Vec<usize>) {
        let mut bytes = Vec::new();
        let mut ends = Vec::new();
        for record in records {
            encode(record, &mut bytes);
            ends.push(bytes.len());
        }
        (bytes, ends)
    }

    #[test]
    fn the_last_hard_state_and_the_last_entry_at_an_index_count() {
        let (bytes, _) = file(&records());
        let recovered = recover(&bytes, CLUSTER, 1).unwrap();
        assert_eq!(recovered.start, (4, 1));
        assert_eq!(recovered.hard_state, (3, 2, 6));
        let positions: Vec<_> = recovered.entries.iter().map(|entry| (entry.index, entry.term)).collect();
        assert_eq!(positions, [(5, 2), (6, 3)]);
        assert_eq!(recovered.valid_bytes, bytes.len());
    }

    #[test]
    fn a_log_cut_at_any_byte_holds_the_records_that_are_whole() {
        let (bytes, ends) = file(&records());
        for cut in 0..=bytes.len() {
            let whole = ends.iter().filter(|&&end| end <= cut).max().copied().unwrap_or(0);
            for zeros in [0, 1, 11, 12, 13, 40, bytes.len() - cut, 5000] {
                let mut torn = bytes[..cut].to_vec();
                torn.resize(cut + zeros, 0);
                let recovered = recover(&torn, CLUSTER, 1).unwrap();
                assert_eq!(recovered.valid_bytes, whole, "cut at {cut}, {zeros} zeros");
                assert_eq!(
                    recovered,
                    recover(&bytes[..recovered.valid_bytes], CLUSTER, 1).unwrap(),
                    "cut at {cut}, {zeros} zeros"
                );
            }
        }
    }

    #[test]
    fn a_flipped_bit_anywhere_is_corruption_of_the_record_it_is_in() {
        let (bytes, ends) = file(&records());
        for at in 0..bytes.len() {
            let start = ends.iter().copied().filter(|&end| end <= at).max().unwrap_or(0);
            for (bit, zeros) in (0..8).flat_map(|bit| [(bit, 0), (bit, 40)]) {
                let mut damaged = bytes.clone();
                damaged[at] ^= 1 << bit;
                damaged.resize(bytes.len() + zeros, 0);
                assert!(
                    matches!(recover(&damaged, CLUSTER, 1), Err(WalError::Corrupt { offset, .. }) if offset == start),
                    "byte {at}, bit {bit}"
                );
            }
        }
    }

    #[test]
    fn data_behind_a_tear_is_corruption() {
        let (bytes, ends) = file(&records());
        let (from, to) = (ends[3] + 3, ends[4]);
        let mut damaged = bytes;
        damaged[from..to].fill(0);
        assert!(
            matches!(recover(&damaged, CLUSTER, 1), Err(WalError::Corrupt { offset, .. }) if offset == ends[3])
        );
    }

    #[test]
    fn another_members_log_is_refused() {
        let (bytes, _) = file(&records());
        assert!(matches!(recover(&bytes, CLUSTER, 2), Err(WalError::Foreign { .. })));
        assert!(matches!(recover(&bytes, 8, 1), Err(WalError::Foreign { .. })));
    }

    #[test]
    fn a_gap_between_entries_is_corruption() {
        let (bytes, _) = file(&[
            WalRecord::Metadata { cluster_id: CLUSTER, member_id: 1, founders: vec![1, 2] },
            WalRecord::Start { index: 4, term: 1 },
            entry(6, 2),
        ]);
        assert!(matches!(recover(&bytes, CLUSTER, 1), Err(WalError::Corrupt { .. })));
    }
}
