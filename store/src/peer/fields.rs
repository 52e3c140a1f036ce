//! The fields of a message, for those who look at a run.

use super::{HashContent, PeerContent, PeerMessage};
use crate::bytes::Bytes;
use crate::lease::{LeaseAnswer, LeaseContent};
use crate::wal::WalEntry;

/// The fields of a message between members.
#[derive(Clone, Debug, PartialEq)]
pub enum PeerFields {
    /// A message of Raft.
    Raft {
        /// The sender's term; 0 for none.
        term: u64,
        /// The term of the entry at `index`.
        log_term: u64,
        /// The index that the message is about; the entries follow it.
        index: u64,
        /// The index up to which the sender knows the log to be committed.
        commit: u64,
        /// True of an answer that refuses.
        reject: bool,
        /// The entries.
        entries: Vec<WalEntry>,
        /// The index and the term of a snapshot.
        snapshot: Option<(u64, u64)>,
    },
    /// A question about a lease.
    LeaseQuestion {
        /// The lease.
        lease: i64,
    },
    /// The answer to one.
    LeaseAnswer {
        /// The time that it has left, in seconds.
        ttl_s: i64,
        /// Its keys, if they were asked for.
        keys: Vec<Bytes>,
    },
    /// A question for a hash, or the answer.
    Hash {
        /// The revision.
        revision: i64,
        /// The hash, of an answer.
        hash: Option<u32>,
        /// The start of the member that asks, and the number of its question.
        round: (u64, u64),
    },
}

impl PeerMessage {
    /// The fields of the message.
    pub fn fields(&self) -> PeerFields {
        match &self.0 {
            PeerContent::Raft(message) => PeerFields::Raft {
                term: message.term,
                log_term: message.log_term,
                index: message.index,
                commit: message.commit,
                reject: message.reject,
                entries: message.entries.iter().map(WalEntry::from).collect(),
                snapshot: self.is_snapshot().then(|| {
                    let metadata = message.get_snapshot().get_metadata();
                    (metadata.index, metadata.term)
                }),
            },
            PeerContent::Lease(message) => match &message.content {
                LeaseContent::Question(question) => PeerFields::LeaseQuestion { lease: question.id() },
                LeaseContent::Answer(LeaseAnswer::Renewed { ttl_s }) => {
                    PeerFields::LeaseAnswer { ttl_s: *ttl_s, keys: Vec::new() }
                }
                LeaseContent::Answer(LeaseAnswer::TimeToLive { ttl_s, keys, .. }) => {
                    PeerFields::LeaseAnswer { ttl_s: *ttl_s, keys: keys.clone() }
                }
            },
            PeerContent::Hash(message) => match message.content {
                HashContent::Question { revision, .. } => {
                    PeerFields::Hash { revision, hash: None, round: message.round }
                }
                HashContent::Answer { revision, hash, .. } => {
                    PeerFields::Hash { revision, hash: Some(hash), round: message.round }
                }
            },
        }
    }
}
