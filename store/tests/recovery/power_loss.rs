//! A crash at every byte of the log.

use crate::busy::{Busy, CLUSTER, VICTIM, boot, plain, with_snapshots};
use crate::harness::cluster::Cluster;
use revline_store::disk::DiskImage;
use revline_store::machine::{MemberId, Time};
use revline_store::member::Output;
use revline_store::member::{Config, Member, MemberEvent};
use revline_store::wal::{Recovered, recover};
use std::collections::BTreeMap;

/// Checks the victim's recovery of its log against the bytes of it.
fn check_recovered(image: &DiskImage, whole: &Recovered) {
    let wal = image.wal.as_deref().unwrap();
    let found = recover(wal, CLUSTER, VICTIM).unwrap();
    assert!(found.hard_state.0 <= whole.hard_state.0);
    for entry in &found.entries {
        // An entry that another leader replaced later is of a lower term.
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

/// Starts all members from these disks and lets them agree again.
fn restart(images: &BTreeMap<MemberId, DiskImage>, configure: fn(&mut Config)) -> Cluster {
    let mut cluster = Cluster::from_images(images, configure);
    cluster.await_leader();
    for _ in 0..30 {
        if cluster.agrees() {
            // Its later writes can be read back, too.
            let image = &cluster.durable_images()[&VICTIM];
            recover(image.wal.as_deref().unwrap(), CLUSTER, VICTIM).unwrap();
            return cluster;
        }
        cluster.ticks(1);
    }
    panic!("the members do not agree after 3 s");
}

/// All lose power while the victim writes. Every acknowledged write is still there.
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

/// The log of a member that did its work is cut, and the others have everything. Records that were written at once
/// with the file are never cut by a crash.
fn cut_at_every_byte(configure: fn(&mut Config)) {
    let busy = Busy::new(configure);
    let disk = &busy.cluster.nodes[&VICTIM].disk;
    let hash = busy.cluster.member(1).hash();
    let length = busy.wal_length();
    let whole = recover(disk.wal.as_deref().unwrap(), CLUSTER, VICTIM).unwrap();
    let mut images = busy.cluster.durable_images();
    let beginning =
        (0..=length).find(|&cut| recover(&disk.wal.as_ref().unwrap()[..cut], CLUSTER, VICTIM).is_ok());
    let beginning = beginning.unwrap();
    assert!(beginning > 0 && beginning < length, "{beginning} of {length}");
    for cut in 0..beginning {
        for zeros in [0, 1, 24, length - cut, 4096] {
            let (refused, out) = boot(&disk.image_cut(cut, zeros), VICTIM, CLUSTER);
            assert!(refused.is_err() && out.is_empty(), "cut at {cut}, {zeros} zeros");
        }
    }
    for cut in beginning..=length {
        for zeros in [1, 24, length - cut, 4096] {
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
