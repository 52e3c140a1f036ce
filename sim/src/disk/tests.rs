//! Tests of the disk.

use super::*;

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
