//! Everything goes wrong in every order: acknowledged writes stay, and all agree in the end.

use crate::harness::cluster::{Cluster, Made};
use crate::harness::maintenance::defragment;
use crate::harness::requests::{
    add_learner, compact, get, get_serializable, members, promote, put, remove, txn, voters_and_learners,
};
use revline_store::defect::{Defect, Defects};
use revline_store::frame::{Call, Reply};
use revline_store::machine::MemberId;
use revline_store::member::{MemberEvent, Role};
use std::collections::BTreeMap;

/// Numbers from a seed (SplitMix64).
pub struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

struct Storm {
    numbers: Numbers,
    cluster: Cluster,
    /// Calls without an answer, and the revision that a successful one must at least have.
    open: Vec<(Made, i64)>,
    /// The highest revision that each member showed, in whichever of its lives.
    shown: BTreeMap<MemberId, i64>,
    /// The highest revision that any client was told.
    acknowledged: i64,
    leaders: BTreeMap<u64, MemberId>,
    installed: u64,
    /// True if members come and go.
    churn: bool,
    /// Changes of members that were made.
    changed: u64,
    /// True if members write their state anew.
    defragments: bool,
    /// Defragmentations that were answered.
    defragmented: u64,
    /// The defragmentations under way, and up to which index the state was applied that they write.
    writing: Vec<(Made, u64)>,
    /// The highest index that each member's disk has to lead to.
    written: BTreeMap<MemberId, u64>,
}

impl Storm {
    fn new(seed: u64, size: u64, defects: Defects) -> Storm {
        let cluster = Cluster::new(size, |config| {
            config.defects = defects;
            config.election_seed = seed;
            config.tuning.snapshot_every_entries = 5;
            config.tuning.snapshot_keep_entries = 1;
        });
        Storm {
            numbers: Numbers(seed),
            cluster,
            open: Vec::new(),
            shown: BTreeMap::new(),
            acknowledged: 0,
            leaders: BTreeMap::new(),
            installed: 0,
            churn: false,
            changed: 0,
            defragments: false,
            defragmented: 0,
            writing: Vec::new(),
            written: BTreeMap::new(),
        }
    }

    fn somebody(&mut self) -> MemberId {
        let ids: Vec<MemberId> = self.cluster.nodes.keys().copied().collect();
        ids[self.numbers.below(ids.len() as u64) as usize]
    }

    /// A member asks for a change of members; one that is added is started with an empty disk.
    fn change_members(&mut self, id: MemberId) {
        let other = self.somebody();
        let newest = self.cluster.nodes.keys().next_back().copied().unwrap_or_default();
        let request = match self.numbers.below(8) {
            0 => remove(other),
            1..4 => promote(newest),
            _ if newest < 4 + self.changed => {
                let seed = self.cluster.nodes[&1].config.election_seed;
                self.cluster.join(newest + 1, |config| {
                    config.election_seed = seed;
                    config.tuning.snapshot_every_entries = 5;
                    config.tuning.snapshot_keep_entries = 1;
                });
                add_learner(newest + 1)
            }
            _ => add_learner(newest),
        };
        if self.is_running(id) {
            let made = self.cluster.start_call(id, request);
            self.open.push((made, 0));
        }
    }

    fn is_running(&self, id: MemberId) -> bool {
        self.cluster.nodes[&id].member.is_some()
    }

    /// Something happens.
    fn strike(&mut self) {
        let id = self.somebody();
        match self.numbers.below(100) {
            0..6 if self.churn => self.change_members(id),
            0..5 if self.defragments => self.defragment(id),
            0..30 => self.call(id),
            30..52 => self.tick(id),
            52..74 => self.something_arrives(),
            74..92 => self.cluster.advance_disk(id),
            92..94 => self.lose_power(id),
            94..95 if self.is_running(id) => {
                self.cluster.kill(id);
                self.open.retain(|(made, _)| made.member != id);
            }
            95..99 if !self.is_running(id) => self.start(id),
            _ => {
                let disk = &mut self.cluster.node(id).disk;
                disk.stalled = !disk.stalled;
            }
        }
        self.observe();
    }

    /// A member is there again, with all that was written anew.
    fn start(&mut self, id: MemberId) {
        self.cluster.start(id);
        let applied = self.cluster.member(id).status().applied_index;
        let written = self.written.get(&id).copied().unwrap_or_default();
        assert!(applied >= written, "member {id} begins at {applied}, and {written} was written");
    }

    /// A member writes its state anew: the content stays the same.
    fn defragment(&mut self, id: MemberId) {
        if !self.is_running(id) {
            return;
        }
        let state = |cluster: &Cluster| {
            let member = cluster.member(id);
            (member.status().applied_index, member.hash().hash, member.store().revision())
        };
        let before = state(&self.cluster);
        let made = self.cluster.start_call(id, defragment());
        assert_eq!(state(&self.cluster), before, "a defragmentation changes nothing");
        self.open.push((made, 0));
        self.writing.push((made, before.0));
    }

    fn call(&mut self, id: MemberId) {
        let (key, value) =
            (["a", "b", "c"][self.numbers.below(3) as usize], self.numbers.below(100).to_string());
        let kind = self.numbers.below(12);
        let serializable = kind == 3;
        let request = match kind {
            0 => Call::MoveLeader { target: self.somebody() },
            1 => compact(self.acknowledged - 5, false),
            2 => get(key),
            3 => get_serializable(key),
            4..6 => txn("a", key, &value),
            _ => put(key, &value),
        };
        let shown = self.shown.get(&id).copied().unwrap_or_default();
        let floor = if serializable { shown } else { shown.max(self.acknowledged) };
        let made = self.cluster.start_call(id, request);
        if self.is_running(id) {
            self.open.push((made, floor));
        }
    }

    fn tick(&mut self, id: MemberId) {
        for _ in 0..self.numbers.below(6) {
            self.cluster.tick_quietly(id);
        }
    }

    /// A datagram arrives, out of order, perhaps twice; or it gets lost.
    fn something_arrives(&mut self) {
        for _ in 0..self.numbers.below(8) {
            let waiting = self.cluster.network.len() as u64;
            if waiting == 0 {
                return;
            }
            let Some(message) = self.cluster.network.remove(self.numbers.below(waiting.min(8)) as usize)
            else {
                return;
            };
            match self.numbers.below(20) {
                0 => continue,
                1..4 => self.cluster.network.push_back(message.clone()),
                _ => {}
            }
            self.cluster.arrive(message);
        }
    }

    fn lose_power(&mut self, id: MemberId) {
        if self.is_running(id) {
            let disk = &self.cluster.nodes[&id].disk;
            let volatile = disk.wal.as_ref().map_or(0, Vec::len) - disk.durable;
            let survive = self.numbers.below(volatile as u64 + 1) as usize;
            self.cluster.node(id).disk.durable += survive;
            self.cluster.crash(id);
            self.open.retain(|(made, _)| made.member != id);
        }
    }

    fn observe(&mut self) {
        let mut still_open = Vec::new();
        for (made, floor) in std::mem::take(&mut self.open) {
            match self.cluster.reply(made) {
                None => still_open.push((made, floor)),
                Some(Ok(Reply::Kv(response))) => {
                    let revision = response.header().revision;
                    assert!(revision >= floor, "revision {revision}, {floor} was shown before: {response:?}");
                    let shown = self.shown.entry(made.member).or_default();
                    *shown = revision.max(*shown);
                    self.acknowledged = self.acknowledged.max(revision);
                }
                Some(Ok(Reply::Cluster(_))) => self.changed += 1,
                Some(Ok(Reply::Maintenance(_))) => {
                    self.defragmented += 1;
                    let index =
                        self.writing.iter().find(|(other, _)| other.call == made.call).map(|(_, at)| *at);
                    let written = self.written.entry(made.member).or_default();
                    *written = index.unwrap_or_default().max(*written);
                }
                Some(_) => {}
            }
        }
        self.open = still_open;
        for (&id, node) in &mut self.cluster.nodes {
            for event in node.events.drain(..) {
                self.installed += u64::from(matches!(event, MemberEvent::SnapshotInstalled { .. }));
                if let MemberEvent::Role { role: Role::Leader, term, .. } = event {
                    let leader = *self.leaders.entry(term).or_insert(id);
                    assert_eq!(leader, id, "two leaders in term {term}");
                }
            }
        }
    }

    fn calm_down(&mut self) {
        let ids: Vec<MemberId> = self.cluster.nodes.keys().copied().collect();
        for id in ids {
            self.cluster.node(id).disk.stalled = false;
            if !self.is_running(id) {
                self.start(id);
            }
        }
        self.cluster.run();
        let leader = if self.churn {
            // Changes that are under way may remove this leader yet.
            self.await_leader_of_members();
            self.cluster.ticks(80);
            self.await_leader_of_members()
        } else {
            self.cluster.await_leader()
        };
        let (mut present, learners) = voters_and_learners(&self.cluster.ask(leader, members(false)));
        present.extend(learners);
        for _ in 0..50 {
            self.cluster.ticks(1);
            if self.cluster.agree(&present) {
                break;
            }
        }
        self.observe();
        assert!(self.cluster.agree(&present), "members do not agree");
        let revision = self.cluster.member(leader).store().revision();
        assert!(revision >= self.acknowledged, "{revision} after {} was acknowledged", self.acknowledged);
        self.cluster.ticks(75);
        self.observe();
        assert!(self.open.is_empty(), "{} calls are never answered", self.open.len());
    }
}

impl Storm {
    /// Lets time pass until a member leads that is one, and answers.
    fn await_leader_of_members(&mut self) -> MemberId {
        for _ in 0..200 {
            self.cluster.ticks(1);
            let ids: Vec<MemberId> = self.cluster.nodes.keys().copied().collect();
            let leader = ids.into_iter().filter(|&id| self.cluster.member(id).is_leader());
            let newest = leader.max_by_key(|&id| self.cluster.member(id).status().term);
            if let Some(leader) = newest {
                let made = self.cluster.call(leader, get("k"));
                if self.cluster.reply(made).is_some_and(Result::is_ok) {
                    return leader;
                }
            }
        }
        panic!("no leader after 20 s");
    }
}

fn storms(size: u64, seeds: std::ops::Range<u64>, defects: Defects) {
    let rounds = 4 * (seeds.end - seeds.start);
    let (mut revisions, mut elections, mut installed) = (0, 0, 0);
    for seed in seeds {
        let mut storm = Storm::new(seed, size, defects);
        for _ in 0..4 {
            for _ in 0..300 {
                storm.strike();
            }
            storm.calm_down();
        }
        revisions += storm.acknowledged as u64;
        elections += storm.leaders.len() as u64;
        installed += storm.installed;
    }
    assert!(revisions > 5 * rounds && elections > rounds / 4, "{revisions}, {elections} in {rounds} rounds");
    assert!(size == 1 || installed > 0, "{installed} snapshots in {rounds} rounds");
}

#[test]
fn a_single_member_in_storms() {
    storms(1, 0..40, Defects::NONE);
}

#[test]
fn three_members_in_storms() {
    storms(3, 0..60, Defects::NONE);
}

#[test]
fn five_members_in_storms() {
    storms(5, 0..30, Defects::NONE);
}

#[test]
fn members_come_and_go_in_storms() {
    let (mut changed, mut present) = (0, 0);
    for seed in 0..80 {
        let mut storm = Storm::new(seed, 3, Defects::NONE);
        storm.churn = true;
        for _ in 0..4 {
            for _ in 0..300 {
                storm.strike();
            }
            storm.calm_down();
        }
        changed += storm.changed;
        present += storm.cluster.nodes.len();
    }
    assert!(changed > 150 && present > 320, "{changed} changes, {present} members in 80 storms");
}

fn storms_with_defragmentation(size: u64, seeds: std::ops::Range<u64>, defects: Defects) {
    let (count, mut defragmented, mut installed) = (seeds.end - seeds.start, 0, 0);
    for seed in seeds {
        let mut storm = Storm::new(seed, size, defects);
        storm.defragments = true;
        for _ in 0..4 {
            for _ in 0..300 {
                storm.strike();
            }
            storm.calm_down();
        }
        defragmented += storm.defragmented;
        installed += storm.installed;
    }
    assert!(defragmented > 10 * count, "{defragmented} defragmentations in {count} storms");
    assert!(size == 1 || installed > 0, "nobody was sent a snapshot meanwhile");
}

#[test]
fn members_write_their_state_anew_in_storms() {
    storms_with_defragmentation(1, 0..40, Defects::NONE);
    storms_with_defragmentation(3, 0..60, Defects::NONE);
}

#[test]
#[should_panic(expected = "members do not agree")]
fn with_snapshot_skips_applied_index_a_storm_applies_entries_twice() {
    storms_with_defragmentation(3, 0..60, Defects::from(Defect::SnapshotSkipsAppliedIndex));
}

#[test]
#[should_panic(expected = "was acknowledged")]
fn with_ack_before_sync_a_storm_takes_away_what_was_acknowledged() {
    storms(1, 0..40, Defects::from(Defect::AckBeforeSync));
}

#[test]
#[should_panic(expected = "was shown before")]
fn with_local_read_by_leader_a_storm_makes_a_read_stale() {
    storms(3, 0..400, Defects::from(Defect::LocalReadByLeader));
}
