//! The time that clients believed, at once, to hold the same lock.
//!
//! A lease runs out by the cluster's clock, and its client may not know yet: that is no violation, and the reason why
//! writes are guarded by the ownership key (Kleppmann, "How to do distributed locking", 2016; etcd's
//! documentation, "Notes on the usage of lock and lease").

use crate::bytes::Bytes;
use crate::history::{History, HoldKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Holds of one lock or election whose times overlap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BelievedOverlaps {
    /// The number of holds examined.
    pub holds: u64,
    /// The number of pairs of overlapping holds by different clients.
    pub pairs: u64,
    /// The longest such overlap, in nanoseconds.
    pub longest_ns: u64,
}

/// Counts the overlaps in true time: that of the recording, whatever clocks the cluster has. A hold without an end
/// lasts until the recording ends.
pub fn believed_overlaps(history: &History) -> BelievedOverlaps {
    let history = &history.in_full();
    if history.holds.is_empty() {
        return BelievedOverlaps::default();
    }
    let end_ns = crate::guarantee::cluster::recovers::last_moment_ns(history);
    let mut holds: BTreeMap<(HoldKind, &Bytes), Vec<_>> = BTreeMap::new();
    for hold in &history.holds {
        let until_ns = hold.until_ns.unwrap_or(end_ns);
        holds.entry((hold.kind, &hold.name)).or_default().push((hold.from_ns, until_ns, hold.client));
    }
    let mut overlaps = BelievedOverlaps { holds: history.holds.len() as u64, ..BelievedOverlaps::default() };
    for mut holds in holds.into_values() {
        holds.sort_unstable();
        let mut open: Vec<(u64, _)> = Vec::new();
        for (from_ns, until_ns, client) in holds {
            open.retain(|(open_until_ns, _)| *open_until_ns > from_ns);
            for (open_until_ns, _) in open.iter().filter(|(_, other)| *other != client) {
                let both_ns = until_ns.min(*open_until_ns).saturating_sub(from_ns);
                overlaps.pairs += u64::from(both_ns > 0);
                overlaps.longest_ns = overlaps.longest_ns.max(both_ns);
            }
            open.push((until_ns, client));
        }
    }
    overlaps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;

    fn overlaps(build: impl FnOnce(&mut Builder)) -> (u64, u64) {
        let mut history = Builder::default();
        build(&mut history);
        let history = history.build();
        let BelievedOverlaps { holds, pairs, longest_ns } = believed_overlaps(&history);
        assert_eq!(holds, history.holds.len() as u64);
        (pairs, longest_ns)
    }

    #[test]
    fn those_that_overlap_are_counted() {
        let three = |h: &mut Builder| {
            h.hold(1, lock_hold("l", "l/8", 8, 3), 25, Some(60));
            h.hold(0, lock_hold("l", "l/7", 7, 2), 10, Some(30));
            h.hold(2, lock_hold("l", "l/9", 9, 4), 28, Some(40));
        };
        assert_eq!(overlaps(three), (3, 12));
    }

    #[test]
    fn those_that_only_touch_are_not() {
        let others = |h: &mut Builder| {
            h.hold(0, lock_hold("l", "l/7", 7, 2), 10, Some(30));
            h.hold(1, lock_hold("l", "l/8", 8, 3), 30, Some(50));
            // Another name, another kind, and the same client.
            h.hold(1, lock_hold("m", "m/8", 8, 3), 10, Some(50));
            h.hold(1, leader_hold("l", "l/8", 8, 3), 10, Some(50));
            h.hold(0, lock_hold("l", "l/6", 6, 2), 20, Some(30));
            // One that ended at once.
            h.hold(3, lock_hold("l", "l/5", 5, 2), 15, Some(15));
        };
        assert_eq!(overlaps(others), (0, 0));
    }

    #[test]
    fn where_nothing_was_held_nothing_is_counted() {
        assert_eq!(overlaps(|_| ()), (0, 0));
    }

    #[test]
    fn one_without_an_end_lasts_until_the_recording_does() {
        let open = |h: &mut Builder| {
            h.hold(0, lock_hold("l", "l/7", 7, 2), 10, None);
            h.hold(1, lock_hold("l", "l/8", 8, 3), 30, None);
            let last = h.ok(2, get("a"), ranged(1, []));
            h.during(last, 40, 50);
        };
        assert_eq!(overlaps(open), (1, 20));
    }
}
