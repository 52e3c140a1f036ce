//! Judging while a history is recorded or read.

use crate::guarantee;
use crate::history::jsonl::Record;
use crate::proof::{Proof, Unproven};
use crate::verdict::Verdicts;

/// A judge that is told one record after the other and keeps only what later ones may depend on. It proves a sound
/// history, and never rejects one: at [`Unproven`] judge the whole history, with
/// [`Judge::unproven`](super::Judge::unproven).
///
/// ```
/// use revline_checker::generate::{Shape, stream};
/// use revline_checker::judge::Judge;
///
/// let mut judge = Judge::online();
/// stream(&Shape::default(), 1, None, |record| judge.record(record)).expect("it is sound");
/// let verdicts = judge.finish().expect("it is sound");
/// assert!(verdicts.get("linearizable").is_some_and(|verdict| verdict.holds()));
/// ```
#[derive(Default)]
pub struct OnlineJudge(Proof);

impl OnlineJudge {
    /// Takes a record, in the order in which operations returned and frames arrived. After an error it is of no more
    /// use.
    pub fn record(&mut self, record: Record) -> Result<(), Unproven> {
        self.0.record(record)
    }

    /// Ends the history and gives the verdicts on every guarantee. Those beyond the reach of the proof (leases, locks,
    /// elections, permissions) are vacuous: records that exercise them are refused.
    pub fn finish(self) -> Result<Verdicts, Unproven> {
        let proven = self.0.finish()?;
        Ok(guarantee::judge_rest_of(&Default::default(), &proven, &guarantee::UNHURRIED, |_| true))
    }
}
