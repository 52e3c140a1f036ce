//! What a record says.

use super::frame::append_frame;
use crate::machine::MemberId;
use raft::eraftpb::{Entry, EntryType, HardState};
use serde::{Deserialize, Serialize};

/// One record of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WalRecord {
    /// Whose log this is. The first record of every file.
    Metadata {
        /// The cluster.
        cluster_id: u64,
        /// The member.
        member_id: MemberId,
        /// The voters it founded the cluster with; none if it joined later.
        founders: Vec<MemberId>,
    },
    /// The log begins after this position: what came before is in the snapshot, or in none.
    Start {
        /// The index of the last entry before the log.
        index: u64,
        /// Its term.
        term: u64,
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

/// An entry of the Raft log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalEntry {
    /// Its position.
    pub index: u64,
    /// The term of the leader that made it.
    pub term: u64,
    /// What it is for.
    pub kind: EntryKind,
    /// Its content.
    pub data: Vec<u8>,
}

/// What an entry is for.
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
            data: entry.data.to_vec(),
        }
    }
}

impl From<WalEntry> for Entry {
    fn from(entry: WalEntry) -> Self {
        let mut raft =
            Entry { index: entry.index, term: entry.term, data: entry.data.into(), ..Entry::default() };
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

/// Appends `record` to `out`, framed.
pub fn encode(record: &WalRecord, out: &mut Vec<u8>) {
    let payload = postcard::to_stdvec(record).expect("a record is always encodable");
    append_frame(out, &payload);
}
