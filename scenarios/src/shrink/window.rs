//! The last few operations before something happened, in many worlds.
//!
//! A crash that tears a record, or a read that comes a moment too early, needs a coincidence: with one operation less it
//! happens no more under the same seed. But of the few operations just before it, some other seed shows it, too; and
//! runs of a few operations are cheap.

use super::parts::{deeds, time_us, without};
use super::tries::Tries;
use crate::plan::Plan;
use std::collections::BTreeSet;

/// The numbers of operations that are kept.
const KEPT: [usize; 5] = [1, 2, 4, 8, 16];

/// Keeps the last few operations before each fault, or before the violation is evident; tries so many seeds.
pub(super) fn keep_last(tries: &mut Tries<'_>, seeds: u64) {
    let plan = tries.smallest.plan.clone();
    let mut ends_us: BTreeSet<u64> = plan.faults.iter().map(|fault| fault.at_ms * 1_000).collect();
    ends_us.insert(tries.smallest.evident_ms * 1_000);
    let count = deeds(&plan).len();
    let before = tries.seeds;
    tries.seeds = seeds;
    let plans = KEPT.iter().filter(|kept| **kept < count).flat_map(|&kept| {
        let plan = &plan;
        ends_us.iter().filter_map(move |&end_us| last(plan, kept, end_us))
    });
    tries.first(&mut plans.into_iter());
    tries.seeds = before;
}

/// The plan with the last few operations before a time, and none after it.
fn last(plan: &Plan, kept: usize, end_us: u64) -> Option<Plan> {
    let all = deeds(plan);
    let early = all.iter().take_while(|deed| time_us(plan, **deed) <= end_us).count();
    let window = early.saturating_sub(kept)..early;
    let gone: BTreeSet<_> =
        all.iter().enumerate().filter(|(at, _)| !window.contains(at)).map(|(_, deed)| *deed).collect();
    (!window.is_empty()).then(|| without(plan, &gone))
}
