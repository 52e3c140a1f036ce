//! Recovery survives a crash at every byte of the log.

#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

mod harness;

use harness::cluster::Cluster;
use harness::requests::{compact, delete_from, put, txn};
use revline_store::machine::{Call, DiskImage, MemberId, Output, Reply, Time};
use revline_store::member::{BootError, Config, Member, MemberEvent};
use revline_store::wal::{EntryKind, Recovered, WalEntry, WalRecord, encode, recover};
use std::collections::BTreeMap;

/// The member whose log is cut. It follows first, leads later, and follows again.
const VICTIM: MemberId = 2;

const CLUSTER: u64 = 1;

fn plain(_: &mut Config) {}

fn with_snapshots(config: &mut Config) {
    config.snapshot_every_entries = 7;
    config.snapshot_keep_entries = 4;
}

/// The disks at the moment when bytes were appended to the victim's log.
struct Moment {
    /// Everybody's disk, without what is not durable.
    durable: BTreeMap<MemberId, DiskImage>,
    /// The victim's, with it.
    written: DiskImage,
    /// The log of the victim before the bytes were appended.
    length_before: usize,
    /// The highest revision that a client was told.
    acknowledged: i64,
}

/// A cluster that was busy.
struct Busy {
    cluster: Cluster,
    moments: Vec<Moment>,
    acknowledged: i64,
}

impl Busy {
    fn new(configure: fn(&mut Config)) -> Busy {
        let mut busy = Busy { cluster: Cluster::new(3, configure), moments: Vec::new(), acknowledged: 0 };
        busy.cluster.elect(1);
        for round in 0..3 {
            busy.round(round);
            let target = [VICTIM, 3, 1][round];
            let leader = busy.cluster.await_leader();
            busy.request(leader, Call::MoveLeader { target });
            assert_eq!(busy.cluster.await_leader(), target);
        }
        busy.cluster.ticks(3);
        assert!(busy.cluster.agrees());
        busy
    }

    fn round(&mut self, round: usize) {
        let value = format!("value {round}");
        self.request(1, put("a", &value));
        self.request(2, put("b", &value));
        self.at_once(&[
            (1, put("c", "1")),
            (3, put("c", "2")),
            (2, txn("a", "d", &value)),
            (1, put("e", "")),
        ]);
        self.request(3, txn("missing", "f", &value));
        self.request(2, delete_from("c", "e"));
        let revision = self.cluster.member(1).store().revision();
        self.request(1, compact(revision - 2, false));
        self.request(3, put("c", "again"));
    }

    fn request(&mut self, member: MemberId, request: Call) {
        self.at_once(&[(member, request)]);
    }

    /// Requests that share appends and syncs.
    fn at_once(&mut self, requests: &[(MemberId, Call)]) {
        for (member, request) in requests {
            self.cluster.start_call(*member, request.clone());
        }
        let mut length_before = self.wal_length();
        while self.cluster.advance() {
            self.note_acknowledged();
            let length = self.wal_length();
            if length > length_before {
                self.moments.push(Moment {
                    durable: self.cluster.durable_images(),
                    written: self.cluster.nodes[&VICTIM].disk.image_cut(length, 0),
                    length_before,
                    acknowledged: self.acknowledged,
                });
            }
            length_before = length;
        }
    }

    fn wal_length(&self) -> usize {
        self.cluster.nodes[&VICTIM].disk.wal.as_ref().map_or(0, Vec::len)
    }

    fn note_acknowledged(&mut self) {
        for node in self.cluster.nodes.values() {
            for reply in node.replies.values().flatten() {
                if let Reply::Kv(response) = reply {
                    self.acknowledged = self.acknowledged.max(response.header().revision);
                }
            }
        }
    }
}

/// What the victim finds in its log, checked against what the bytes say.
fn check_recovered(image: &DiskImage, whole: &Recovered) {
    let wal = image.wal.as_deref().unwrap();
    let found = recover(wal, CLUSTER, VICTIM).unwrap();
    assert!(found.hard_state.0 <= whole.hard_state.0);
    for entry in &found.entries {
        // What another leader replaced later is of a lower term.
        let later = whole.term_at(entry.index);
        assert!(later.is_none_or(|term| entry.term <= term), "entry {}", entry.index);
    }
    let config = Config::new(VICTIM, vec![1, 2, 3]);
    let mut out = Vec::new();
    let member = Member::boot(config, image, Time::default(), &mut out).unwrap();
    assert!(member.status().term >= found.hard_state.0);
    assert!(found.entries.last().is_none_or(|entry| entry.term <= member.status().term));
    let started = out.iter().find_map(|output| match output {
        Output::Event(MemberEvent::Started { torn_bytes, .. }) => Some(*torn_bytes),
        _ => None,
    });
    assert_eq!(started, Some(wal.len() - found.valid_bytes));
}

/// Starts everybody from these disks and lets them agree again.
fn restart(images: &BTreeMap<MemberId, DiskImage>, configure: fn(&mut Config)) -> Cluster {
    let mut cluster = Cluster::from_images(images, configure);
    cluster.await_leader();
    for _ in 0..30 {
        if cluster.agrees() {
            // What it wrote since can be read back, too.
            let image = &cluster.durable_images()[&VICTIM];
            recover(image.wal.as_deref().unwrap(), CLUSTER, VICTIM).unwrap();
            return cluster;
        }
        cluster.ticks(1);
    }
    panic!("the members do not agree after 3 s");
}

/// All lose power while the victim writes. Whatever a client was told is still there.
fn lose_power_at_every_byte(configure: fn(&mut Config)) {
    let busy = Busy::new(configure);
    let mut cuts = 0;
    for moment in &busy.moments {
        let written = moment.written.wal.as_ref().unwrap();
        for cut in moment.length_before..=written.len() {
            for zeros in [0, written.len() - cut] {
                let mut wal = written[..cut].to_vec();
                wal.resize(cut + zeros, 0);
                let mut images = moment.durable.clone();
                images
                    .insert(VICTIM, DiskImage { wal: Some(wal), snapshot: moment.written.snapshot.clone() });
                let cluster = restart(&images, configure);
                let revision = cluster.member(1).store().revision();
                assert!(revision >= moment.acknowledged, "cut at {cut}, {zeros} zeros");
                cuts += 1;
            }
        }
    }
    assert!(cuts > 1000, "a busy log has more than {cuts} bytes");
}

/// The log of a member that did its work is cut, and the others have everything.
fn cut_at_every_byte(configure: fn(&mut Config)) {
    let busy = Busy::new(configure);
    let disk = &busy.cluster.nodes[&VICTIM].disk;
    let hash = busy.cluster.member(1).hash();
    let length = busy.wal_length();
    let whole = recover(disk.wal.as_deref().unwrap(), CLUSTER, VICTIM).unwrap();
    let mut images = busy.cluster.durable_images();
    for cut in 0..=length {
        for zeros in [1, 12, length - cut, 4096] {
            check_recovered(&disk.image_cut(cut, zeros), &whole);
        }
        let image = disk.image_cut(cut, 0);
        check_recovered(&image, &whole);
        images.insert(VICTIM, image);
        let cluster = restart(&images, configure);
        assert_eq!(cluster.member(VICTIM).hash(), hash, "cut at {cut}");
    }
}

#[test]
fn power_lost_at_every_byte() {
    lose_power_at_every_byte(plain);
}

#[test]
fn power_lost_at_every_byte_with_snapshots() {
    lose_power_at_every_byte(with_snapshots);
}

#[test]
fn the_log_cut_at_every_byte() {
    cut_at_every_byte(plain);
}

#[test]
fn the_log_cut_at_every_byte_with_snapshots() {
    cut_at_every_byte(with_snapshots);
}

/// The log and the snapshot of a member that was busy.
fn used_disk() -> DiskImage {
    Busy::new(with_snapshots).cluster.durable_images().remove(&VICTIM).unwrap()
}

fn boot(image: &DiskImage, id: MemberId, cluster_id: u64) -> (Result<Member, BootError>, Vec<Output>) {
    let mut out = Vec::new();
    let config = Config { cluster_id, ..Config::new(id, vec![1, 2, 3]) };
    (Member::boot(config, image, Time::default(), &mut out), out)
}

/// Starting from this is refused with these words, and nothing is asked of the disk or of anybody.
fn assert_refused(image: &DiskImage, id: MemberId, cluster_id: u64, words: &str) {
    let (result, out) = boot(image, id, cluster_id);
    let error = result.err().unwrap_or_else(|| panic!("it starts: {words}")).to_string();
    assert!(error.contains(words), "`{error}` does not say `{words}`");
    assert!(out.is_empty(), "{out:?}");
}

#[test]
fn a_flipped_bit_is_refused_and_named() {
    let image = used_disk();
    let wal = image.wal.clone().unwrap();
    // Where each record begins.
    let mut starts = vec![0];
    for cut in 0..=wal.len() {
        let start = recover(&wal[..cut], CLUSTER, VICTIM).unwrap().valid_bytes;
        if start != *starts.last().unwrap() {
            starts.push(start);
        }
    }
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
fn what_belongs_to_somebody_else_is_refused() {
    let image = used_disk();
    assert!(boot(&image, VICTIM, CLUSTER).0.is_ok());
    assert_refused(&image, 1, CLUSTER, "belongs to member 2 of cluster 1, expected member 1 of cluster 1");
    assert_refused(&image, VICTIM, 7, "belongs to member 2 of cluster 1, expected member 2 of cluster 7");
    let snapshot_alone = DiskImage { wal: None, ..image };
    assert_refused(&snapshot_alone, VICTIM, 7, "snapshot: belongs to cluster 1, expected 7");
}

#[test]
fn a_commit_index_beyond_the_log_is_refused() {
    let mut wal = Vec::new();
    encode(
        &WalRecord::Metadata { cluster_id: CLUSTER, member_id: VICTIM, founders: vec![1, 2, 3] },
        &mut wal,
    );
    encode(&WalRecord::HardState { term: 1, vote: 0, commit: 3 }, &mut wal);
    let image = DiskImage { wal: Some(wal), snapshot: None };
    assert_refused(&image, VICTIM, CLUSTER, "ends at entry 0, but says that 3 is committed");
}

#[test]
fn an_entry_reveals_a_term_that_was_not_saved() {
    let mut wal = Vec::new();
    encode(
        &WalRecord::Metadata { cluster_id: CLUSTER, member_id: VICTIM, founders: vec![1, 2, 3] },
        &mut wal,
    );
    encode(&WalRecord::HardState { term: 4, vote: 3, commit: 0 }, &mut wal);
    let entry = WalEntry { index: 1, term: 5, kind: EntryKind::Normal, data: Vec::new() };
    encode(&WalRecord::Entry(entry), &mut wal);
    let (member, _) = boot(&DiskImage { wal: Some(wal), snapshot: None }, VICTIM, CLUSTER);
    assert_eq!(member.unwrap().status().term, 5);
}
