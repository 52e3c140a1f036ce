//! A history under judgement, with what several guarantees derive from it.

use super::order::Order;
use super::sorts::Sorts;
use crate::evidence::{Evidence, Exhibit};
use crate::history::{History, Operation, Revision};
use crate::replay::{Change, Compactions, Floor, Known, Line, Odd, Witness, floors, odd_answers, without};
use crate::search::Budget;
use crate::verdict::Verdict;
use std::borrow::Cow;
use std::cell::OnceCell;

/// The reason that a contradiction proves nothing: the time before the recording may explain it.
const IN_THE_MIDDLE: &str = "the history does not begin with the store, and what came before may explain";

/// The reason that a history stays undecided.
const UNTRIED: &str = "there are too many ways to fill the revisions that nobody answered for";

/// The most steps of a search where the caller sets no limit: a sweep must not hang on one history.
const STEPS_MAX: u64 = 2_000_000;

/// The budget where the caller sets none.
pub(crate) const UNHURRIED: Budget<'static> = Budget { steps: STEPS_MAX, ..Budget::UNLIMITED };

/// The input of a guarantee's check.
pub(crate) struct Case<'h> {
    /// The history, with every key in full, and without what odd answers say.
    pub history: &'h History,
    /// The same with what they say.
    pub(super) recorded: &'h History,
    /// The answers with a revision that no answer can carry.
    pub(super) odd: Vec<Odd>,
    /// The limits of judging.
    pub(super) budget: Budget<'h>,
    line: OnceCell<Result<Line, String>>,
    floors: OnceCell<Vec<Option<Floor>>>,
    begins_with_store: OnceCell<bool>,
    compactions: OnceCell<Compactions>,
    sorts: OnceCell<Sorts>,
}

impl<'h> Case<'h> {
    /// Opens the case of a history whose keys are in full.
    pub(crate) fn new(history: &'h History) -> Self {
        Case::within(history, UNHURRIED)
    }

    /// Opens the case of a history that is to be judged within limits.
    pub(crate) fn within(history: &'h History, budget: Budget<'h>) -> Self {
        Case {
            history,
            recorded: history,
            odd: Vec::new(),
            budget,
            line: OnceCell::new(),
            floors: OnceCell::new(),
            begins_with_store: OnceCell::new(),
            compactions: OnceCell::new(),
            sorts: OnceCell::new(),
        }
    }

    /// Opens the case of a history as it was recorded, its keys in full, and lets it be judged: in the order of time,
    /// and with what odd answers say set aside, so that they spoil no verdict but that on themselves. The other thing
    /// that is given says of evidence where it was told.
    pub(crate) fn open<T>(
        recorded: Cow<'_, History>,
        budget: Budget<'_>,
        judge: impl FnOnce(&Case<'_>, &Order) -> T,
    ) -> T {
        let (recorded, order) = Order::sort(recorded);
        let odd = odd_answers(&recorded);
        let history = without(&recorded, &odd);
        judge(&Case { recorded: &recorded, odd, ..Case::within(&history, budget) }, &order)
    }

    /// The verdict of one check on a history as it was recorded.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn one(history: &History, check: impl FnOnce(&Case<'_>) -> Verdict) -> Verdict {
        Case::open(history.in_full(), UNHURRIED, |case, order| {
            let mut verdict = check(case);
            if let Verdict::Violated { evidence, .. } = &mut verdict {
                order.restore(evidence);
            }
            verdict
        })
    }

    /// The first odd answer of those that are `wanted`, as evidence.
    pub(super) fn odd(&self, wanted: impl Fn(&Odd, &Operation) -> bool) -> Option<Evidence> {
        let mut odd = self.odd.iter();
        let odd = odd.find(|odd| wanted(odd, &self.recorded.operations[odd.operation]))?;
        let (kind, message) = match odd.newest {
            Some(newest) => (
                "skipped-revision",
                format!(
                    "revision {} was answered, and all that was asked can have made revisions up to {newest}",
                    odd.revision
                ),
            ),
            None => (
                "no-revision",
                format!("revision {} was answered, and that of an empty store is 1", odd.revision),
            ),
        };
        Some(Evidence::new(kind, message, vec![self.operation(odd.operation)]))
    }

    /// The line of revisions; or why it cannot be read from this history.
    pub(crate) fn line(&self) -> Result<&Line, &str> {
        self.line.get_or_init(|| Line::within(self.history, &self.budget)).as_ref().map_err(String::as_str)
    }

    /// For each operation, the highest place that was answered before it: that needs no line.
    pub(super) fn floors(&self) -> &[Option<Floor>] {
        match self.line() {
            Ok(line) => &line.floors,
            Err(_) => self.floors.get_or_init(|| floors(self.history)),
        }
    }

    /// True if nothing was done to the store before the first thing that is recorded.
    pub(crate) fn begins_with_store(&self) -> bool {
        *self.begins_with_store.get_or_init(|| self.history.begins_with_store())
    }

    /// The highest revision at which there may have been a compaction before the history began; -1 where there was
    /// none. Every answer that is not from a member's own state is at or after the revision of that moment.
    pub(super) fn compacted_before(&self) -> Revision {
        if self.begins_with_store() {
            return -1;
        }
        let binding = self.history.operations.iter().filter(|operation| !operation.request.is_serializable());
        let revisions = binding.filter_map(|operation| Some(operation.response()?.header().revision));
        revisions.min().unwrap_or(Revision::MAX)
    }

    /// True if the event of a change may be gone by a moment although the revision is there: the same revision changed the
    /// key once more, and of each key a compaction at the very revision keeps the last (etcd: `server/storage/mvcc/
    /// key_index.go`, `compact`). A watch that begins there, or comes to it late, reads what is kept.
    pub(super) fn may_have_lost(&self, line: &Line, revision: Revision, change: &Change, at_ns: u64) -> bool {
        line.is_overtaken(revision, change) && self.compactions().possible_at(revision, at_ns)
    }

    /// The verdict of a check that needs the line. One that rests on a guess about who made a revision is no verdict,
    /// nor one that what happened before the history began may explain: the line begins with an empty store.
    pub(super) fn by_line(&self, check: impl FnOnce(&Line) -> (u64, Option<Evidence>)) -> Verdict {
        if self.history.operations.is_empty() && self.history.watches.is_empty() {
            return Verdict::Vacuous;
        }
        let line = match self.line() {
            Ok(line) => line,
            Err(why) => return Verdict::Unknown { why: why.to_owned() },
        };
        let (examined, evidence) = check(line);
        match evidence {
            // Some flaw remains whatever was tried, but not everything was.
            None if line.is_untried() => Verdict::Unknown { why: UNTRIED.to_owned() },
            Some(_) if line.proven == 0 && !line.flaws.is_empty() => {
                Verdict::Unknown { why: UNTRIED.to_owned() }
            }
            evidence => self.unless_before(Verdict::of(examined, evidence)),
        }
    }

    /// A verdict that what happened before the history began may explain: no violation where it does not begin with the
    /// store.
    pub(super) fn unless_before(&self, verdict: Verdict) -> Verdict {
        match verdict {
            Verdict::Violated { evidence, .. } if !self.begins_with_store() => {
                Verdict::Unknown { why: format!("{IN_THE_MIDDLE}: {}", evidence.message) }
            }
            verdict => verdict,
        }
    }

    /// The possible compactions, with their times.
    pub(super) fn compactions(&self) -> &Compactions {
        self.compactions.get_or_init(|| Compactions::of(self.history))
    }

    /// The operations of the rarer sorts.
    pub(super) fn sorts(&self) -> &Sorts {
        self.sorts.get_or_init(|| Sorts::of(self.history))
    }

    /// An operation of the history, to show.
    pub(super) fn operation(&self, index: usize) -> Exhibit {
        Exhibit::operation(self.recorded, index)
    }

    /// A witness, as an exhibit.
    pub(super) fn witness(&self, witness: Witness) -> Exhibit {
        match witness {
            Witness::Operation(index) => self.operation(index),
            Witness::Observer(observer, frame) => Exhibit::observed(self.history, observer, frame),
            Witness::Event(watch, frame, event) => Exhibit::event(self.history, watch, frame, event),
            Witness::Frame(watch, frame) => Exhibit::frame(self.history, watch, frame),
        }
    }

    /// A compaction that had taken effect, to show: who asked for it, and who was told.
    pub(super) fn compaction(&self, known: Known) -> Vec<Exhibit> {
        let asked = known.asked.map(|asked| self.operation(asked));
        asked.into_iter().chain(known.told.map(|told| self.witness(told))).collect()
    }

    /// The operation that made a revision, to show, if there is one.
    pub(super) fn writer(&self, line: &Line, revision: Revision) -> Option<Exhibit> {
        line.writer(revision).map(|index| self.operation(index))
    }
}
