//! The count of examined observations, and the verdicts that follow.

use super::marks::Marks;
use crate::history::Refusal;
use crate::history::{Operation, Outcome, Request};
use crate::verdict::{Verdict, Verdicts};

/// The number examined; the guarantees define the count.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) operations: u64,
    pub(super) linearizable: u64,
    pub(super) revision: u64,
    pub(super) serializable: u64,
    pub(super) historical: u64,
    pub(super) compaction: u64,
    pub(super) watches: u64,
    pub(super) frames: u64,
    pub(super) events: u64,
    pub(super) ordered: u64,
    pub(super) creates: u64,
    pub(super) previous: u64,
    pub(super) several: u64,
    pub(super) shared: u64,
    pub(super) bookmarked: u64,
    pub(super) resumed: u64,
}

impl Tally {
    /// Counts an operation. `is_after_compaction`: one was answered before it was asked.
    pub(super) fn count(&mut self, operation: &Operation, is_after_compaction: bool) {
        self.operations += 1;
        let is_serializable = operation.request.is_serializable();
        match &operation.outcome {
            Outcome::Ok(_) if is_serializable => {
                self.serializable += u64::from(operation.request.is_of_keys());
            }
            Outcome::Ok(_) => {
                self.linearizable += 1;
                self.revision += 1;
                let is_compaction = matches!(operation.request, Request::Compact(_));
                self.compaction += u64::from(is_compaction || is_after_compaction);
            }
            Outcome::Failed(error) => {
                let Some(refusal) = Refusal::of(error) else { return };
                self.linearizable += u64::from(!is_serializable);
                let is_compaction = matches!(operation.request, Request::Compact(_));
                let is_future = refusal == Refusal::FutureRev;
                self.compaction += u64::from(refusal == Refusal::Compacted || is_future && is_compaction);
                self.serializable +=
                    u64::from(is_future && is_serializable && operation.request.is_of_keys());
                let is_past = matches!(refusal, Refusal::Compacted | Refusal::FutureRev);
                self.historical += u64::from(is_past && matches!(operation.request, Request::Range(_)));
            }
            Outcome::Unknown(_) => {}
        }
    }

    /// The verdicts, if everything is sound. `settled`: how often members were seen to have all that was
    /// acknowledged; `recovered`: how much was served or reached after faults healed.
    pub(super) fn verdicts(&self, marks: &Marks, settled: u64, recovered: u64) -> Verdicts {
        let is_empty = self.operations + self.watches == 0;
        let mut verdicts = Verdicts::default();
        for (name, examined) in [
            ("linearizable", self.linearizable),
            ("revision", self.revision),
            ("serializable-read", self.serializable),
            ("historical-read", self.historical),
            ("txn-atomic", marks.several + self.several),
            ("durable", if is_empty { 0 } else { marks.acknowledged + settled }),
            ("compaction", self.compaction),
            ("watch-ordered", self.ordered),
            ("watch-unique", self.events),
            ("watch-atomic", self.frames),
            ("watch-reliable", self.events),
            ("watch-resumable", self.resumed),
            ("watch-bookmarkable", self.bookmarked),
            ("watch-prev-kv", self.previous),
            ("watch-is-create", self.creates),
            ("watch-filter", self.events),
            ("watch-agreement", self.shared),
            ("recovers", recovered),
        ] {
            verdicts.add(name, Verdict::of_examined(examined));
        }
        verdicts
    }
}
