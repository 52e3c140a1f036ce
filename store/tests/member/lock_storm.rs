//! Locks of the service while members stand still, crash, hand over and cannot reach one another, and clients come
//! and go: one owner at a revision, no client waits for ever, and nothing is left behind.

use crate::harness::cluster::{Cluster, Made, isolated};
use crate::harness::coordination::{keys_of, lock, unlock};
use crate::harness::leases::{grant, keep_alive};
use crate::storm::Numbers;
use revline_store::api::{LockResponse, RangeRequest};
use revline_store::defect::{Defect, Defects};
use revline_store::frame::Reply;
use revline_store::machine::MemberId;
use revline_store::member::Input;
use std::collections::BTreeMap;
use std::time::Duration;

const SIZE: u64 = 3;

/// Clients, each with a lease at a time.
const CLIENTS: usize = 4;

/// Longer than a call for a lease, or to be told that there is none, may take, in ticks.
const PATIENCE: u64 = 90;

/// The state of a client.
#[derive(Clone, Copy, Debug)]
enum Doing {
    Nothing,
    Granting(Made),
    /// It has a lease, and did not ask for the lock.
    Ready,
    /// Asked for, and not answered.
    Waiting(Made),
    /// It owns the lock.
    Owning,
}

struct LockStorm {
    numbers: Numbers,
    cluster: Cluster,
    ttl_s: i64,
    /// True if members crash: then the leftovers that they were to remove stay until their lease ends.
    crashes: bool,
    cut: u64,
    leases: i64,
    /// The lease of each client, and its state.
    clients: [(i64, Doing); CLIENTS],
    /// Revisions at which a key was owned: the first of the name, at each.
    owned: BTreeMap<i64, String>,
    /// Calls that clients gave up.
    given_up: u64,
    expired: u64,
}

impl LockStorm {
    fn new(seed: u64, ttl_s: i64, crashes: bool, defects: Defects) -> LockStorm {
        let cluster = Cluster::new(SIZE, |config| {
            config.defects = defects;
            config.election_seed = seed;
            config.tuning.snapshot_every_entries = 30;
            config.tuning.snapshot_keep_entries = 5;
        });
        LockStorm {
            numbers: Numbers(seed),
            cluster,
            ttl_s,
            crashes,
            cut: 0,
            leases: 0,
            clients: [(0, Doing::Nothing); CLIENTS],
            owned: BTreeMap::new(),
            given_up: 0,
            expired: 0,
        }
    }

    fn runs(&self, id: MemberId) -> bool {
        self.cluster.nodes[&id].member.is_some()
    }

    /// A tenth of a second.
    fn round(&mut self) {
        self.cluster.now = self.cluster.now + Duration::from_millis(100);
        self.cut = self.cut.saturating_sub(1);
        if self.cut == 0 {
            self.cluster.loss = None;
        }
        for id in 1..=SIZE {
            if self.runs(id) {
                self.cluster.step(id, Input::Tick);
            } else if self.numbers.below(10) == 0 {
                self.cluster.start(id);
            }
        }
        self.strike();
        for client in 0..CLIENTS {
            self.act(client);
        }
        self.deliver();
        for client in 0..CLIENTS {
            self.look(client);
        }
        self.no_key_outlives_its_lease();
    }

    fn strike(&mut self) {
        let id = 1 + self.numbers.below(SIZE);
        match self.numbers.below(100) {
            0..2 if self.cut == 0 => {
                self.cluster.loss = isolated(id);
                self.cut = 1 + self.numbers.below(25);
            }
            2..4 if self.crashes && self.runs(id) => {
                self.cluster.crash(id);
                for (_, doing) in &mut self.clients {
                    match doing {
                        Doing::Granting(made) | Doing::Waiting(made) if made.member == id => {
                            *doing = Doing::Nothing
                        }
                        _ => {}
                    }
                }
            }
            4..6 if self.runs(id) => {
                let target = 1 + self.numbers.below(SIZE);
                self.cluster.start_call(id, revline_store::frame::Call::MoveLeader { target });
            }
            _ => {}
        }
    }

    fn act(&mut self, client: usize) {
        let id = 1 + self.numbers.below(SIZE);
        let dice = self.numbers.below(100);
        if !self.runs(id) {
            return;
        }
        let (lease, doing) = self.clients[client];
        if lease != 0 && dice < 30 {
            self.cluster.start_call(id, keep_alive(lease));
        }
        let next = match doing {
            Doing::Nothing if dice < 40 => {
                self.leases += 1;
                self.clients[client].0 = self.leases;
                Doing::Granting(self.cluster.start_call(id, grant(self.leases, self.ttl_s)))
            }
            Doing::Ready if dice < 60 => Doing::Waiting(self.cluster.start_call(id, lock("l", lease))),
            Doing::Waiting(made) if (30..34).contains(&dice) => {
                self.cluster.cancel(made);
                self.given_up += 1;
                // The lease stays; the key of the request goes.
                if self.crashes { Doing::Nothing } else { Doing::Ready }
            }
            Doing::Owning if (30..60).contains(&dice) => {
                self.cluster.start_call(id, unlock(&key(lease)));
                Doing::Nothing
            }
            Doing::Owning if self.crashes && dice > 97 => Doing::Nothing,
            other => other,
        };
        self.clients[client].1 = next;
    }

    fn deliver(&mut self) {
        for _ in 0..6 {
            for id in 1..=SIZE {
                self.cluster.advance_disk(id);
                self.cluster.advance_disk(id);
            }
            for _ in 0..self.cluster.network.len() {
                let message = self.cluster.network.pop_front().expect("it was counted");
                match self.numbers.below(30) {
                    0 => {}
                    1..4 => self.cluster.network.push_back(message),
                    _ => self.cluster.arrive(message),
                }
            }
        }
    }

    fn look(&mut self, client: usize) {
        let (lease, doing) = self.clients[client];
        let next = match doing {
            Doing::Granting(made) => match self.cluster.reply(made) {
                None => return,
                Some(Ok(_)) => Doing::Ready,
                Some(Err(_)) => Doing::Nothing,
            },
            Doing::Waiting(made) => match self.cluster.reply(made) {
                None => return,
                Some(Ok(Reply::Lock(LockResponse::Lock(response)))) => {
                    let revision = response.header.revision;
                    assert_eq!(response.key, key(lease).as_str().into());
                    let other = self.owned.insert(revision, key(lease));
                    assert!(
                        other.as_ref().is_none_or(|other| *other == key(lease)),
                        "{other:?} and {} are owned at revision {revision}",
                        key(lease)
                    );
                    self.is_first(revision, &key(lease));
                    Doing::Owning
                }
                Some(Err(_)) => {
                    self.expired += 1;
                    Doing::Nothing
                }
                Some(other) => panic!("not the answer to a lock: {other:?}"),
            },
            _ => return,
        };
        self.clients[client].1 = next;
    }

    /// At a revision at which a key is said to be owned, it is the first that was created under the name.
    fn is_first(&self, revision: i64, owned: &str) {
        let knows = |id: &MemberId| self.runs(*id) && self.cluster.member(*id).store().revision() >= revision;
        let Some(id) = (1..=SIZE).find(knows) else { return };
        let range =
            RangeRequest { key: "l/".into(), range_end: "l0".into(), revision, ..RangeRequest::default() };
        let found = self.cluster.member(id).store().range(&range).expect("nothing is compacted");
        let first = found.kvs.iter().min_by_key(|kv| kv.create_revision).map(|kv| kv.key.clone());
        assert_eq!(first, Some(owned.into()), "{owned} is not the first at revision {revision}");
    }

    fn no_key_outlives_its_lease(&self) {
        for id in (1..=SIZE).filter(|&id| self.runs(id)) {
            let store = self.cluster.member(id).store();
            for found in keys_of(&self.cluster, id, "l") {
                let lease = (1..=self.leases).find(|&lease| key(lease) == found).expect("a key of a client");
                assert!(store.leases().get(lease).is_some(), "{found} is there without its lease");
            }
        }
    }

    fn calm_down(&mut self) {
        self.cluster.loss = None;
        for id in 1..=SIZE {
            if !self.runs(id) {
                self.cluster.start(id);
            }
        }
        self.cluster.run();
        self.cluster.await_leader();
    }
}

fn key(lease: i64) -> String {
    format!("l/{lease:x}")
}

/// Clients vanish, and their leases end.
fn storms_that_end_leases(seeds: std::ops::Range<u64>, defects: Defects) {
    let count = seeds.end - seeds.start;
    let (mut owned, mut expired) = (0, 0);
    for seed in seeds {
        let mut storm = LockStorm::new(seed, 2, true, defects);
        for _ in 0..400 {
            storm.round();
        }
        storm.calm_down();
        // No client keeps anything alive: its TTL, and an election timeout for the new leader, later all is gone.
        storm.cluster.ticks(PATIENCE);
        for client in 0..CLIENTS {
            storm.look(client);
            let (lease, doing) = storm.clients[client];
            assert!(
                !matches!(doing, Doing::Granting(_) | Doing::Waiting(_)),
                "seed {seed}: {lease} is never answered"
            );
        }
        for id in 1..=SIZE {
            assert!(keys_of(&storm.cluster, id, "l").is_empty(), "seed {seed}: a key is left behind");
        }
        assert!(storm.cluster.agrees());
        owned += storm.owned.len() as u64;
        expired += storm.expired;
    }
    assert!(owned > 10 * count && expired > count / 2, "{owned} owned, {expired} expired in {count} storms");
}

#[test]
fn one_owns_a_lock_at_a_revision_and_nothing_is_left_in_storms() {
    storms_that_end_leases(0..60, Defects::NONE);
}

#[test]
fn who_gives_up_leaves_no_key_in_storms_though_its_lease_goes_on() {
    let (mut owned, mut given_up) = (0, 0);
    for seed in 0..40 {
        let mut storm = LockStorm::new(seed, 6_000, false, Defects::NONE);
        for _ in 0..300 {
            storm.round();
        }
        storm.calm_down();
        for client in 0..CLIENTS {
            if let Doing::Waiting(made) = storm.clients[client].1 {
                storm.cluster.cancel(made);
            }
        }
        storm.cluster.ticks(PATIENCE);
        // A key that is there now is owned: it was answered with success, and is to be unlocked.
        for found in keys_of(&storm.cluster, 1, "l") {
            assert!(storm.owned.values().any(|key| *key == found), "seed {seed}: {found} is left behind");
        }
        owned += storm.owned.len();
        given_up += storm.given_up;
    }
    assert!(owned > 300 && given_up > 40, "{owned} owned, {given_up} given up in 40 storms");
}

#[test]
#[should_panic(expected = "is not the first at revision")]
fn with_lock_without_ownership_check_a_storm_gives_a_lock_to_one_without_a_key() {
    storms_that_end_leases(0..100, Defects::from(Defect::LockWithoutOwnershipCheck));
}
