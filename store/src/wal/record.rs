//! The records of a log.

use super::chain::ChainEnd;
use super::frame::append_frame;
use crate::bytes::Bytes;
use crate::machine::{ClusterId, MemberId};
use raft::eraftpb::{Entry, EntryType, HardState};
use serde::{Deserialize, Serialize};

/// One record of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WalRecord {
    /// The identity of the log. The first record of every file.
    Metadata(Metadata),
    /// The beginning of the log. The second record of every file, if anything came before its first entry.
    Start {
        /// The index of the last entry before the log.
        index: u64,
        /// Its term.
        term: u64,
        /// The last entry that the snapshot covered when the file was written; 0 if there was none. The snapshot was
        /// durable then, and is only ever replaced by a newer one.
        snapshot_index: u64,
    },
    /// Term, vote and commit index. The last one counts.
    HardState {
        /// The current term.
        term: u64,
        /// The member this one voted for in that term; 0 for none.
        vote: MemberId,
        /// The index up to which the log is known to be committed.
        commit: u64,
    },
    /// An entry. It takes the place of every entry at its index or after.
    Entry(WalEntry),
}

/// The owner of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The cluster.
    pub cluster_id: ClusterId,
    /// The member.
    pub member_id: MemberId,
    /// The voters it founded the cluster with; none if it joined later.
    pub initial_members: Vec<MemberId>,
}

/// The identity of a log, and the state its file began with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// The owner.
    pub owner: Owner,
    /// The end of the file that this one replaced.
    pub after: ChainEnd,
    /// The number of records that were written at once with the file, this one included. No crash leaves fewer.
    pub records: u64,
}

/// An entry of the Raft log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalEntry {
    /// Its position.
    pub index: u64,
    /// The term of the leader that made it.
    pub term: u64,
    /// The kind of the entry.
    pub kind: EntryKind,
    /// Its content.
    pub data: Bytes,
}

/// The kind of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EntryKind {
    /// A command for the store; empty for the one with which a leader begins its term.
    Normal,
    /// A change of one member.
    ConfChange,
    /// A change of several members at once.
    ConfChangeV2,
}

impl From<&Entry> for WalEntry {
    fn from(entry: &Entry) -> Self {
        debug_assert!(entry.context.is_empty(), "entries carry no context");
        WalEntry {
            index: entry.index,
            term: entry.term,
            kind: match entry.get_entry_type() {
                EntryType::EntryNormal => EntryKind::Normal,
                EntryType::EntryConfChange => EntryKind::ConfChange,
                EntryType::EntryConfChangeV2 => EntryKind::ConfChangeV2,
            },
            data: Bytes::from(&*entry.data),
        }
    }
}

impl From<WalEntry> for Entry {
    fn from(entry: WalEntry) -> Self {
        let mut raft = Entry {
            index: entry.index,
            term: entry.term,
            data: entry.data.to_vec().into(),
            ..Entry::default()
        };
        raft.set_entry_type(match entry.kind {
            EntryKind::Normal => EntryType::EntryNormal,
            EntryKind::ConfChange => EntryType::EntryConfChange,
            EntryKind::ConfChangeV2 => EntryType::EntryConfChangeV2,
        });
        raft
    }
}

impl From<&HardState> for WalRecord {
    fn from(state: &HardState) -> Self {
        WalRecord::HardState { term: state.term, vote: state.vote, commit: state.commit }
    }
}

impl ChainEnd {
    /// Appends `record` to `out`, as the next one of the chain.
    pub fn append(&mut self, record: &WalRecord, out: &mut Vec<u8>) {
        *self = append_frame(out, *self, |out| {
            let bytes = postcard::to_extend(record, std::mem::take(out));
            *out = bytes.expect("a record is always encodable");
        });
    }

    /// The bytes of a file that takes the place of the one that ends here: its metadata, then `records`.
    pub fn replace(&mut self, owner: Owner, records: &[WalRecord]) -> Vec<u8> {
        let mut file = Vec::new();
        let metadata = Metadata { owner, after: *self, records: records.len() as u64 + 1 };
        // The link to earlier records is part of the metadata: the file can be checked by itself.
        self.link = 0;
        for record in [&WalRecord::Metadata(metadata)].into_iter().chain(records) {
            self.append(record, &mut file);
        }
        file
    }
}
