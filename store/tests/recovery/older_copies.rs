//! A log and a snapshot of different moments.

use crate::busy::{Busy, CLUSTER, VICTIM, boot, with_snapshots};
use crate::frames::{frames, owner, position};
use revline_store::disk::DiskImage;
use revline_store::member::MemberEvent;
use revline_store::member::Output;
use revline_store::wal::{Recovered, WalRecord, recover};

/// The position of the last record of a durable log; 0 without one.
fn last_position(image: &DiskImage) -> u64 {
    let Some(wal) = &image.wal else { return 0 };
    frames(wal).last().map_or(0, |frame| position(&wal[frame.clone()]))
}

fn first_position(image: &DiskImage) -> u64 {
    image.wal.as_ref().map_or(0, |wal| position(wal))
}

/// An image, and the last record of the log that was durable when its snapshot was written.
fn with_secured(images: &[DiskImage]) -> Vec<(DiskImage, u64)> {
    let mut secured = 0;
    let mut before: Option<&DiskImage> = None;
    let mut all = Vec::new();
    for image in images {
        if let Some(before) = before.filter(|before| before.snapshot != image.snapshot) {
            secured = last_position(before);
        }
        all.push((image.clone(), secured));
        before = Some(image);
    }
    all
}

/// The term and the last entry with which a member started.
fn log_of(out: &[Output]) -> Option<(u64, u64)> {
    out.iter().find_map(|output| match output {
        Output::Event(MemberEvent::Started { term, last_index, .. }) => Some((*term, *last_index)),
        _ => None,
    })
}

#[test]
fn an_older_copy_of_the_log_beside_a_newer_snapshot_is_refused() {
    let busy = Busy::new(with_snapshots);
    let images = with_secured(&busy.images);
    let (mut tried, mut refused, mut a_crash_leaves_it) = (0, 0, 0);
    for (at, (newer, secured)) in images.iter().enumerate() {
        for (older, _) in &images[..at] {
            if older.snapshot == newer.snapshot || older.wal.is_none() {
                continue;
            }
            let image = DiskImage { wal: older.wal.clone(), snapshot: newer.snapshot.clone() };
            let (result, _) = boot(&image, VICTIM, CLUSTER);
            tried += 1;
            if last_position(older) < *secured {
                let error = result.err().expect("an older log is refused").to_string();
                assert!(error.contains("of its chain, but record"), "{error}");
                refused += 1;
            } else {
                // Power was lost between the snapshot and the log that goes on from it.
                assert!(result.is_ok());
                a_crash_leaves_it += 1;
            }
        }
    }
    println!("older log: {tried} tried, {refused} refused, {a_crash_leaves_it} that a crash leaves");
    assert!(refused > 100 && a_crash_leaves_it > 0, "{refused} of {tried}");
}

#[test]
fn an_older_copy_of_the_snapshot_beside_a_newer_log_is_refused() {
    let busy = Busy::new(with_snapshots);
    let (mut tried, mut refused) = (0, 0);
    for (at, newer) in busy.images.iter().enumerate() {
        for older in &busy.images[..at] {
            if older.snapshot == newer.snapshot {
                continue;
            }
            let image = DiskImage { wal: newer.wal.clone(), snapshot: older.snapshot.clone() };
            let (result, out) = boot(&image, VICTIM, CLUSTER);
            tried += 1;
            // A file that was beside the older snapshot still holds everything after it.
            let is_file = |image: &DiskImage| first_position(image) == first_position(newer);
            let were_beside =
                busy.images.iter().any(|image| image.snapshot == older.snapshot && is_file(image));
            assert_eq!(result.is_ok(), were_beside);
            match result {
                Ok(_) => assert_eq!(log_of(&out), log_of(&boot(newer, VICTIM, CLUSTER).1)),
                Err(error) => {
                    let error = error.to_string();
                    assert!(
                        error.contains("but the snapshot ends at") || error.contains("goes on from one"),
                        "{error}"
                    );
                    refused += 1;
                }
            }
        }
    }
    println!("older snapshot: {tried} tried, {refused} refused");
    assert!(refused > 100, "{refused} of {tried}");
}

#[test]
fn a_log_of_another_history_beside_a_snapshot_is_refused() {
    let busy = Busy::new(with_snapshots);
    // The snapshot was written, the log that goes on from it was not.
    let between = with_secured(&busy.images)
        .into_iter()
        .find(|(image, secured)| *secured > first_position(image) && *secured <= last_position(image));
    let (image, secured) = between.expect("a snapshot goes before its log");
    let wal = image.wal.as_ref().unwrap();
    assert!(boot(&image, VICTIM, CLUSTER).0.is_ok());
    // The same member wrote a log of as many records, with another vote.
    let whole = recover(wal, CLUSTER, VICTIM).unwrap();
    let other = other_history(&whole, secured);
    let (result, _) = boot(&DiskImage { wal: Some(other), ..image.clone() }, VICTIM, CLUSTER);
    let error = result.err().expect("it is another log").to_string();
    assert!(error.contains("log and snapshot are of different histories"), "{error}");
}

/// A log with the content of `whole`, and written otherwise.
fn other_history(whole: &Recovered, secured: u64) -> Vec<u8> {
    let (index, term) = whole.start;
    let snapshot_index = whole.snapshot_index;
    let (hard_term, vote, commit) = whole.hard_state;
    let start = WalRecord::Start { index, term, snapshot_index };
    let state = WalRecord::HardState { term: hard_term, vote, commit };
    let entries = whole.entries.iter().cloned().map(WalRecord::Entry);
    let mut end = whole.after;
    let mut file = end.replace(owner(VICTIM), &[start]);
    for record in entries.chain([state.clone()]) {
        end.append(&record, &mut file);
    }
    while end.position < secured {
        end.append(&state, &mut file);
    }
    file
}
