//! A run that was judged: the verdicts if it passed; why it failed if it did, and what was seen until then.

use super::failure::Cause;
use crate::checker::history::{ClientId, History};
use crate::checker::verdict::Verdicts;
use crate::sim::{Observed, Panicked, Run};
use std::collections::BTreeMap;

/// The history of a run, the names of its clients, and the observations.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub history: History,
    pub clients: BTreeMap<ClientId, String>,
    pub observations: Vec<Observed>,
}

impl<T> From<Run<T>> for Seen {
    fn from(Run { history, clients, observations, .. }: Run<T>) -> Seen {
        Seen { history, clients, observations }
    }
}

impl From<Panicked> for Seen {
    fn from(Panicked { history, clients, observations, .. }: Panicked) -> Seen {
        Seen { history: *history, clients, observations }
    }
}

/// A run that passed.
#[derive(Debug)]
pub(super) struct JudgedRun {
    pub run: Run<()>,
    pub verdicts: Verdicts,
    /// The number of things that each guarantee of the test's own examined.
    pub examined: BTreeMap<String, u64>,
}

/// A run that failed.
#[derive(Debug)]
pub(super) struct FailedRun {
    pub cause: Cause,
    pub seen: Seen,
}

impl FailedRun {
    pub fn new(cause: Cause, seen: impl Into<Seen>) -> Box<FailedRun> {
        Box::new(FailedRun { cause, seen: seen.into() })
    }
}
