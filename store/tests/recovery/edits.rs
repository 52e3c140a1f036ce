//! Edits of a log by whole records: each record is as it was written, but not where it was.

use crate::busy::{Busy, CLUSTER, VICTIM, boot, plain, with_snapshots};
use crate::frames::frames;
use revline_store::disk::DiskImage;
use revline_store::machine::MemberId;
use revline_store::member::Config;
use revline_store::wal::{Recovered, recover};
use std::collections::BTreeMap;
use std::fmt;

/// The outcomes of the edits of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    tried: usize,
    refused: usize,
    /// The member starts with its whole log.
    equal: usize,
    /// Nothing but the last records is missing, as after a crash before their sync.
    cut: usize,
    /// The member starts with something else.
    silent: usize,
}

#[derive(Default)]
struct Table(BTreeMap<&'static str, Tally>);

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| edit | tried | refused | recovered equal | as before the last records | silent |")?;
        writeln!(f, "| --- | --- | --- | --- | --- | --- |")?;
        for (kind, Tally { tried, refused, equal, cut, silent }) in &self.0 {
            writeln!(f, "| {kind} | {tried} | {refused} | {equal} | {cut} | {silent} |")?;
        }
        Ok(())
    }
}

/// A log as records.
struct Log {
    image: DiskImage,
    records: Vec<Vec<u8>>,
    whole: Recovered,
}

impl Log {
    fn of(image: DiskImage, member: MemberId) -> Log {
        let wal = image.wal.clone().unwrap();
        let records = frames(&wal).into_iter().map(|frame| wal[frame].to_vec()).collect();
        Log { whole: recover(&wal, CLUSTER, member).unwrap(), image, records }
    }

    fn try_edit(&self, kind: &'static str, edited: &[&Vec<u8>], table: &mut Table) {
        let wal: Vec<u8> = edited.iter().copied().flatten().copied().collect();
        if Some(&wal) == self.image.wal.as_ref() {
            return;
        }
        let tally = table.0.entry(kind).or_default();
        tally.tried += 1;
        let image = DiskImage { wal: Some(wal.clone()), snapshot: self.image.snapshot.clone() };
        if boot(&image, VICTIM, CLUSTER).0.is_err() {
            tally.refused += 1;
            return;
        }
        let found = recover(&wal, CLUSTER, VICTIM).unwrap();
        let is_prefix = self.image.wal.as_ref().unwrap().starts_with(&wal);
        match () {
            () if found == self.whole => tally.equal += 1,
            () if is_prefix => tally.cut += 1,
            () => tally.silent += 1,
        }
    }
}

/// Every edit of a member's log that moves, repeats, leaves out or puts in whole records.
fn edit(log: &Log, others: &[Log], older: &[Log], table: &mut Table) {
    let all: Vec<&Vec<u8>> = log.records.iter().collect();
    let count = all.len();
    for from in 0..count {
        for to in 0..count {
            let mut moved = all.clone();
            let record = moved.remove(from);
            moved.insert(to, record);
            log.try_edit("one record moved", &moved, table);

            let mut repeated = all.clone();
            repeated.insert(to + 1, all[from]);
            log.try_edit("one record repeated", &repeated, table);

            let mut overwritten = all.clone();
            overwritten[to] = all[from];
            log.try_edit("one record in place of another", &overwritten, table);

            if from < to {
                let mut swapped = all.clone();
                swapped.swap(from, to);
                log.try_edit("two records swapped", &swapped, table);
                let without = [&all[..from], &all[to + 1..]].concat();
                log.try_edit("several records in a row left out", &without, table);
                let again = [&all[..=to], &all[from..]].concat();
                log.try_edit("several records in a row repeated", &again, table);
            }
            if from + 1 < count && to + 1 < count {
                let mut moved = all.clone();
                let pair: Vec<_> = moved.drain(from..from + 2).collect();
                moved.splice(to.min(moved.len())..to.min(moved.len()), pair);
                log.try_edit("two records moved together", &moved, table);
            }
        }
        let mut without = all.clone();
        without.remove(from);
        log.try_edit("one record left out", &without, table);
    }
    for (kind, logs) in [("of another member", others), ("of an older copy", older)] {
        for other in logs {
            let theirs: Vec<&Vec<u8>> = other.records.iter().collect();
            for at in 0..count {
                let (put_in, replaced, tail) = match kind {
                    "of another member" => (
                        "another member's record put in",
                        "another member's record in place",
                        "another member's tail",
                    ),
                    _ => (
                        "an older copy's record put in",
                        "an older copy's record in place",
                        "an older copy's tail",
                    ),
                };
                for record in &theirs {
                    let with = [&all[..at], &[*record], &all[at..]].concat();
                    log.try_edit(put_in, &with, table);
                    let with = [&all[..at], &[*record], &all[at + 1..]].concat();
                    log.try_edit(replaced, &with, table);
                }
                // A whole copy is another test's.
                for from in 0..if at == 0 { 0 } else { theirs.len() } {
                    log.try_edit(tail, &[&all[..at], &theirs[from..]].concat(), table);
                }
            }
        }
    }
}

fn table_of(configure: fn(&mut Config)) -> (Table, usize) {
    let busy = Busy::new(configure);
    let mut images = busy.cluster.durable_images();
    let log = Log::of(images.remove(&VICTIM).unwrap(), VICTIM);
    let others: Vec<Log> = images.into_iter().map(|(member, image)| Log::of(image, member)).collect();
    // The oldest log, one from the middle, and the one before the last that was written anew.
    let first_record = |image: &DiskImage| image.wal.as_ref().map(|wal| wal[..frames(wal)[0].end].to_vec());
    let rewritten =
        busy.images.iter().rev().find(|image| first_record(image) != Some(log.records[0].clone()));
    let older = [busy.images.get(1), busy.images.get(busy.images.len() / 2), rewritten];
    let older: Vec<Log> = older
        .into_iter()
        .flatten()
        .filter(|image| image.wal.is_some())
        .map(|image| Log::of(image.clone(), VICTIM))
        .collect();
    let mut table = Table::default();
    edit(&log, &others, &older, &mut table);
    (table, log.records.len())
}

fn no_edit_passes_unseen(configure: fn(&mut Config)) {
    let (table, count) = table_of(configure);
    println!("{count} records\n{table}");
    for (kind, tally) in &table.0 {
        assert_eq!(tally.silent, 0, "{kind}\n{table}");
        assert_eq!(tally.refused + tally.equal + tally.cut, tally.tried, "{kind}\n{table}");
        // Only an edit that ends the log early looks like a crash.
        let may_cut = ["one record left out", "several records in a row left out"].contains(kind)
            || kind.ends_with("tail");
        assert!(may_cut || tally.cut == 0, "{kind}\n{table}");
    }
    let tried = |kind| table.0[kind].tried;
    assert_eq!(tried("one record left out"), count);
    assert_eq!(table.0["one record left out"].cut, 1, "the last record: it may not have been synced");
    assert!(tried("one record moved") > count * (count - 2));
}

#[test]
fn a_log_edited_by_records_is_refused() {
    no_edit_passes_unseen(plain);
}

#[test]
fn a_log_that_was_written_anew_and_edited_by_records_is_refused() {
    no_edit_passes_unseen(with_snapshots);
}
