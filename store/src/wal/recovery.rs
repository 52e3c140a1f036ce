//! Reading a log back after a crash.

use super::chain::ChainEnd;
use super::damage::{Damage, WalError};
use super::frame::{Frame, read_frame};
use super::record::{Metadata, WalEntry, WalRecord};
use crate::machine::{ClusterId, MemberId};

/// The contents of a log file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// The voters the cluster was founded with, if the member was one of them.
    pub initial_members: Vec<MemberId>,
    /// The position before the first entry: index and term.
    pub start: (u64, u64),
    /// The last entry that the snapshot covered when the file was written.
    pub snapshot_index: u64,
    /// Term, vote and commit index.
    pub hard_state: (u64, MemberId, u64),
    /// The entries, without gaps, from `start` on.
    pub entries: Vec<WalEntry>,
    /// The length of the part that is whole. A longer file ends in a write that did not finish.
    pub valid_bytes: usize,
    /// The end of the file that this one replaced.
    pub after: ChainEnd,
    /// The last record that is whole.
    pub end: ChainEnd,
    /// The links of the records, in order.
    links: Vec<u32>,
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

    /// The link of the chain at `position`, if the file tells it.
    pub(crate) fn link_at(&self, position: u64) -> Option<u32> {
        if position == self.after.position {
            return Some(self.after.link);
        }
        let at = usize::try_from(position.checked_sub(self.after.position + 1)?).ok()?;
        self.links.get(at).copied()
    }

    /// Goes on with the record at this number of the file.
    fn take(&mut self, number: u64, record: WalRecord) -> Result<(), Damage> {
        match record {
            WalRecord::Metadata(_) => return Err(Damage::Metadata),
            WalRecord::Start { .. } if number != 2 => return Err(Damage::Start),
            WalRecord::Start { index, term, snapshot_index } => {
                self.start = (index, term);
                self.snapshot_index = snapshot_index;
            }
            WalRecord::HardState { term, vote, commit } => {
                let (before_term, _, before_commit) = self.hard_state;
                if term < before_term || commit < before_commit {
                    return Err(Damage::HardState { term, commit, before_term, before_commit });
                }
                self.hard_state = (term, vote, commit);
            }
            WalRecord::Entry(entry) => self.take_entry(entry)?,
        }
        Ok(())
    }

    fn take_entry(&mut self, entry: WalEntry) -> Result<(), Damage> {
        let first = self.start.0 + 1;
        let next = first + self.entries.len() as u64;
        if entry.index > next || entry.index < first {
            return Err(Damage::Gap { found: entry.index, first, next });
        }
        let commit = self.hard_state.2;
        if entry.index <= commit && entry.index < next {
            return Err(Damage::Committed { found: entry.index, commit });
        }
        let before = self.term_at(entry.index - 1).expect("the entry before it, or the start");
        if entry.term < before {
            return Err(Damage::EntryTerm { found: entry.term, before });
        }
        self.entries.truncate(usize::try_from(entry.index - first).expect("entries fit in memory"));
        self.entries.push(entry);
        Ok(())
    }
}

/// Reads the records of `file`. The remains of an unfinished write at the end are left out; any other damage is an
/// error. Whole records that are missing at the end cannot be told from records that were never written, down to
/// those that were written at once with the file.
pub fn recover(file: &[u8], cluster: ClusterId, member: MemberId) -> Result<Recovered, WalError> {
    let corrupt = |offset, record, damage| WalError::Corrupt { offset, record, damage };
    let (metadata, mut offset, end) = match read_frame(file, 0, None) {
        Frame::End | Frame::Torn => return Err(WalError::Empty { bytes: file.len() }),
        Frame::Corrupt(damage) => return Err(corrupt(0, 1, damage)),
        Frame::Whole { payload, end, chain } => {
            let metadata = first_record(payload, chain.position).map_err(|damage| corrupt(0, 1, damage))?;
            (metadata, end, chain)
        }
    };
    let Metadata { owner, after, records } = metadata;
    if (owner.cluster_id, owner.member_id) != (cluster, member) {
        let (found_member, found_cluster) = (owner.member_id, owner.cluster_id);
        return Err(WalError::Foreign { member, cluster, found_member, found_cluster });
    }
    let mut recovered = Recovered {
        initial_members: owner.initial_members,
        after,
        end,
        links: vec![end.link],
        ..Recovered::default()
    };
    let mut number = 2;
    loop {
        match read_frame(file, offset, Some(recovered.end)) {
            Frame::End | Frame::Torn if number <= records => {
                return Err(corrupt(offset, number, Damage::Beginning { expected: records }));
            }
            Frame::End | Frame::Torn => break,
            Frame::Corrupt(damage) => return Err(corrupt(offset, number, damage)),
            Frame::Whole { payload, end, chain } => {
                decode(payload)
                    .and_then(|record| recovered.take(number, record))
                    .map_err(|damage| corrupt(offset, number, damage))?;
                recovered.end = chain;
                recovered.links.push(chain.link);
                offset = end;
            }
        }
        number += 1;
    }
    recovered.valid_bytes = offset;
    Ok(recovered)
}

fn first_record(payload: &[u8], position: u64) -> Result<Metadata, Damage> {
    match decode(payload)? {
        WalRecord::Metadata(metadata) if metadata.after.position + 1 == position => Ok(metadata),
        WalRecord::Metadata(Metadata { after, .. }) => {
            Err(Damage::Anchor { after: after.position, position })
        }
        _ => Err(Damage::Metadata),
    }
}

fn decode(payload: &[u8]) -> Result<WalRecord, Damage> {
    let (record, rest) =
        postcard::take_from_bytes(payload).map_err(|error| Damage::Form { what: error.to_string() })?;
    match rest.len() {
        0 => Ok(record),
        more => Err(Damage::Form { what: format!("{more} bytes too many") }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{EntryKind, Owner};
    use super::*;
    use crate::bytes::Bytes;

    const CLUSTER: ClusterId = ClusterId(7);

    fn owner(member_id: MemberId) -> Owner {
        Owner { cluster_id: CLUSTER, member_id, initial_members: vec![1, 2] }
    }

    fn entry(index: u64, term: u64) -> WalRecord {
        WalRecord::Entry(WalEntry {
            index,
            term,
            kind: EntryKind::Normal,
            data: Bytes::from(&[index as u8; 9]),
        })
    }

    fn start(index: u64, term: u64) -> WalRecord {
        WalRecord::Start { index, term, snapshot_index: index }
    }

    fn hard_state(term: u64, vote: MemberId, commit: u64) -> WalRecord {
        WalRecord::HardState { term, vote, commit }
    }

    /// The records written at once with the file.
    fn beginning() -> Vec<WalRecord> {
        vec![start(4, 1), hard_state(2, 1, 4)]
    }

    fn records() -> Vec<WalRecord> {
        vec![entry(5, 2), entry(6, 2), entry(6, 3), hard_state(3, 2, 6)]
    }

    /// A log of member 1 that goes on after `after`, and the ends of its records; the first end is that of the
    /// records written at once.
    fn file_after(
        mut after: ChainEnd,
        beginning: &[WalRecord],
        records: &[WalRecord],
    ) -> (Vec<u8>, Vec<usize>) {
        let mut bytes = after.replace(owner(1), beginning);
        let mut ends = vec![bytes.len()];
        for record in records {
            after.append(record, &mut bytes);
            ends.push(bytes.len());
        }
        (bytes, ends)
    }

    fn file() -> (Vec<u8>, Vec<usize>) {
        file_after(ChainEnd { position: 90, link: 0x1234_5678 }, &beginning(), &records())
    }

    fn damage(file: &[u8]) -> Damage {
        match recover(file, CLUSTER, 1) {
            Err(WalError::Corrupt { damage, .. }) => damage,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_last_hard_state_and_the_last_entry_at_an_index_count() {
        let (bytes, _) = file();
        let recovered = recover(&bytes, CLUSTER, 1).unwrap();
        assert_eq!(recovered.start, (4, 1));
        assert_eq!(recovered.snapshot_index, 4);
        assert_eq!(recovered.hard_state, (3, 2, 6));
        let positions: Vec<_> = recovered.entries.iter().map(|entry| (entry.index, entry.term)).collect();
        assert_eq!(positions, [(5, 2), (6, 3)]);
        assert_eq!(recovered.valid_bytes, bytes.len());
        assert_eq!(recovered.after, ChainEnd { position: 90, link: 0x1234_5678 });
        assert_eq!(recovered.end.position, 97);
        assert_eq!(recovered.link_at(90), Some(0x1234_5678));
        assert_eq!(recovered.link_at(97), Some(recovered.end.link));
        assert_eq!((recovered.link_at(89), recovered.link_at(98)), (None, None));
    }

    #[test]
    fn a_log_cut_at_any_byte_holds_the_records_that_are_whole() {
        let (bytes, ends) = file();
        for cut in ends[0]..=bytes.len() {
            let whole = ends.iter().filter(|&&end| end <= cut).max().copied().unwrap_or(0);
            for zeros in [0, 1, 23, 24, 25, 40, bytes.len() - cut, 5000] {
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
    fn a_log_cut_within_what_was_written_at_once_is_refused() {
        let (bytes, ends) = file();
        for cut in 0..ends[0] {
            for zeros in [0, 1, 24, bytes.len() - cut, 5000] {
                let mut torn = bytes[..cut].to_vec();
                torn.resize(cut + zeros, 0);
                let error = recover(&torn, CLUSTER, 1).unwrap_err();
                let is_told = matches!(
                    error,
                    WalError::Empty { .. }
                        | WalError::Corrupt { damage: Damage::Beginning { expected: 3 }, .. }
                );
                assert!(is_told, "cut at {cut}, {zeros} zeros: {error}");
            }
        }
    }

    #[test]
    fn a_flipped_bit_anywhere_is_corruption_of_the_record_it_is_in() {
        let (bytes, _) = file();
        let (mut starts, mut before) = (vec![0], None);
        while let Frame::Whole { end, chain, .. } = read_frame(&bytes, starts[starts.len() - 1], before) {
            starts.push(end);
            before = Some(chain);
        }
        for at in 0..bytes.len() {
            let start = starts.iter().copied().filter(|&start| start <= at).max().unwrap_or(0);
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
        let (bytes, ends) = file();
        let (from, to) = (ends[1] + 3, ends[2]);
        let mut damaged = bytes;
        damaged[from..to].fill(0);
        assert!(
            matches!(recover(&damaged, CLUSTER, 1), Err(WalError::Corrupt { offset, .. }) if offset == ends[1])
        );
    }

    #[test]
    fn what_is_left_of_an_unfinished_record_is_where_it_belongs() {
        let (bytes, ends) = file();
        // The beginning of the last record, behind the first one after the beginning.
        for kept in 9..ends[4] - ends[3] {
            let torn = [&bytes[..ends[1]], &bytes[ends[3]..ends[3] + kept]].concat();
            assert!(
                matches!(damage(&torn), Damage::Header | Damage::Position { found: 97, expected: 95 }),
                "{kept}"
            );
        }
    }

    #[test]
    fn whole_earlier_records_behind_a_tear_are_refused() {
        let (bytes, ends) = file();
        let stale = [&bytes[..], &bytes[ends[2]..ends[3]]].concat();
        assert_eq!(damage(&stale), Damage::Position { found: 96, expected: 98 });
    }

    #[test]
    fn another_members_log_is_refused() {
        let (bytes, _) = file();
        assert!(matches!(recover(&bytes, CLUSTER, 2), Err(WalError::Foreign { .. })));
        assert!(matches!(recover(&bytes, ClusterId(8), 1), Err(WalError::Foreign { .. })));
    }

    #[test]
    fn a_record_of_another_log_is_refused_at_the_same_position_too() {
        let (bytes, ends) = file();
        let others = [
            file_after(ChainEnd { position: 90, link: 0x1234_5679 }, &beginning(), &records()).0,
            file_after(
                ChainEnd { position: 90, link: 0x1234_5678 },
                &[start(4, 1), hard_state(2, 2, 4)],
                &records(),
            )
            .0,
        ];
        for other in others {
            for from in 0..ends.len() - 1 {
                let spliced = [&bytes[..ends[from]], &other[ends[from]..]].concat();
                assert_eq!(damage(&spliced), Damage::Link { position: 94 + from as u64 });
            }
        }
    }

    #[test]
    fn what_no_member_writes_is_refused_though_it_is_chained() {
        let damage_of = |beginning: &[WalRecord], records: &[WalRecord]| {
            damage(&file_after(ChainEnd::default(), beginning, records).0)
        };
        let again = WalRecord::Metadata(Metadata { owner: owner(1), after: ChainEnd::default(), records: 1 });
        assert_eq!(damage_of(&[start(4, 1)], &[entry(6, 2)]), Damage::Gap { found: 6, first: 5, next: 5 });
        assert_eq!(damage_of(&[start(4, 1)], &[entry(4, 1)]), Damage::Gap { found: 4, first: 5, next: 5 });
        assert_eq!(damage_of(&[start(4, 3)], &[entry(5, 2)]), Damage::EntryTerm { found: 2, before: 3 });
        let taken = [entry(5, 2), entry(6, 2), hard_state(2, 1, 5), entry(5, 3)];
        assert_eq!(damage_of(&[start(4, 1)], &taken), Damage::Committed { found: 5, commit: 5 });
        let back = |term, commit| Damage::HardState { term, commit, before_term: 2, before_commit: 4 };
        assert_eq!(damage_of(&beginning(), &[hard_state(1, 1, 4)]), back(1, 4));
        assert_eq!(damage_of(&beginning(), &[hard_state(2, 1, 3)]), back(2, 3));
        assert_eq!(damage_of(&beginning(), &[start(4, 1)]), Damage::Start);
        assert_eq!(damage_of(&beginning(), &[again]), Damage::Metadata);
    }

    #[test]
    fn an_error_names_place_fault_and_what_is_right() {
        let (bytes, ends) = file();
        let repeated = [&bytes[..ends[2]], &bytes[ends[1]..]].concat();
        assert_eq!(
            recover(&repeated, CLUSTER, 1).unwrap_err().to_string(),
            format!(
                "write-ahead log: corrupt at byte {}: record 6 of the file: it is record 95 of the log's chain, \
                 expected record 96: records were moved, repeated, put in or left out; restore this member from its peers",
                ends[2]
            )
        );
        assert_eq!(
            recover(&[0; 40], CLUSTER, 1).unwrap_err().to_string(),
            "write-ahead log: holds no record in 40 bytes, expected its metadata, which is written at once with the \
             file; restore this member from its peers"
        );
    }
}
