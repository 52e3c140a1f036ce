//! The kinds of damage to a log.

use crate::machine::{ClusterId, MemberId};
use thiserror::Error;

/// Damage to one record that an unfinished write does not explain.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Damage {
    /// A changed byte in the header.
    #[error("its header is damaged: the checksum of the header is not that of its bytes")]
    Header,
    /// A changed byte in the payload.
    #[error("its content is damaged: the checksum of the record is not that of its bytes")]
    Payload,
    /// A changed byte at the end.
    #[error("its end is damaged: it ends in {found:#04x}, expected 0xa5")]
    End {
        /// The byte.
        found: u8,
    },
    /// A record that was moved or repeated, or one before it was left out.
    #[error(
        "it is record {found} of the log's chain, expected record {expected}: \
         records were moved, repeated, put in or left out"
    )]
    Position {
        /// The position in the record.
        found: u64,
        /// The position after that of the record before it.
        expected: u64,
    },
    /// A record that was written after another one than that before it.
    #[error(
        "it is record {position} of another chain, expected one that was written after the record before it: \
         it comes from another log"
    )]
    Link {
        /// The position in the record.
        position: u64,
    },
    /// A record that does not decode.
    #[error("it does not decode: {what}")]
    Form {
        /// The decoder's error.
        what: String,
    },
    /// The first record is another one, or a later one says whose log it is.
    #[error("expected the metadata of the log as its first record, and nowhere else")]
    Metadata,
    /// The file is said to go on from a position that its first record is not at.
    #[error(
        "the log says that it goes on after record {after} of the chain, and begins with record {position}"
    )]
    Anchor {
        /// The last record of the log before.
        after: u64,
        /// The position of the first record.
        position: u64,
    },
    /// The beginning of the log stands elsewhere than behind its metadata.
    #[error("expected the start of the log as its second record, and nowhere else")]
    Start,
    /// An entry that leaves a gap, or that the log begins after.
    #[error("it is entry {found} of the Raft log, expected {first} to {next}")]
    Gap {
        /// The index of the entry.
        found: u64,
        /// The lowest index it could have.
        first: u64,
        /// The highest one.
        next: u64,
    },
    /// An entry in place of a committed one.
    #[error("it is entry {found} of the Raft log, expected one after {commit}, up to which it is committed")]
    Committed {
        /// The index of the entry.
        found: u64,
        /// The commit index.
        commit: u64,
    },
    /// An entry of a term before that of the entry that it follows.
    #[error("it is an entry of term {found}, expected at least term {before}, that of the entry before it")]
    EntryTerm {
        /// The term of the entry.
        found: u64,
        /// The term of the entry before it.
        before: u64,
    },
    /// A hard state that takes back an earlier one.
    #[error(
        "it goes back to term {term} and commit index {commit}, expected at least {before_term} and {before_commit}"
    )]
    HardState {
        /// Its term.
        term: u64,
        /// Its commit index.
        commit: u64,
        /// The term before.
        before_term: u64,
        /// The commit index before.
        before_commit: u64,
    },
    /// A log that ends within the records written at once with its file.
    #[error(
        "the log ends before it, expected the {expected} records that were written at once with the file"
    )]
    Beginning {
        /// The number of these records.
        expected: u64,
    },
}

/// The reason that a log cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WalError {
    /// Damage that an unfinished write does not explain.
    #[error(
        "write-ahead log: corrupt at byte {offset}: record {record} of the file: {damage}; restore this member from its peers"
    )]
    Corrupt {
        /// The first byte of the record.
        offset: usize,
        /// The number of the record in the file, counted from 1.
        record: u64,
        /// The damage.
        damage: Damage,
    },
    /// A file without a record, which was never written so.
    #[error(
        "write-ahead log: holds no record in {bytes} bytes, expected its metadata, which is written at once with the file; \
         restore this member from its peers"
    )]
    Empty {
        /// The length of the file.
        bytes: usize,
    },
    /// The log is whole, and of another member.
    #[error(
        "write-ahead log: belongs to member {found_member} of cluster {found_cluster}, \
         expected member {member} of cluster {cluster}"
    )]
    Foreign {
        /// The member that starts.
        member: MemberId,
        /// Its cluster.
        cluster: ClusterId,
        /// The member in the log.
        found_member: MemberId,
        /// The cluster in the log.
        found_cluster: ClusterId,
    },
}
