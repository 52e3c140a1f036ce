//! Single engines, for tests that hold them against each other. Everything else goes through
//! [`Judge`](crate::judge::Judge), which chooses among them.

use crate::guarantee;
use crate::history::History;
use crate::proof::{self, Unproven};
use crate::verdict::{Verdict, Verdicts};

/// Proves a history sound, with the verdicts of the proof alone.
pub fn prove(history: &History) -> Result<Verdicts, Unproven> {
    proof::prove(history)
}

/// Judges `linearizable` by the order of revisions alone.
pub fn linearizable_by_replay(history: &History) -> Verdict {
    guarantee::linearizable_by_replay(history)
}
