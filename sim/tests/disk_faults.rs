//! Faults of disks and of power: what a member does, and what one without the protection would do.

#![allow(clippy::unwrap_used, reason = "a test: a panic is its message")]

use revline_checker::history::Observation;
use revline_checker::judge::Judge;
use revline_checker::verdict::Verdicts;
use revline_sim::client::CallError;
use revline_sim::fault::{
    BitRot, Crash, CrashAt, DiskDamage, DiskStall, FailingDisk, FailingPower, FaultCx, FaultKind, Misplaced,
    MisplacedWrite, OldDisk, Target,
};
use revline_sim::trace::NodeName;
use revline_sim::{SimulationConfig, World, simulate};
use revline_store::defect::{Defect, Defects};
use revline_store::disk::{DiskError, DiskWork, File};
use std::fmt;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const MEMBER: Target = Target::Member(1);

/// The outcome of a program in a world.
struct Seen {
    observations: Vec<Observation>,
    verdicts: Verdicts,
    crashes: u64,
}

impl Seen {
    fn count(&self, wanted: impl Fn(&Observation) -> bool) -> usize {
        self.observations.iter().filter(|seen| wanted(seen)).count()
    }

    fn stopped(&self) -> usize {
        self.count(|seen| matches!(seen, Observation::Stopped { .. }))
    }

    fn started(&self) -> usize {
        self.count(|seen| matches!(seen, Observation::Started { .. }))
    }

    fn refused(&self) -> usize {
        self.count(|seen| matches!(seen, Observation::Refused { .. }))
    }

    fn violates(&self, guarantee: &str) -> bool {
        self.verdicts.get(guarantee).is_some_and(|verdict| verdict.is_violated())
    }
}

fn run<F: Future<Output = ()>>(
    members: u64,
    defects: Defects,
    program: impl FnOnce(World) -> F + Send,
) -> Seen {
    let config = SimulationConfig { members, defects, ..SimulationConfig::default() };
    let run = simulate(&config, false, program).expect("the simulation does not panic");
    let verdicts = Judge::new(&run.history).run();
    let seen = Seen { observations: run.history.observations, verdicts, crashes: run.counters.crashes };
    assert!(!defects.is_empty() || !seen.verdicts.any_violated(), "{:?}", seen.verdicts);
    seen
}

/// Puts until it is answered.
async fn put(world: &World, key: &str, value: &str) {
    let client = world.client_at(vec![1], None);
    while client.put(key, value).await.is_err() {
        world.sleep(SECOND / 10).await;
    }
}

fn failing(works: &[DiskWork], error: DiskError, times: Option<u32>) -> FailingDisk {
    FailingDisk { target: MEMBER, works: works.to_vec(), error, times }
}

/// A failed sync, a put that is answered, and a loss of power.
fn with_a_failed_sync(defects: Defects) -> Seen {
    run(1, defects, |world| async move {
        put(&world, "k", "1").await;
        let sync = world.strike(&failing(&[DiskWork::Sync], DiskError::Io, Some(1)));
        put(&world, "k", "2").await;
        world.heal_one(sync);
        let crash = world.strike(&Crash { target: MEMBER });
        world.heal_one(crash);
        let _ = world.client_at(vec![1], None).get("k").await;
        world.settle(20 * SECOND).await;
    })
}

#[test]
fn a_member_stops_when_a_sync_fails_and_one_that_tries_again_loses_what_it_acknowledged() {
    let sound = with_a_failed_sync(Defects::NONE);
    assert_eq!((sound.stopped(), sound.started()), (1, 3), "it stopped once, and lost power once");
    let trusting = with_a_failed_sync(Defect::FailedSyncForgotten.into());
    assert_eq!(trusting.stopped(), 0);
    assert!(trusting.violates("durable"), "{:?}", trusting.verdicts);
}

#[test]
fn a_full_disk_stops_a_member_until_there_is_room() {
    for works in [[DiskWork::Append], [DiskWork::Sync]] {
        let seen = run(1, Defects::NONE, |world| async move {
            put(&world, "k", "1").await;
            let full = world.strike(&failing(&works, DiskError::NoSpace, None));
            let client = world.client_at(vec![1], None);
            assert!(client.put("k", "2").await.is_err());
            world.sleep(2 * SECOND).await;
            world.heal_one(full);
            put(&world, "k", "3").await;
            world.settle(20 * SECOND).await;
        });
        assert!(seen.stopped() >= 2, "it stopped {} times for want of room", seen.stopped());
    }
}

#[test]
fn a_snapshot_that_cannot_be_written_stops_a_member() {
    let seen = run(1, Defects::NONE, |world| async move {
        put(&world, "k", "1").await;
        world.strike(&failing(&[DiskWork::Replace], DiskError::Io, Some(1)));
        let defragmented = world.client_at(vec![1], None).defragment().await;
        assert!(matches!(defragmented, Err(CallError::Unknown(_))), "{defragmented:?}");
        put(&world, "k", "2").await;
        world.settle(20 * SECOND).await;
    });
    assert_eq!(seen.stopped(), 1);
}

#[test]
fn a_stalled_disk_keeps_every_write_waiting() {
    run(1, Defects::NONE, |world| async move {
        put(&world, "k", "1").await;
        let stall = world.strike(&DiskStall { target: MEMBER });
        let client = world.client_at(vec![1], None);
        assert!(world.timeout(SECOND, client.put("k", "2")).await.is_err(), "it waits");
        world.heal_one(stall);
        put(&world, "k", "3").await;
        world.settle(20 * SECOND).await;
    });
}

/// A member of three whose disk is damaged while it is down, and that is to start again.
fn with_damage(defects: Defects, fault: &impl FaultKind) -> Seen {
    run(3, defects, |world| async move {
        let client = world.client("a").await.unwrap();
        for value in ["1", "2", "3", "4", "5", "6"] {
            client.put("k", value).await.unwrap();
        }
        client.defragment().await.unwrap();
        world.sleep(SECOND).await;
        let fault = world.strike(fault);
        world.sleep(SECOND).await;
        world.heal_one(fault);
        world.sleep(SECOND).await;
        world.settle(20 * SECOND).await;
    })
}

#[test]
fn a_member_refuses_to_start_from_a_disk_that_rotted() {
    for file in [File::Wal, File::Snapshot] {
        let target = if file == File::Wal { Target::Member(2) } else { MEMBER };
        let seen = with_damage(Defects::NONE, &BitRot { target, file, read: false });
        // Not every member was asked to write a snapshot.
        let damaged = seen.count(|seen| matches!(seen, Observation::Damaged { .. }));
        assert_eq!(seen.refused(), damaged, "{file:?}");
        assert!(file == File::Snapshot || damaged == 1);
    }
}

#[test]
fn a_member_that_read_wrong_bytes_refuses_and_starts_once_they_are_right() {
    let fault = BitRot { target: Target::Member(2), file: File::Wal, read: true };
    let seen = with_damage(Defects::NONE, &fault);
    assert_eq!((seen.refused(), seen.started()), (1, 4));
    assert_eq!(seen.count(|seen| matches!(seen, Observation::Repaired { .. })), 1);
}

#[test]
fn a_member_that_skips_rotten_records_starts_from_damage() {
    let violates = |target| {
        let rot = BitRot { target: Target::Member(target), file: File::Wal, read: false };
        with_damage(Defect::RottenRecordSkipped.into(), &rot).violates("boots")
    };
    assert!((1..=3).any(violates), "the bit may be in a header, which leads nowhere");
}

#[test]
fn writes_at_the_wrong_place_are_refused_unless_any_record_is_taken() {
    for how in [Misplaced::Repeated, Misplaced::Swapped] {
        let fault = MisplacedWrite { target: Target::Member(2), how };
        assert_eq!(with_damage(Defects::NONE, &fault).refused(), 1, "{how:?}");
        let taken = with_damage(Defect::MovedRecordAccepted.into(), &fault);
        assert!(taken.violates("boots"), "{how:?}: {:?}", taken.verdicts);
    }
}

#[test]
fn power_is_lost_at_the_operation_that_was_chosen() {
    for (work, takes_effect) in [
        (Some(DiskWork::Append), false),
        (Some(DiskWork::Sync), false),
        (Some(DiskWork::Sync), true),
        (None, true),
    ] {
        let seen = run(1, Defects::NONE, |world| async move {
            put(&world, "k", "1").await;
            let crash = CrashAt { target: MEMBER, work, after: 1, takes_effect, in_recovery: false };
            let crash = world.strike(&crash);
            let client = world.client_at(vec![1], None);
            // The operation is that of one of these.
            let (first, second) = (client.put("k", "2").await, client.put("k", "3").await);
            assert!(first.is_err() || second.is_err(), "{work:?}");
            world.heal_one(crash);
            put(&world, "k", "4").await;
            world.settle(20 * SECOND).await;
        });
        assert_eq!(seen.crashes, 1, "{work:?}");
    }
}

#[test]
fn a_member_starts_again_that_lost_power_while_it_recovered() {
    for takes_effect in [false, true] {
        let seen = run(1, Defects::NONE, |world| async move {
            put(&world, "k", "1").await;
            let crash = CrashAt { target: MEMBER, work: None, after: 0, takes_effect, in_recovery: true };
            let crash = world.strike(&crash);
            world.sleep(SECOND).await;
            world.heal_one(crash);
            put(&world, "k", "2").await;
            world.settle(20 * SECOND).await;
        });
        assert_eq!((seen.crashes, seen.started()), (2, 3));
    }
}

#[test]
fn power_that_fails_by_degrees_takes_what_nobody_acknowledged() {
    let after = |defects: Defects| {
        run(3, defects, |world| async move {
            put(&world, "k", "1").await;
            world.sleep(SECOND).await;
            let fails = world.strike(&FailingPower { after_ms: 400 });
            let client = world.client_at(vec![1, 2, 3], None);
            let _ = client.put("k", "2").await;
            world.sleep(SECOND).await;
            world.heal_one(fails);
            world.leader().await.unwrap();
            let _ = client.get("k").await;
            world.settle(20 * SECOND).await;
        })
    };
    assert!(after(Defects::NONE).stopped() >= 3, "each of them stopped");
    assert!(after(Defect::FailedSyncForgotten.into()).violates("durable"));
}

#[test]
fn a_member_with_an_older_disk_stops_once_it_is_told_of_what_it_acknowledged() {
    let seen = run(3, Defects::NONE, |world| async move {
        let leader = world.leader().await.unwrap();
        let follower = if leader == 1 { 2 } else { 1 };
        let client = world.client_at(vec![leader], None);
        client.put("k", "1").await.unwrap();
        let old = world.strike(&OldDisk { target: Target::Member(follower) });
        for value in ["2", "3", "4"] {
            client.put("k", value).await.unwrap();
        }
        world.sleep(SECOND).await;
        world.heal_one(old);
        world.sleep(SECOND).await;
        world.settle(20 * SECOND).await;
    });
    assert_eq!(seen.count(|seen| matches!(seen, Observation::RolledBack { .. })), 1);
    assert_eq!(seen.refused(), 1);
}

/// A machine of which everything goes wrong: a kind of fault of this test's own.
struct Lemon(u64);

impl FaultKind for Lemon {
    fn name(&self) -> &'static str {
        "lemon"
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let member = cx.member(Target::Member(self.0));
        cx.jump_clock(member, -5_000);
        cx.break_mid_frame(member);
        cx.copy_disk(member);
        cx.stall_disk(member);
        cx.fail_disk(member, vec![DiskWork::Append], DiskError::NoSpace, Some(1));
        cx.crash_at(member, Some(DiskWork::Sync), 5, true);
        cx.crash_after(member, SECOND / 2);
        vec![member]
    }
}

impl fmt::Display for Lemon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "let everything go wrong with member {}", self.0)
    }
}

/// A member whose disk has gone bad for ever.
struct Scrap(u64);

impl FaultKind for Scrap {
    fn name(&self) -> &'static str {
        "scrap"
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let member = cx.member(Target::Member(self.0));
        cx.crash(member);
        assert!(cx.damage_disk(member, DiskDamage::Rot(File::Wal)));
        assert!(cx.misread_disk(member, File::Wal));
        vec![member]
    }
}

impl fmt::Display for Scrap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "scrap the disk of member {}", self.0)
    }
}

#[test]
fn a_kind_of_ones_own_may_do_all_of_it_at_once_and_it_is_taken_back() {
    let lemon = run(3, Defects::NONE, |world| async move {
        let client = world.client("a").await.unwrap();
        client.put("k", "1").await.unwrap();
        let lemon = world.strike(&Lemon(2));
        for value in ["2", "3", "4"] {
            let _ = client.put("k", value).await;
        }
        world.sleep(SECOND).await;
        world.heal_one(lemon);
        world.settle(20 * SECOND).await;
    });
    assert!(lemon.crashes >= 1);
    assert_eq!(lemon.count(|seen| matches!(seen, Observation::RolledBack { .. })), 1);
    assert_eq!(with_damage(Defects::NONE, &Scrap(2)).refused(), 1);
}
