//! Members that come and go while the world runs.

use crate::client::SavedSnapshot;
use crate::clock::Clock;
use crate::disk::Disk;
use crate::entropy::{Draws, generator};
use crate::machine_slot::MemberSlot;
use crate::recorder::fingerprint;
use crate::simulation::SimulationConfig;
use crate::state::{State, node_of};
use crate::trace::{Kind, NodeName};
use crate::world::World;
use rand::Rng;
use revline_checker::history::{MemberId as JudgedMember, Observation};
use revline_store::machine::MemberId;
use revline_store::member::{Config, RestoreError, Start, restore_snapshot};

/// The highest id a member may have: above begin the proxies.
pub const MAX_MEMBER_ID: MemberId = NodeName::FIRST_PROXY;

/// The id of a cluster that was restored.
const RESTORED_CLUSTER: u64 = 2;

/// A member that was never started before.
pub(crate) fn new_slot(config: &SimulationConfig, id: MemberId, start: Start) -> MemberSlot {
    let mut offsets = generator(config.seed, &format!("clock m{id}"));
    let offset_ms = offsets.gen_range(0..=config.clock_offset_ms);
    let member_config = Config {
        start,
        election_seed: config.seed,
        snapshot_every_entries: config.snapshot_every_entries,
        snapshot_keep_entries: config.snapshot_keep_entries,
        hash_every_revisions: config.hash_every_revisions,
        digest_every_entries: config.digest_every_entries,
        lease_checkpoint_every_ms: config.lease_checkpoint_every_ms,
        quota_bytes: config.quota_bytes,
        corruption_check_every_ms: config.corruption_check_every_ms,
        defects: config.defects,
        ..Config::new(id, (1..=config.members).collect())
    };
    let disk = Disk::new(config.disk, Draws::new(config.seed, &format!("disk m{id}")));
    MemberSlot::new(member_config, disk, Clock::new(offset_ms * 1_000_000))
}

impl World {
    /// Starts the process of a member that was added to the cluster: its disk is empty, and it waits for what
    /// the leader sends. Nothing happens if there was ever a member with this id.
    ///
    /// # Panics
    /// If `id` is 0 or above [`MAX_MEMBER_ID`].
    pub fn start_added(&self, id: MemberId) {
        assert!((1..=MAX_MEMBER_ID).contains(&id), "ids of members are 1 to {MAX_MEMBER_ID}");
        let mut state = self.shared.lock();
        if state.members.contains_key(&id) {
            return;
        }
        state.members.insert(id, new_slot(&self.config, id, Start::Joining));
        state.counters.members_added += 1;
        state.start_process(node_of(id));
    }

    /// A member's machine is lost with everything on its disk. It cannot come back under its id: its process
    /// would refuse to start. What has to be done is to remove it, and to add another.
    pub fn wipe(&self, id: MemberId) {
        let mut state = self.shared.lock();
        let Some(slot) = state.members.get(&id) else { return };
        if slot.process.running || slot.process.starting {
            state.tasks.kill(node_of(id));
            state.process_crashed(id);
        }
        state.slot(id).disk.wipe();
        state.counters.disks_wiped += 1;
        state.record(Kind::Wipe, node_of(id), [0; 3]);
        // Where nothing was durable yet, nothing that was is lost.
        if state.slot(id).kept_something {
            let (at_ns, member) = (state.now_ns, JudgedMember(id));
            let what = "everything on it was lost".to_owned();
            state.recorder.observe(Observation::Damaged { at_ns, member, what });
        }
    }

    /// Founds a new cluster from a saved snapshot, with `ids` as its members, which nobody had before. It is a
    /// cluster of its own: no client of the old one goes there by itself, and what the host sees of it is none of
    /// the history. What a client is told is: ask it for nothing that contradicts the line of the old one.
    ///
    /// # Panics
    /// If an id is above [`MAX_MEMBER_ID`].
    pub fn restore(&self, saved: &SavedSnapshot, ids: &[MemberId]) -> Result<(), RestoreError> {
        for &id in ids {
            assert!(id <= MAX_MEMBER_ID, "ids of members are 1 to {MAX_MEMBER_ID}");
            let image = restore_snapshot(&saved.bytes, RESTORED_CLUSTER, id, ids)?;
            let mut slot = new_slot(&self.config, id, Start::New);
            slot.config.cluster_id = RESTORED_CLUSTER;
            slot.config.members = ids.to_vec();
            slot.config.hash_every_revisions = 0;
            slot.config.digest_every_entries = 0;
            slot.config.corruption_check_every_ms = 0;
            slot.disk.load(image);
            slot.apart = true;
            slot.gone = true;
            let mut state = self.shared.lock();
            for (file, (bytes, content)) in (0..).zip(slot.disk.content()) {
                state.record(Kind::DiskReplace, node_of(id), [file, bytes as u64, content]);
            }
            state.members.insert(id, slot);
        }
        for &id in ids {
            self.shared.lock().start_process(node_of(id));
        }
        Ok(())
    }

    /// A member of a restored cluster was seen to serve.
    pub fn count_restored(&self) {
        self.shared.lock().counters.members_restored += 1;
    }

    /// The cluster was seen to be without this member: nobody counts on it any more. If its process runs, it
    /// runs on until it learns of it.
    pub fn forget_member(&self, id: MemberId) {
        if let Some(slot) = self.shared.lock().members.get_mut(&id) {
            slot.gone = true;
        }
    }

    /// Whether there is, or was, a member with this id.
    pub fn was_started(&self, id: MemberId) -> bool {
        self.shared.lock().members.contains_key(&id)
    }

    /// Forgets everyone who is not among `present`, and ends the processes of those who do not know it yet.
    pub(crate) fn keep_members(&self, present: &[MemberId]) {
        let mut state = self.shared.lock();
        let absent: Vec<MemberId> =
            state.members.keys().copied().filter(|id| !present.contains(id)).collect();
        for id in absent {
            let slot = state.slot(id);
            slot.gone = true;
            if slot.process.running || slot.process.starting {
                state.tasks.kill(node_of(id));
                state.process_left(id);
            }
        }
    }
}

impl State {
    /// The members of the cluster, as far as the world knows.
    pub fn present(&self) -> Vec<MemberId> {
        self.members.iter().filter(|(_, slot)| !slot.gone).map(|(&id, _)| id).collect()
    }

    /// Whether anyone was ever added, removed or wiped.
    pub fn membership_changed(&self) -> bool {
        let counters = &self.counters;
        counters.members_added + counters.members_removed + counters.disks_wiped > 0
            || self.members.values().any(|slot| slot.gone)
    }

    /// The process of a member that was removed ends, for ever.
    pub fn process_left(&mut self, member: MemberId) {
        self.slot(member).gone = true;
        self.counters.members_removed += 1;
        self.record(Kind::Leave, node_of(member), [0; 3]);
        self.process_ended(member);
    }

    /// A member refused to start.
    pub fn process_refused(&mut self, member: MemberId, why: String) {
        self.record(Kind::Refuse, node_of(member), [fingerprint(why.as_str()), 0, 0]);
        self.recorder.observe(Observation::Refused { at_ns: self.now_ns, member: JudgedMember(member), why });
        self.process_ended(member);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{Fault, Target};
    use crate::simulation::simulate;
    use madsim::time::Duration;
    use revline_checker::judge::Judge;
    use revline_checker::verdict::Verdicts;

    /// What is said of a run in which member 2 crashes, `harm` comes upon its disk, and it is to start again.
    fn after(harm: impl Fn(&World) + Send) -> (Verdicts, Vec<Observation>) {
        let run = simulate(&SimulationConfig::default(), false, |world| async move {
            let client = world.client("a").await.unwrap();
            client.put("k", "1").await.unwrap();
            let crash = world.strike(&Fault::Crash { target: Target::Member(2) });
            harm(&world);
            world.heal_one(crash);
            world.settle(Duration::from_secs(20)).await;
        });
        let history = run.unwrap().history;
        (Judge::new(&history).run(), history.observations)
    }

    fn corrupt_log(world: &World) {
        let mut state = world.shared.lock();
        let mut image = state.slot(2).disk.image();
        image.wal.as_mut().expect("it kept a log")[30] ^= 1;
        state.slot(2).disk.load(image);
    }

    #[test]
    fn a_member_that_refuses_to_start_is_a_violation_and_the_others_go_on() {
        let (verdicts, observations) = after(corrupt_log);
        let evidence = verdicts.get("boots").and_then(|verdict| verdict.evidence()).expect("it is violated");
        assert_eq!(evidence.kind, "refused");
        assert!(evidence.message.contains("member 2 refuses to start from a sound disk"), "{evidence}");
        assert!(evidence.message.contains("write-ahead log: corrupt at byte"), "{evidence}");
        let refused = |seen: &&Observation| matches!(seen, Observation::Refused { .. });
        assert_eq!(observations.iter().filter(refused).count(), 1);
        assert!(verdicts.get("recovers").is_some_and(|verdict| verdict.holds()), "two of three go on");
    }

    #[test]
    fn a_member_whose_disk_was_lost_has_to_refuse() {
        let (verdicts, observations) = after(|world| world.wipe(2));
        assert!(verdicts.get("boots").is_some_and(|verdict| verdict.holds()), "{verdicts:?}");
        for wanted in ["the disk of member 2 was damaged", "member 2 refused to start: data directory: empty"]
        {
            assert!(observations.iter().any(|seen| seen.to_string().starts_with(wanted)), "{observations:?}");
        }
    }

    #[test]
    fn a_member_that_starts_from_what_it_synced_keeps_the_guarantee() {
        let (verdicts, observations) = after(|_| ());
        assert!(verdicts.get("boots").is_some_and(|verdict| verdict.holds()), "{verdicts:?}");
        assert!(observations.iter().all(|seen| !matches!(seen, Observation::Refused { .. })));
    }
}
