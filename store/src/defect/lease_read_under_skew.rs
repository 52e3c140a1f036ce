//! A leader reads by its lease, as if all clocks went alike.
//!
//! Found in: Raft thesis, 6.4.

use super::{Defect, Description};
use crate::machine::Time;
use crate::member::Config;
use std::time::Duration;

/// The defect of this file.
pub const DEFECT: Defect = Defect::LeaseReadUnderSkew;

pub(super) const DESCRIPTION: Description = Description {
    name: "lease-read-under-skew",
    rule: "a leader answers reads by its lease, with clocks that drift more than assumed",
    guarantees: &["linearizable"],
};

/// Returns true if no other member can lead yet, if all clocks go alike: a majority followed this leader less than
/// an election timeout ago. One tick less, because a follower may have been about to tick.
pub(crate) fn answers(confirmed_at: Option<Time>, now: Time, config: &Config) -> bool {
    let lease = config.election_timeout() - Duration::from_millis(config.tick_ms);
    confirmed_at.is_some_and(|at| now - at < lease)
}
