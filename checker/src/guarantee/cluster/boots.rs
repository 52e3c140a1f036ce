//! `boots`: a member whose disk suffered only what a disk may suffer starts again and goes on until a fault ends
//! it; one whose durable bytes were damaged refuses to start, and never serves from them; one whose disk failed stops.
//!
//! etcd repairs a log whose last record is torn (`server/storage/wal/repair.go`), and refuses to start from one with
//! any other damage (`ErrCRCMismatch` and `ErrSliceOutOfRange` in `server/storage/wal/wal.go`). It ends when it cannot save
//! (`Fatal` in `server/etcdserver/raft.go`): after a failed sync nobody knows what is durable. A process that panics, as
//! etcd did at "tocommit is out of range", is one that no fault ended.

use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::{Case, Guarantee};
use crate::history::{History, MemberId, Observation};
use crate::verdict::Verdict;
use std::collections::BTreeMap;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "boots",
    about: "a member starts from what its disk may hold, goes on until a fault ends it, and never starts from damage",
    check,
};

/// The disk of a member, as far as it was declared to be wrong.
#[derive(Clone, Debug, Default)]
struct Disk {
    /// The observations that damaged it, as many as were not repaired.
    damages: Vec<usize>,
    /// An older copy took its place: the member may start, as it cannot know, and may refuse.
    rolled_back: bool,
    /// The last failure in the life of the member's present process.
    failure: Option<usize>,
}

/// Examines every start, every refusal to start, every panic, and the end of every process whose disk failed.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let history = case.history;
    let mut disks: BTreeMap<MemberId, Disk> = BTreeMap::new();
    let mut examined = 0;
    for (at, observation) in history.observations.iter().enumerate() {
        let found = match observation {
            Observation::Damaged { member, .. } => {
                disks.entry(*member).or_default().damages.push(at);
                continue;
            }
            Observation::Repaired { member, .. } => {
                disks.entry(*member).or_default().damages.pop();
                continue;
            }
            Observation::RolledBack { member, .. } => {
                disks.entry(*member).or_default().rolled_back = true;
                continue;
            }
            Observation::DiskFailed { member, .. } => {
                disks.entry(*member).or_default().failure = Some(at);
                continue;
            }
            Observation::Started { member, .. } => {
                let disk = disks.entry(*member).or_default();
                disk.failure = None;
                disk.damages.first().map(|&damage| {
                    let message = format!("{member} started from a disk whose durable bytes were damaged");
                    (message, "started-from-damage", vec![damage])
                })
            }
            Observation::Refused { member, why, .. } => {
                let is_sound =
                    disks.get(member).is_none_or(|disk| disk.damages.is_empty() && !disk.rolled_back);
                is_sound.then(|| {
                    let message = format!("{member} refuses to start from a sound disk: {why}");
                    (message, "refused", before(history, at, *member))
                })
            }
            Observation::Panicked { member, message, .. } => {
                Some((format!("{member} panicked: {message}"), "panicked", before(history, at, *member)))
            }
            Observation::Stopped { member, why, .. } => {
                let failure = disks.entry(*member).or_default().failure.take();
                failure.is_none().then(|| {
                    let message = format!("{member} stopped though its disk did not fail: {why}");
                    (message, "stopped", before(history, at, *member))
                })
            }
            Observation::Settled { member, .. } => {
                let Some(failure) = disks.get(member).and_then(|disk| disk.failure) else { continue };
                let message = format!("{member} went on after its disk had failed");
                Some((message, "went-on", vec![failure]))
            }
            _ => continue,
        };
        examined += 1;
        if let Some((message, kind, mut shown)) = found {
            shown.push(at);
            let exhibits = shown.into_iter().map(|at| Exhibit::observation(history, at)).collect();
            return Verdict::of(examined, Some(Evidence::new(kind, message, exhibits)));
        }
    }
    Verdict::of_examined(examined)
}

/// The last start of a member before an observation, and the last fault between the two.
fn before(history: &History, at: usize, member: MemberId) -> Vec<usize> {
    let earlier = &history.observations[..at];
    let is_start =
        |seen: &Observation| matches!(seen, Observation::Started { member: who, .. } if *who == member);
    let start = earlier.iter().rposition(is_start);
    let fault = earlier.iter().rposition(|seen| matches!(seen, Observation::Fault { .. }));
    start.into_iter().chain(fault.filter(|fault| start < Some(*fault))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guarantee::by_hand;
    use crate::history::build::{damaged, disk_failed, panicked, refused_to_start as refused};
    use crate::history::build::{started, stopped};

    fn judged(observations: &[Observation]) -> Verdict {
        by_hand::judged_observations(check, observations)
    }

    fn kind(observations: &[Observation]) -> String {
        by_hand::kind_of_observations(check, observations)
    }

    fn power_loss() -> Observation {
        Observation::Fault { at_ns: 0, name: None, what: "crash member 1".to_owned(), victims: Vec::new() }
    }

    #[test]
    fn accepts_members_that_start_again_after_every_loss_of_power() {
        let observations = [started(1), started(2), power_loss(), started(1), power_loss(), started(1)];
        assert_eq!(judged(&observations), Verdict::Holds { examined: 4 });
        assert_eq!(judged(&[power_loss()]), Verdict::Vacuous);
    }

    #[test]
    fn accepts_a_member_that_refuses_to_start_from_damage() {
        assert_eq!(judged(&[started(1), damaged(1), refused(1), refused(1)]), Verdict::Holds { examined: 3 });
        assert_eq!(judged(&[started(1), damaged(1)]), Verdict::Holds { examined: 1 }, "it never came back");
        let another = [started(1), damaged(1), refused(1), started(2)];
        assert_eq!(judged(&another), Verdict::Holds { examined: 3 }, "another member has a disk of its own");
    }

    #[test]
    fn rejects_a_member_that_refuses_to_start_from_a_sound_disk() {
        assert_eq!(kind(&[started(1), power_loss(), refused(1)]), "refused");
        assert_eq!(kind(&[refused(1)]), "refused", "an empty disk is sound, too");
        assert_eq!(
            kind(&[started(1), damaged(2), refused(1)]),
            "refused",
            "it is the other that was damaged"
        );
        assert_eq!(kind(&[refused(1), damaged(1)]), "refused", "the damage came later");
    }

    #[test]
    fn rejects_a_member_that_starts_from_damage() {
        assert_eq!(kind(&[started(1), damaged(1), started(1)]), "started-from-damage");
        assert_eq!(kind(&[damaged(1), refused(1), started(1)]), "started-from-damage", "at the second try");
        assert_eq!(kind(&[damaged(1), damaged(1), started(2), started(1)]), "started-from-damage");
    }

    #[test]
    fn rejects_a_process_that_panics() {
        assert_eq!(kind(&[started(1), panicked(1)]), "panicked");
        assert_eq!(kind(&[started(1), power_loss(), panicked(1)]), "panicked", "while it starts again");
        assert_eq!(kind(&[started(1), damaged(1), panicked(1)]), "panicked", "that is no refusal");
    }

    fn repaired(member: u64) -> Observation {
        Observation::Repaired { at_ns: 0, member: MemberId(member) }
    }

    fn settled(member: u64) -> Observation {
        Observation::Settled {
            at_ns: 0,
            member: MemberId(member),
            revision: 1,
            leader: None,
            auth_revision: None,
            auth_hash: None,
        }
    }

    #[test]
    fn accepts_a_member_that_stops_when_its_disk_fails_and_starts_again() {
        let stops = [started(1), disk_failed(1), stopped(1), started(1), settled(1)];
        assert_eq!(judged(&stops), Verdict::Holds { examined: 3 });
        let dies_first = [started(1), disk_failed(1), power_loss(), started(1), settled(1), settled(2)];
        assert_eq!(judged(&dies_first), Verdict::Holds { examined: 2 });
        assert_eq!(judged(&[started(1), disk_failed(1)]), Verdict::Holds { examined: 1 }, "not seen again");
    }

    #[test]
    fn rejects_a_member_that_stops_from_no_cause_or_goes_on_from_a_failure() {
        assert_eq!(kind(&[started(1), stopped(1)]), "stopped");
        assert_eq!(kind(&[started(1), disk_failed(2), stopped(1)]), "stopped", "another member's disk");
        assert_eq!(kind(&[started(1), disk_failed(1), stopped(1), started(1), stopped(1)]), "stopped");
        assert_eq!(kind(&[started(1), disk_failed(1), settled(1)]), "went-on");
    }

    #[test]
    fn a_repaired_disk_is_sound_again_and_only_that_one() {
        assert_eq!(
            judged(&[damaged(1), refused(1), repaired(1), started(1)]),
            Verdict::Holds { examined: 2 }
        );
        assert_eq!(kind(&[damaged(1), repaired(1), refused(1)]), "refused");
        assert_eq!(kind(&[damaged(1), repaired(2), started(1)]), "started-from-damage");
        assert_eq!(kind(&[damaged(1), damaged(1), repaired(1), started(1)]), "started-from-damage");
    }

    #[test]
    fn accepts_whatever_a_member_with_an_older_disk_notices() {
        let rolled_back = || Observation::RolledBack { at_ns: 0, member: MemberId(1) };
        assert_eq!(judged(&[rolled_back(), started(1)]), Verdict::Holds { examined: 1 });
        assert_eq!(judged(&[rolled_back(), started(1), refused(1)]), Verdict::Holds { examined: 2 });
        assert_eq!(kind(&[rolled_back(), refused(2)]), "refused", "the disk of another");
        assert_eq!(kind(&[rolled_back(), damaged(1), started(1)]), "started-from-damage");
    }

    #[test]
    fn the_evidence_is_the_last_start_the_fault_after_it_and_the_end() {
        let verdict = judged(&[started(1), power_loss(), started(1), started(2), power_loss(), refused(1)]);
        let evidence = verdict.evidence().unwrap();
        let places: Vec<String> = evidence.exhibits.iter().map(|exhibit| exhibit.text.clone()).collect();
        assert_eq!(
            places,
            ["member 1 started", "fault: crash member 1", "member 1 refused to start: its log is corrupt"]
        );
        let sooner = judged(&[power_loss(), started(1), panicked(1)]);
        assert_eq!(sooner.evidence().unwrap().exhibits.len(), 2, "the fault was over");
    }
}
