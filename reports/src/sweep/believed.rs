//! Locks and leaderships that two clients believed to hold at once: no violation, and worth knowing.
//!
//! A client that stands still, or that nobody reaches, may believe in a lock that its lease lost long ago. How
//! often two did so is told beside what they held by revision, which is what the guarantees are about.

use super::Tally;
use crate::RunReport;
use crate::number::grouped;
use revline_checker::guarantee::BelievedOverlaps;
use serde::Serialize;

/// The guarantees that say that no two hold the same by revision.
const BY_REVISION: [&str; 2] = ["lock-exclusive", "election-one-leader"];

/// The text where there was no pair.
const NO_PAIR: &str = "no two clients in the same one at once";

/// The tally of overlapping beliefs over many runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BelievedTally {
    /// Holds of locks and leaderships.
    pub holds: u64,
    /// Pairs of holds of different clients that were in the same at once, in true time.
    pub pairs: u64,
    /// Runs in which there was such a pair.
    pub runs: u64,
    /// The longest time that two were, in nanoseconds of true time.
    pub longest_ns: u64,
}

impl BelievedTally {
    /// Returns `true` if nothing was held.
    pub fn is_empty(&self) -> bool {
        self.holds == 0
    }

    /// Counts a run.
    pub fn add(&mut self, run: &RunReport) {
        let Some(BelievedOverlaps { holds, pairs, longest_ns }) = run.believed else { return };
        self.holds += holds;
        self.pairs += pairs;
        self.runs += u64::from(pairs > 0);
        self.longest_ns = self.longest_ns.max(longest_ns);
    }

    /// The same in words, in the parts of a line; `None` if nothing was held. `tally` is that of the same runs.
    pub fn words(&self, tally: &Tally) -> Option<Vec<String>> {
        if self.is_empty() {
            return None;
        }
        let holds = format!("{} locks and leaderships held", grouped(self.holds));
        if self.pairs == 0 {
            return Some(vec![holds, NO_PAIR.to_owned()]);
        }
        let runs = format!("in {} of {} runs", grouped(self.runs), grouped(tally.runs));
        let longest = format!("the longest {} of true time", seconds(self.longest_ns));
        Some(vec![holds, pairs(self.pairs), runs, [longest, by_revision(tally)].concat()])
    }
}

/// The overlapping beliefs of one run, as a line.
pub(crate) fn of_run(believed: &BelievedOverlaps) -> String {
    let holds = format!("believed: {} locks and leaderships held", grouped(believed.holds));
    match believed.pairs {
        0 => format!("{holds}, {NO_PAIR}"),
        some => {
            format!("{holds}, {}, the longest {} of true time", pairs(some), seconds(believed.longest_ns))
        }
    }
}

fn pairs(count: u64) -> String {
    match count {
        1 => "1 pair of clients in the same one at once".to_owned(),
        count => format!("{} pairs of clients in the same one at once", grouped(count)),
    }
}

/// The verdict by revision, as far as there is one.
fn by_revision(tally: &Tally) -> String {
    let judged = || BY_REVISION.iter().filter_map(|name| tally.guarantees.get(*name));
    if judged().any(|guarantee| guarantee.violated > 0) {
        return "; by revision, too".to_owned();
    }
    if judged().any(|guarantee| guarantee.unknown > 0) {
        return "; by revision that is undecided".to_owned();
    }
    match judged().any(|guarantee| guarantee.examined > 0) {
        true => "; by revision none".to_owned(),
        false => String::new(),
    }
}

/// Seconds to a tenth; less than that in milliseconds.
fn seconds(ns: u64) -> String {
    match ns / 1_000_000 {
        ms @ 0..100 => format!("{ms} ms"),
        ms => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
    }
}
