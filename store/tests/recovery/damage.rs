//! Damage that no crash leaves.

use crate::busy::{Busy, CLUSTER, VICTIM, boot, used_disk, with_snapshots};
use crate::frames::{frames, owner};
use revline_store::bytes::Bytes;
use revline_store::disk::DiskImage;
use revline_store::machine::{ClusterId, MemberId};
use revline_store::wal::{ChainEnd, EntryKind, WalEntry, WalRecord};

/// Checks that a start from this is refused with these words, without any output.
fn assert_refused(image: &DiskImage, id: MemberId, cluster_id: ClusterId, words: &str) {
    let (result, out) = boot(image, id, cluster_id);
    let error = result.err().unwrap_or_else(|| panic!("it starts: {words}")).to_string();
    assert!(error.contains(words), "`{error}` does not say `{words}`");
    assert!(out.is_empty(), "{out:?}");
}

#[test]
fn a_flipped_bit_is_refused_and_named() {
    let image = used_disk();
    let wal = image.wal.clone().unwrap();
    let starts: Vec<usize> = frames(&wal).into_iter().map(|frame| frame.start).collect();
    for at in 0..wal.len() {
        let start = starts.iter().rev().find(|&&start| start <= at).unwrap();
        let mut damaged = image.clone();
        damaged.wal.as_mut().unwrap()[at] ^= 1 << (at % 8);
        let words = format!("write-ahead log: corrupt at byte {start}: ");
        assert_refused(&damaged, VICTIM, CLUSTER, &words);
    }
}

#[test]
fn a_damaged_snapshot_is_refused() {
    let image = used_disk();
    for at in 0..image.snapshot.as_ref().unwrap().len() {
        let mut damaged = image.clone();
        damaged.snapshot.as_mut().unwrap()[at] ^= 1 << (at % 8);
        assert_refused(&damaged, VICTIM, CLUSTER, "snapshot: its checksum is wrong");
        damaged.snapshot.as_mut().unwrap().truncate(at);
        assert_refused(&damaged, VICTIM, CLUSTER, "snapshot: its checksum is wrong");
    }
}

#[test]
fn a_lost_snapshot_is_refused() {
    let image = DiskImage { snapshot: None, ..used_disk() };
    assert_refused(&image, VICTIM, CLUSTER, "but the snapshot ends at entry 0");
}

#[test]
fn a_lost_log_is_refused() {
    let image = DiskImage { wal: None, ..used_disk() };
    assert_refused(&image, VICTIM, CLUSTER, "write-ahead log: missing, but there is a snapshot");
}

#[test]
fn a_snapshot_beside_a_log_without_a_record_is_refused() {
    let image = used_disk();
    let length = image.wal.as_ref().unwrap().len();
    let first = frames(image.wal.as_ref().unwrap())[0].end;
    let cut = image.wal.as_ref().unwrap()[..first - 1].to_vec();
    for wal in [vec![], vec![0], vec![0; 24], vec![0; length], cut] {
        let words = format!("write-ahead log: holds no record in {} bytes, expected its metadata", wal.len());
        let alone = DiskImage { wal: Some(wal.clone()), snapshot: None };
        assert_refused(&alone, VICTIM, CLUSTER, &words);
        assert_refused(&DiskImage { wal: Some(wal), ..image.clone() }, VICTIM, CLUSTER, &words);
    }
    // Zeros in place of everything but the beginning of the file.
    let mut zeroed = image.clone();
    zeroed.wal.as_mut().unwrap()[first..].fill(0);
    assert_refused(&zeroed, VICTIM, CLUSTER, "the log ends before it, expected the");
}

#[test]
fn what_belongs_to_another_member_is_refused() {
    let image = used_disk();
    assert!(boot(&image, VICTIM, CLUSTER).0.is_ok());
    assert_refused(
        &image,
        1,
        CLUSTER,
        "log: belongs to member 2 of cluster 1, expected member 1 of cluster 1",
    );
    assert_refused(
        &image,
        VICTIM,
        ClusterId(7),
        "log: belongs to member 2 of cluster 1, expected member 2 of cluster 7",
    );
    let snapshot_alone = DiskImage { wal: None, ..image };
    assert_refused(
        &snapshot_alone,
        VICTIM,
        ClusterId(7),
        "snapshot: belongs to member 2 of cluster 1, expected member 2 of cluster 7",
    );
}

#[test]
fn a_snapshot_of_another_member_is_refused() {
    let images = Busy::new(with_snapshots).cluster.durable_images();
    for other in [1, 3] {
        let image = DiskImage { snapshot: images[&other].snapshot.clone(), ..images[&VICTIM].clone() };
        let words =
            format!("snapshot: belongs to member {other} of cluster 1, expected member 2 of cluster 1");
        assert_refused(&image, VICTIM, CLUSTER, &words);
    }
}

#[test]
fn records_of_another_member_are_refused() {
    let images = Busy::new(with_snapshots).cluster.durable_images();
    let (own, other) = (images[&VICTIM].wal.as_ref().unwrap(), images[&1].wal.as_ref().unwrap());
    let (own_first, other_first) = (frames(own)[0].end, frames(other)[0].end);
    let wal = [&own[..own_first], &other[other_first..]].concat();
    let image = DiskImage { wal: Some(wal), ..images[&VICTIM].clone() };
    assert_refused(
        &image,
        VICTIM,
        CLUSTER,
        &format!("corrupt at byte {own_first}: record 2 of the file: it is record "),
    );
}

#[test]
fn a_commit_index_beyond_the_log_is_refused() {
    let wal =
        ChainEnd::default().replace(owner(VICTIM), &[WalRecord::HardState { term: 1, vote: 0, commit: 3 }]);
    let image = DiskImage { wal: Some(wal), snapshot: None };
    assert_refused(&image, VICTIM, CLUSTER, "ends at entry 0, but says that 3 is committed");
}

#[test]
fn an_entry_reveals_a_term_that_was_not_saved() {
    let entry = WalEntry { index: 1, term: 5, kind: EntryKind::Normal, data: Bytes::default() };
    let records = [WalRecord::HardState { term: 4, vote: 3, commit: 0 }, WalRecord::Entry(entry)];
    let wal = ChainEnd::default().replace(owner(VICTIM), &records);
    let (member, _) = boot(&DiskImage { wal: Some(wal), snapshot: None }, VICTIM, CLUSTER);
    assert_eq!(member.unwrap().status().term, 5);
}
