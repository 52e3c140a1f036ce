//! A member that was busy.

use crate::harness::cluster::Cluster;
use crate::harness::requests::{compact, delete_from, put, txn};
use revline_store::disk::DiskImage;
use revline_store::frame::{Call, Reply};
use revline_store::machine::{ClusterId, MemberId, Time};
use revline_store::member::Output;
use revline_store::member::{BootError, Config, Member};
use std::collections::BTreeMap;

/// The member whose log is cut. It follows first, leads later, and follows again.
pub const VICTIM: MemberId = 2;

pub const CLUSTER: ClusterId = ClusterId(1);

pub fn plain(_: &mut Config) {}

pub fn with_snapshots(config: &mut Config) {
    config.tuning.snapshot_every_entries = 7;
    config.tuning.snapshot_keep_entries = 4;
}

/// The disks at the moment when bytes were appended to the victim's log.
pub struct Moment {
    /// The disks of all members, without the bytes that are not durable.
    pub durable: BTreeMap<MemberId, DiskImage>,
    /// The victim's, with it.
    pub written: DiskImage,
    /// The log of the victim before the bytes were appended.
    pub length_before: usize,
    /// The highest revision that a client was told.
    pub acknowledged: i64,
}

/// A cluster that was busy.
pub struct Busy {
    pub cluster: Cluster,
    pub moments: Vec<Moment>,
    /// The durable part of the victim's disk, from each change to the next.
    pub images: Vec<DiskImage>,
    acknowledged: i64,
}

impl Busy {
    pub fn new(configure: fn(&mut Config)) -> Busy {
        let mut busy = Busy {
            cluster: Cluster::new(3, configure),
            moments: Vec::new(),
            images: Vec::new(),
            acknowledged: 0,
        };
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
            let image = self.cluster.nodes[&VICTIM].disk.durable_image();
            if self.images.last() != Some(&image) {
                self.images.push(image);
            }
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

    pub fn wal_length(&self) -> usize {
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

/// The log and the snapshot of a member that was busy.
pub fn used_disk() -> DiskImage {
    Busy::new(with_snapshots).cluster.durable_images().remove(&VICTIM).unwrap()
}

/// Starts a member from a disk.
pub fn boot(
    image: &DiskImage,
    id: MemberId,
    cluster_id: ClusterId,
) -> (Result<Member, BootError>, Vec<Output>) {
    let mut out = Vec::new();
    let config = Config { cluster_id, ..Config::new(id, vec![1, 2, 3]) };
    (Member::boot(config, image, Time::default(), &mut out), out)
}
