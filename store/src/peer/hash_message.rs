//! The messages of the corruption check.

use crate::machine::MemberId;
use serde::{Deserialize, Serialize};

/// A question for a hash, or the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HashMessage {
    pub from: MemberId,
    pub to: MemberId,
    /// The start of the member that asks, and which of its questions it is.
    pub round: (u64, u64),
    pub content: HashContent,
}

/// The content of a [`HashMessage`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum HashContent {
    /// The hash up to this revision is wanted, once the log is applied up to this index.
    Question { revision: i64, index: u64 },
    /// It is this, at this compacted revision. `revision` is lower than asked for where that index led no further:
    /// etcd's check takes no notice of such a member.
    Answer { revision: i64, hash: u32, compact_revision: i64 },
}
