//! Leases while members stand still, crash, hand over and cannot reach one another: a TTL promised to a client
//! holds, and in the end everything expires.

use crate::harness::cluster::{Cluster, Made, isolated};
use crate::harness::leases::{grant, keep_alive};
use crate::storm::Numbers;
use revline_store::api::LeaseResponse;
use revline_store::defect::{Defect, Defects};
use revline_store::frame::{Call, Reply};
use revline_store::machine::{MemberId, Time};
use revline_store::member::Input;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const SIZE: u64 = 3;

struct LeaseStorm {
    numbers: Numbers,
    cluster: Cluster,
    /// Members that stand still, and for how many rounds.
    still: BTreeMap<MemberId, u64>,
    /// Rounds until the network is whole again.
    cut: u64,
    leases: i64,
    /// Calls without an answer: the lease, and when they were sent.
    open: Vec<(Made, i64, Time)>,
    /// Until when a lease lives, as its client knows.
    promised: BTreeMap<i64, Time>,
    /// The leases each member held in this life.
    held: BTreeMap<MemberId, BTreeSet<i64>>,
    /// The time a lease was first seen to be gone.
    gone: BTreeMap<i64, Time>,
    kept_alive: usize,
}

impl LeaseStorm {
    fn new(seed: u64, defects: Defects) -> LeaseStorm {
        let cluster = Cluster::new(SIZE, |config| {
            config.defects = defects;
            config.election_seed = seed;
            config.tuning.lease_checkpoint_every_ms = 1_500;
            config.tuning.snapshot_every_entries = 20;
            config.tuning.snapshot_keep_entries = 2;
        });
        LeaseStorm {
            numbers: Numbers(seed),
            cluster,
            still: BTreeMap::new(),
            cut: 0,
            leases: 0,
            open: Vec::new(),
            promised: BTreeMap::new(),
            held: BTreeMap::new(),
            gone: BTreeMap::new(),
            kept_alive: 0,
        }
    }

    fn goes(&self, id: MemberId) -> bool {
        self.cluster.nodes[&id].member.is_some() && !self.still.contains_key(&id)
    }

    /// Passes a tenth of a second: the clocks of all members tick that do not stand still.
    fn round(&mut self, faults: bool) {
        self.cluster.now = self.cluster.now + Duration::from_millis(100);
        self.still.retain(|_, rounds| {
            *rounds -= 1;
            *rounds > 0
        });
        self.cut = self.cut.saturating_sub(1);
        if self.cut == 0 {
            self.cluster.loss = None;
        }
        for id in 1..=SIZE {
            if self.goes(id) {
                self.cluster.step(id, Input::Tick);
            } else if self.cluster.nodes[&id].member.is_none() && self.numbers.below(20) == 0 {
                self.cluster.start(id);
                self.held.remove(&id);
            }
        }
        if faults {
            self.strike();
        }
        self.call();
        for _ in 0..4 {
            self.deliver(faults);
            self.observe();
        }
    }

    fn strike(&mut self) {
        let id = 1 + self.numbers.below(SIZE);
        match self.numbers.below(100) {
            0..4 => drop(self.still.insert(id, 1 + self.numbers.below(50))),
            4..6 if self.cut == 0 => {
                self.cluster.loss = isolated(id);
                self.cut = 1 + self.numbers.below(50);
            }
            6..7 if self.goes(id) => {
                self.cluster.crash(id);
                self.open.retain(|(made, ..)| made.member != id);
            }
            7..9 if self.goes(id) => {
                let target = 1 + self.numbers.below(SIZE);
                self.cluster.start_call(id, Call::MoveLeader { target });
            }
            _ => {}
        }
    }

    fn call(&mut self) {
        for id in 1..=SIZE {
            if !self.goes(id) || self.numbers.below(2) == 0 {
                continue;
            }
            let lease = self.leases - self.numbers.below(6) as i64;
            let (lease, request) = if self.numbers.below(8) == 0 || lease <= 0 {
                self.leases += 1;
                (self.leases, grant(self.leases, 2 + self.numbers.below(2) as i64))
            } else {
                (lease, keep_alive(lease))
            };
            let sent = self.cluster.now;
            let made = self.cluster.start_call(id, request);
            self.open.push((made, lease, sent));
        }
    }

    fn deliver(&mut self, faults: bool) {
        for id in 1..=SIZE {
            if self.goes(id) {
                self.cluster.advance_disk(id);
                self.cluster.advance_disk(id);
            }
        }
        for _ in 0..self.cluster.network.len() {
            let message = self.cluster.network.pop_front().unwrap();
            let runs = self.cluster.nodes[&message.to()].member.is_some();
            match self.numbers.below(20) {
                0 if faults => {}
                1..4 if faults => self.cluster.network.push_back(message),
                _ if self.goes(message.to()) => self.cluster.arrive(message),
                _ if runs => self.cluster.network.push_back(message),
                _ => {}
            }
        }
    }

    fn observe(&mut self) {
        let now = self.cluster.now;
        for id in 1..=SIZE {
            let Some(member) = &self.cluster.nodes[&id].member else { continue };
            let leases = member.store().leases();
            let held = self.held.entry(id).or_default();
            for lease in held.iter().filter(|&&lease| leases.get(lease).is_none()) {
                self.gone.entry(*lease).or_insert(now);
            }
            *held = leases.iter().map(|(lease, _)| lease).collect();
        }
        for (made, lease, sent) in std::mem::take(&mut self.open) {
            let ttl_s = match self.cluster.reply(made) {
                None => {
                    self.open.push((made, lease, sent));
                    continue;
                }
                Some(Ok(Reply::Lease(LeaseResponse::KeepAlive(response)))) if response.ttl_s > 0 => {
                    self.kept_alive += 1;
                    response.ttl_s
                }
                Some(Ok(Reply::Lease(LeaseResponse::Grant(response)))) => response.ttl_s,
                Some(_) => continue,
            };
            let until = sent + Duration::from_secs(ttl_s as u64);
            let promised = self.promised.entry(lease).or_default();
            *promised = until.max(*promised);
        }
        for (lease, &gone_at) in &self.gone {
            let promised = self.promised.get(lease).copied().unwrap_or_default();
            assert!(gone_at >= promised, "lease {lease} was promised to live");
        }
    }
}

fn storms(seeds: std::ops::Range<u64>, defects: Defects) {
    let (mut kept_alive, mut gone) = (0, 0);
    let count = (seeds.end - seeds.start) as usize;
    for seed in seeds {
        let mut storm = LeaseStorm::new(seed, defects);
        for _ in 0..600 {
            storm.round(true);
        }
        storm.still.clear();
        storm.cut = 1;
        storm.round(false);
        for id in 1..=SIZE {
            if storm.cluster.nodes[&id].member.is_none() {
                storm.cluster.start(id);
            }
        }
        storm.cluster.await_leader();
        storm.observe();
        // 3 s, an election timeout for each leader there may be, and half a second to find them.
        storm.cluster.ticks(100);
        storm.observe();
        for id in 1..=SIZE {
            assert!(
                storm.cluster.member(id).store().leases().is_empty(),
                "seed {seed}: a lease never expires"
            );
        }
        kept_alive += storm.kept_alive;
        gone += storm.gone.len();
    }
    assert!(kept_alive > 50 * count && gone > 10 * count, "{kept_alive} kept alive, {gone} gone");
}

#[test]
fn what_was_promised_of_a_lease_holds_in_storms() {
    storms(0..100, Defects::NONE);
}

#[test]
#[should_panic(expected = "was promised to live")]
fn with_deposed_leader_revokes_a_storm_ends_a_lease_too_early() {
    storms(0..100, Defects::from(Defect::DeposedLeaderRevokes));
}

#[test]
#[should_panic(expected = "was promised to live")]
fn with_renew_after_revoke_a_storm_promises_what_is_gone() {
    storms(0..100, Defects::from(Defect::RenewAfterRevoke));
}
