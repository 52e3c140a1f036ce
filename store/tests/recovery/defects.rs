//! The defects that read a damaged log as if it was whole: they start from what a sound member refuses.

use crate::busy::{CLUSTER, VICTIM, used_disk};
use crate::frames::frames;
use revline_store::defect::{Defect, Defects};
use revline_store::disk::DiskImage;
use revline_store::machine::Time;
use revline_store::member::{Config, Member};

fn starts(disk: &DiskImage, wal: &[u8], defects: Defects) -> bool {
    let image = DiskImage { wal: Some(wal.to_vec()), ..disk.clone() };
    let config = Config { cluster_id: CLUSTER, defects, ..Config::new(VICTIM, vec![1, 2, 3]) };
    Member::boot(config, &image, Time::default(), &mut Vec::new()).is_ok()
}

/// The number of damaged logs from which a member starts with the defect: it starts from none of them without.
fn started(disk: &DiskImage, damaged: impl Iterator<Item = Vec<u8>>, defect: Defect) -> usize {
    let mut tried = 0;
    let started = damaged.filter(|wal| {
        tried += 1;
        assert!(!starts(disk, wal, Defects::NONE), "log {tried}");
        starts(disk, wal, Defects::from(defect))
    });
    started.count()
}

#[test]
fn with_rotten_record_skipped_a_member_starts_from_rotten_contents() {
    let disk = used_disk();
    let wal = disk.wal.clone().expect("it was used");
    assert!(starts(&disk, &wal, Defect::RottenRecordSkipped.into()), "from a sound log as well");
    let all = frames(&wal);
    // The first record says whose log it is: nothing goes on without it.
    let rotten = all[1..].iter().map(|frame| {
        let mut rotten = wal.clone();
        // The last byte of the content.
        rotten[frame.end - 2] ^= 4;
        rotten
    });
    assert!(started(&disk, rotten, Defect::RottenRecordSkipped) > 0);
}

#[test]
fn with_moved_record_accepted_a_member_starts_from_records_at_other_places() {
    let disk = used_disk();
    let wal = disk.wal.clone().expect("it was used");
    assert!(starts(&disk, &wal, Defect::MovedRecordAccepted.into()), "from a sound log as well");
    let all = frames(&wal);
    let repeated = all[2..all.len() - 1].iter().map(|frame| [&wal[..], &wal[frame.clone()]].concat());
    let swapped = all[2..].windows(2).map(|pair| {
        let mut swapped = wal.clone();
        swapped[pair[0].start..pair[1].end].rotate_left(pair[0].len());
        swapped
    });
    for damaged in [repeated.collect::<Vec<_>>(), swapped.collect()] {
        assert!(started(&disk, damaged.into_iter(), Defect::MovedRecordAccepted) > 0);
    }
}
