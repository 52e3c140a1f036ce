//! The futures of a run at an event: how many of them end in the same violation.

use super::{Effort, evident_ns};
use crate::execute::execute;
use crate::plan::Plan;
use revline_checker::verdict::Fingerprint;
use revline_sim::entropy::Reseed;
use revline_sim::trace::Record;
use serde::{Deserialize, Serialize};

/// The events of the first curve: so many parts of the run, of about as many events each.
const PARTS: usize = 8;

/// The probability of the violation at one event of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// The position of the event in the trace, counted from 0.
    pub event: usize,
    /// Its time, in nanoseconds.
    pub at_ns: u64,
    /// The futures that end in the violation.
    pub violated: u64,
    /// The futures that were run.
    pub futures: u64,
}

/// The futures of one run.
pub(super) struct Futures<'a> {
    plan: Plan,
    violation: &'a Fingerprint,
    records: &'a [Record],
    /// The last event before the violation is evident.
    last: usize,
    effort: Effort,
    go_on: &'a mut dyn FnMut(u64) -> bool,
    runs: u64,
    is_stopped: bool,
}

impl<'a> Futures<'a> {
    /// The futures of the run of a plan with these records, in which the violation was evident at `evident_ns`.
    pub(super) fn new(
        plan: &Plan,
        violation: &'a Fingerprint,
        records: &'a [Record],
        evident_ns: u64,
        effort: Effort,
        go_on: &'a mut dyn FnMut(u64) -> bool,
    ) -> Futures<'a> {
        let plan = Plan { guarantees: vec![violation.guarantee.clone()], ..plan.clone() };
        let last = records.partition_point(|record| record.at_ns <= evident_ns).saturating_sub(1);
        Futures { plan, violation, records, last, effort, go_on, runs: 1, is_stopped: false }
    }

    pub(super) fn runs(&self) -> u64 {
        self.runs
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    /// The probability at some events of the run, from its first to the last before the violation is evident. Ends with
    /// the last one of which all futures were run.
    pub(super) fn curve(&mut self) -> Vec<Point> {
        let mut events: Vec<usize> = (0..=PARTS).map(|part| self.last * part / PARTS).collect();
        events.dedup();
        events.into_iter().map_while(|event| self.at(event)).collect()
    }

    /// The two neighbours on a curve between which it rises most.
    pub(super) fn steepest(&self, curve: &[Point]) -> (Point, Point) {
        let pairs = curve.windows(2).map(|pair| (pair[0], pair[1]));
        let rise = |(from, to): &(Point, Point)| to.violated as i64 - from.violated as i64;
        // Of several the first: from there on it was so.
        let steepest = pairs.rev().max_by_key(rise);
        steepest.unwrap_or_else(|| {
            let point = Point { event: 0, at_ns: 0, violated: 0, futures: 0 };
            let only = curve.first().copied().unwrap_or(point);
            (only, only)
        })
    }

    /// Goes on with the half in which it rises most, until the two are one event apart, or happen at one moment.
    pub(super) fn narrowed(&mut self, mut from: Point, mut to: Point) -> (Point, Point) {
        while to.violated > from.violated
            && to.at_ns > from.at_ns
            && to.event > from.event + 1
            && !self.is_stopped
        {
            let Some(middle) = self.at(from.event + (to.event - from.event) / 2) else { break };
            if middle.violated as i64 - from.violated as i64 > to.violated as i64 - middle.violated as i64 {
                to = middle;
            } else {
                from = middle;
            }
        }
        (from, to)
    }

    /// The probability at one event: everything before it happens as it did, it does so, too. `None` if it is ended before
    /// all futures were run: some of them say nothing beside all of another event.
    fn at(&mut self, event: usize) -> Option<Point> {
        // What an event draws comes with it: another seed from the next nanosecond on.
        let at_ns = self.records.get(event).map_or(0, |record| record.at_ns);
        let seeds: Vec<u64> = (1..=self.effort.futures.get()).collect();
        let mut point = Point { event, at_ns, violated: 0, futures: 0 };
        for batch in seeds.chunks(self.effort.jobs.get()) {
            if self.is_stopped || !(self.go_on)(self.runs) {
                self.is_stopped = true;
                return None;
            }
            point.violated += self.violated(at_ns + 1, batch);
            point.futures += batch.len() as u64;
            self.runs += batch.len() as u64;
        }
        Some(point)
    }

    /// The number of seeds under which the rest of the run ends in the violation.
    fn violated(&self, at_ns: u64, seeds: &[u64]) -> u64 {
        let (plan, violation) = (&self.plan, self.violation);
        std::thread::scope(|scope| {
            let run = |&seed: &u64| {
                let mut plan = plan.clone();
                // No seed of the futures is that of the run.
                let seed = plan.seed.wrapping_add(seed);
                plan.simulation.reseed = Some(Reseed { at_ns, seed });
                scope.spawn(move || {
                    execute(&plan, false).is_ok_and(|outcome| evident_ns(&outcome, violation).is_some())
                })
            };
            let running: Vec<_> = seeds.iter().map(run).collect();
            running.into_iter().map(|run| u64::from(run.join().unwrap_or(false))).sum()
        })
    }
}
