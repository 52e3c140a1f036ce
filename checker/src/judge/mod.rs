//! The front door: a history in, one verdict for each guarantee out.
//!
//! [`Judge`] takes a history in memory, [`OnlineJudge`] its records one by one. Neither asks for an engine. A history
//! of etcd is first given to `proof`, which proves most sound histories in one pass. What it cannot prove goes to
//! `replay`, which orders by revision, and what the revisions leave open to [`search`](crate::search). Calls of a
//! register, a mutex or an append-only store carry no revisions, so they go to the search at once.
//!
//! ```
//! use revline_checker::history::jsonl;
//! use revline_checker::judge::Judge;
//!
//! // A put that was acknowledged at revision 2, and after it a read that finds the store empty.
//! let recorded = r#"{"kind":"header","format":"revline-history","version":1}
//! {"kind":"op","client":0,"member":1,"invoke_ns":10,"return_ns":20,"request":{"put":{"key":"a","value":"1"}},"outcome":{"ok":{"put":{"header":{"member":1,"revision":2,"term":2}}}}}
//! {"kind":"op","client":1,"member":2,"invoke_ns":30,"return_ns":40,"request":{"range":{"key":"a"}},"outcome":{"ok":{"range":{"header":{"member":2,"revision":1,"term":2},"kvs":[],"more":false,"count":0}}}}
//! "#;
//! let history = jsonl::read("recorded.jsonl", recorded.as_bytes())?;
//!
//! let verdicts = Judge::new(&history).run();
//! let evidence = verdicts.get("linearizable").and_then(|verdict| verdict.evidence());
//! assert!(evidence.is_some_and(|evidence| evidence.exhibits.len() == 2));
//!
//! // The guarantees of watches alone: nothing exercised them, so they did not pass either.
//! let verdicts = Judge::new(&history).only(|name| name.starts_with("watch-")).run();
//! assert!(verdicts.iter().all(|(_, verdict)| verdict.word() == "vacuous"));
//! # Ok::<(), revline_checker::history::jsonl::ReadError>(())
//! ```

#[cfg(feature = "import")]
mod calls;
mod effort;
mod online;
mod order;
mod subject;

pub use crate::proof::Unproven;
pub use effort::Effort;
pub use online::OnlineJudge;
pub use order::{Deed, Order, Step};
pub use subject::Subject;

use crate::guarantee::{self, UNHURRIED};
use crate::history::History;
use crate::search::Budget;
use crate::verdict::Verdicts;
use std::fmt;

/// A judgement to be made: the history, the guarantees wanted, the limits.
pub struct Judge<'h> {
    subject: Subject<'h>,
    wanted: Box<dyn Fn(&str) -> bool + 'h>,
    budget: Budget<'h>,
    effort: Effort<'h>,
    threads: usize,
    is_unproven: bool,
}

impl<'h> Judge<'h> {
    /// Judges a [`History`] of etcd, or what the module `import` read: every guarantee, each search within two
    /// million steps.
    pub fn new(subject: impl Into<Subject<'h>>) -> Self {
        Judge {
            subject: subject.into(),
            wanted: Box::new(|_| true),
            budget: UNHURRIED,
            effort: Effort::default(),
            threads: 1,
            is_unproven: false,
        }
    }

    /// Judges only the guarantees whose name is accepted.
    #[must_use]
    pub fn only(self, wanted: impl Fn(&str) -> bool + 'h) -> Self {
        Judge { wanted: Box::new(wanted), ..self }
    }

    /// Limits steps, memory and time. The verdict on a guarantee that is undecided at the limit gives that as its reason.
    #[must_use]
    pub fn budget(self, budget: Budget<'h>) -> Self {
        Judge { budget, ..self }
    }

    /// Sets the effort to explain a violation, after the verdict. Histories of etcd are explained by what refuted them,
    /// at no cost.
    #[must_use]
    pub fn explain(self, effort: Effort<'h>) -> Self {
        Judge { effort, ..self }
    }

    /// Searches independent parts of a history on this many threads; 1 by default. The verdicts do not depend on it.
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Judge { threads, ..self }
    }

    /// Skips the attempt to prove the history, for one that an [`OnlineJudge`] has failed to prove.
    #[must_use]
    pub fn unproven(self) -> Self {
        Judge { is_unproven: true, ..self }
    }

    /// Gives the verdicts.
    pub fn run(self) -> Verdicts {
        match self.subject {
            Subject::Etcd(history) if self.is_unproven => {
                guarantee::judge_recorded(history.in_full(), &self.budget, self.wanted)
            }
            Subject::Etcd(history) => of_etcd(history, &self.budget, self.wanted),
            #[cfg(feature = "import")]
            Subject::Imported(imported) => {
                let mut verdicts = calls::judge(imported, &self.budget, self.effort, self.threads);
                verdicts.retain(self.wanted);
                verdicts
            }
        }
    }

    /// Judges a history while it is told, without keeping it.
    pub fn online() -> OnlineJudge {
        OnlineJudge::default()
    }
}

impl fmt::Debug for Judge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Judge { budget, effort, threads, is_unproven, subject: _, wanted: _ } = self;
        f.debug_struct("Judge")
            .field("budget", budget)
            .field("effort", effort)
            .field("threads", threads)
            .field("is_unproven", is_unproven)
            .finish_non_exhaustive()
    }
}

/// Judges a history of etcd. Most are sound, and most of those are proven so in one pass.
fn of_etcd(history: &History, budget: &Budget<'_>, wanted: impl Fn(&str) -> bool) -> Verdicts {
    let history = history.in_full();
    match crate::proof::prove_within(&history, budget) {
        Ok(proven) => guarantee::judge_rest_of(&history, &proven, budget, wanted),
        Err(_) => guarantee::judge_recorded(history, budget, wanted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guarantee::GUARANTEES;
    use crate::verdict::Verdict;

    #[test]
    fn an_empty_history_proves_nothing() {
        let verdicts = Judge::new(&History::default()).run();
        for guarantee in GUARANTEES {
            assert_eq!(verdicts.get(guarantee.name), Some(&Verdict::Vacuous), "{}", guarantee.name);
        }
    }

    #[test]
    fn what_was_not_judged_in_time_is_undecided() {
        let verdicts = Judge::new(&History::default()).budget(Budget::until(&|| true)).run();
        for guarantee in GUARANTEES {
            assert!(
                matches!(verdicts.get(guarantee.name), Some(Verdict::Unknown { why }) if why.starts_with("stopped")),
                "{}",
                guarantee.name
            );
        }
    }

    #[test]
    fn only_the_guarantees_wanted_are_judged() {
        let verdicts = Judge::new(&History::default()).only(|name| name == "durable").run();
        assert_eq!(verdicts.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["durable"]);
    }
}
