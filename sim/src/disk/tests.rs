//! Tests of the disk.

use super::*;
use revline_store::disk::DiskWork;

fn append(bytes: &[u8]) -> DiskOperation {
    DiskOperation::Append { file: File::Wal, bytes: bytes.to_vec() }
}

const SYNC: DiskOperation = DiskOperation::Sync { file: File::Wal };

fn written(seed: u64, zero_tail: Probability) -> Disk {
    let mut disk = Disk::new(DiskConfig { zero_tail, ..DiskConfig::default() }, Draws::new(seed, "disk"));
    let mut completed = Vec::new();
    disk.submit(append(b"durable"), None);
    disk.submit(SYNC, Some(1));
    assert!(disk.start_next(0, &mut completed).is_some());
    assert_eq!(disk.finish(0), Some(Completed::Sync { file: File::Wal, durable: 7, token: Some(1) }));
    disk.submit(append(b"volatile"), None);
    disk.submit(SYNC, Some(2));
    assert!(disk.start_next(0, &mut completed).is_some());
    disk
}

#[test]
fn a_crash_keeps_what_was_synced_and_any_prefix_of_the_rest() {
    let mut lengths = std::collections::BTreeSet::new();
    for seed in 0..500 {
        let mut disk = written(seed, Probability::NEVER);
        disk.crash(0);
        let wal = disk.image().wal.unwrap();
        assert!(b"durablevolatile".starts_with(&wal[..]), "{wal:?}");
        lengths.insert(wal.len());
    }
    assert_eq!(lengths, (7..=15).collect(), "every byte is a place to tear");
}

#[test]
fn a_grown_file_ends_in_zeros() {
    let torn = (0..100).any(|seed| {
        let mut disk = written(seed, Probability::percent(100));
        disk.crash(0);
        let wal = disk.image().wal.unwrap();
        assert_eq!(wal.len(), 15);
        wal.ends_with(b"vola\0\0\0\0")
    });
    assert!(torn);
}

#[test]
fn replacing_is_all_or_nothing() {
    let replace = DiskOperation::Replace { file: File::Wal, bytes: b"new".to_vec() };
    for finish in [false, true] {
        let mut disk = written(1, Probability::NEVER);
        disk.finish(0);
        disk.submit(replace.clone(), None);
        disk.submit(append(b"er"), None);
        disk.start_next(0, &mut Vec::new());
        if finish {
            disk.finish(0);
            disk.start_next(0, &mut Vec::new());
        }
        disk.crash(0);
        let wal = disk.image().wal.unwrap();
        if finish {
            assert!(wal.starts_with(b"new") && b"newer".starts_with(&wal[..]), "{wal:?}");
        } else {
            assert_eq!(wal, b"durablevolatile", "{wal:?}");
        }
    }
}

#[test]
fn one_byte_makes_another_content() {
    let mut disk = Disk::new(DiskConfig::default(), Draws::new(1, "disk"));
    let mut completed = Vec::new();
    for bytes in [b"one", b"two", b"twp"] {
        disk.submit(append(bytes), None);
    }
    disk.start_next(0, &mut completed);
    let contents: std::collections::BTreeSet<u64> = completed
        .iter()
        .map(|completed| match completed {
            Completed::Append { bytes: 3, content, .. } => *content,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(contents.len(), 3);
    let before = disk.content();
    disk.load(DiskImage { wal: Some(b"onetwotwq".to_vec()), snapshot: None });
    assert_ne!(disk.content()[0], before[0]);
    assert_eq!(disk.content()[1], before[1]);
}

#[test]
fn a_slow_disk_takes_longer() {
    let mut disk = written(1, Probability::NEVER);
    disk.finish(0);
    disk.slow_down(FaultId(1), 100);
    disk.submit(SYNC, None);
    assert!(disk.start_next(0, &mut Vec::new()).unwrap() >= 100 * 100 * 1_000);
}

#[test]
fn the_slowest_of_several_slowdowns_counts_whichever_ends_first() {
    let [once, twice] = [FaultId(1), FaultId(2)];
    for (first, second, then) in [(once, twice, 100), (twice, once, 10)] {
        let mut disk = written(1, Probability::NEVER);
        disk.slow_down(once, 10);
        disk.slow_down(twice, 100);
        assert_eq!(disk.troubles.slowdown(), 100);
        disk.recover(first);
        assert_eq!(disk.troubles.slowdown(), then);
        disk.recover(first);
        assert_eq!(disk.troubles.slowdown(), then, "a fault heals once");
        disk.recover(second);
        assert_eq!(disk.troubles.slowdown(), 1);
    }
}

/// A disk with `durable` synced and a failed sync of `lost` behind it.
fn with_a_failed_sync(lost: &[u8]) -> Disk {
    let mut disk = Disk::new(DiskConfig::default(), Draws::new(3, "disk"));
    let mut completed = Vec::new();
    for (bytes, fails) in [(&b"durable"[..], false), (lost, true)] {
        disk.submit(append(bytes), None);
        disk.submit(SYNC, Some(1));
        if fails {
            let works = vec![DiskWork::Sync];
            disk.fail(FaultId(1), Failing { works, error: DiskError::Io, times: Some(1) });
        }
        assert!(disk.start_next(0, &mut completed).is_some());
        assert_eq!(matches!(disk.finish(0), Some(Completed::Failed(_))), fails);
    }
    disk
}

fn sync(disk: &mut Disk) {
    disk.submit(SYNC, Some(2));
    assert!(disk.start_next(0, &mut Vec::new()).is_some());
    assert!(matches!(disk.finish(0), Some(Completed::Sync { .. })), "it fails once");
}

#[test]
fn the_bytes_of_a_failed_sync_can_be_read_and_are_on_no_disk_whatever_a_later_sync_says() {
    let mut disk = with_a_failed_sync(b"lost");
    sync(&mut disk);
    disk.process_ended();
    assert_eq!(disk.image().wal.unwrap(), b"durablelost");
    disk.crash(0);
    assert_eq!(disk.image().wal.unwrap(), b"durable\0\0\0\0");
}

#[test]
fn another_write_to_their_page_saves_them_with_its_sync() {
    let mut disk = with_a_failed_sync(b"lost");
    sync(&mut disk);
    disk.submit(append(b"more"), None);
    sync(&mut disk);
    disk.crash(0);
    assert_eq!(disk.image().wal.unwrap(), b"durablelostmore");
    // Pages that were full when the sync failed are not written any more.
    let lost = vec![1; 10_000];
    let mut disk = with_a_failed_sync(&lost);
    disk.submit(append(b"more"), None);
    sync(&mut disk);
    disk.crash(0);
    let wal = disk.image().wal.unwrap();
    assert_eq!(wal.iter().filter(|&&byte| byte == 1).count(), 10_007 % 4_096);
    assert!(wal.starts_with(b"durable\0\0") && wal.ends_with(b"\x01\x01more"));
}

#[test]
fn nothing_is_done_after_an_append_that_failed_until_another_process_starts() {
    let mut disk = written(1, Probability::NEVER);
    disk.finish(0);
    let works = vec![DiskWork::Append];
    disk.fail(FaultId(1), Failing { works, error: DiskError::NoSpace, times: Some(1) });
    let mut completed = Vec::new();
    for bytes in [b"one", b"two"] {
        disk.submit(append(bytes), None);
        disk.start_next(0, &mut completed);
    }
    assert!(matches!(completed[..], [Completed::Failed(_)]), "{completed:?}");
    let wal = disk.image().wal.unwrap();
    assert!(b"durablevolatileone".starts_with(&wal[..]) && wal.len() < 18, "{wal:?}");
    disk.process_ended();
    disk.submit(append(b"two"), None);
    disk.start_next(0, &mut completed);
    assert!(disk.image().wal.unwrap().ends_with(b"two"));
}

#[test]
fn a_stalled_disk_begins_nothing_until_it_goes_on() {
    let mut disk = written(1, Probability::NEVER);
    disk.finish(0);
    disk.stall(FaultId(1));
    disk.stall(FaultId(2));
    disk.submit(SYNC, None);
    for healed in [1, 1] {
        assert_eq!(disk.start_next(0, &mut Vec::new()), None);
        disk.recover(FaultId(healed));
    }
    assert_eq!(disk.start_next(0, &mut Vec::new()), None, "another fault stalls it, too");
    disk.recover(FaultId(2));
    assert!(disk.start_next(0, &mut Vec::new()).is_some());
}

#[test]
fn rot_and_misplaced_writes_are_of_what_was_synced() {
    let mut generator = crate::entropy::generator(1, "damage");
    for _ in 0..100 {
        let mut disk = written(1, Probability::NEVER);
        let sound = disk.image().wal.unwrap();
        assert!(disk.misread(FaultId(1), File::Wal, &mut generator));
        let read = disk.image().wal.unwrap();
        assert!(read[..7] != sound[..7] && read[7..] == sound[7..]);
        disk.recover(FaultId(1));
        assert_eq!(disk.image().wal.unwrap(), sound, "it was misread alone");
        assert!(disk.rot(File::Wal, &mut generator));
        let rotten = disk.image().wal.unwrap();
        assert!(rotten[..7] != sound[..7] && rotten[7..] == sound[7..]);
    }
    let mut disk = Disk::new(DiskConfig::default(), Draws::new(1, "disk"));
    for bytes in [b"first", b"again", b"other"] {
        disk.submit(append(bytes), None);
    }
    assert!(disk.start_next(0, &mut Vec::new()).is_none());
    assert!(!disk.misplace(false, &mut generator), "nothing was synced");
    sync(&mut disk);
    assert!(disk.misplace(false, &mut generator));
    assert_eq!(disk.image().wal.unwrap(), b"firstotheragain");
    assert!(disk.misplace(true, &mut generator));
    assert_eq!(disk.image().wal.unwrap(), b"firstotheragainother");
}

#[test]
fn power_is_lost_at_an_operation_before_or_after_it_takes_effect() {
    for (takes_effect, synced) in [(false, 7), (true, 15)] {
        let mut disk = written(1, Probability::NEVER);
        let loss = PowerLoss { work: Some(DiskWork::Sync), after: 0, takes_effect };
        disk.lose_power_at(FaultId(9), loss);
        let completed = disk.finish(0);
        assert_eq!(completed.is_some(), takes_effect);
        assert_eq!(disk.take_power_loss(), Some(FaultId(9)));
        assert!(disk.crash(0) >= synced);
    }
}
