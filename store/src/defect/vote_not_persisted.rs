//! Term and vote are forgotten by a crash.

use super::{Defect, Description};
use crate::wal::WalRecord;
use raft::eraftpb::HardState;

/// The defect of this file.
pub const DEFECT: Defect = Defect::VoteNotPersisted;

pub(super) const DESCRIPTION: Description = Description {
    name: "vote-not-persisted",
    rule: "term and vote are not written to the log",
    guarantees: &["one-leader-per-term"],
};

/// The hard state that a crash leaves: neither term nor vote.
pub(crate) fn lasting(state: &HardState) -> WalRecord {
    WalRecord::HardState { term: 0, vote: raft::INVALID_ID, commit: state.commit }
}
