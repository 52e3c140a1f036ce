//! The host of a member: its configuration and its disk, which outlive the process.

use super::{End, Host, Nature, Node, NodeProcess, member_events};
use crate::around::Around;
use crate::caught;
use crate::clock::Clock;
use crate::config::SimulationConfig;
use crate::cpu::CpuConfig;
use crate::details;
use crate::disk::{Completed, Disk};
use crate::due::{Due, Told};
use crate::entropy::{Draws, generator};
use crate::fault_id::FaultId;
use crate::network::stream::{Direction, Frame};
use crate::trace::{Details, Event, Fingerprint, NodeName};
use rand::Rng;
use revline_checker::history::{MemberId as JudgedMember, Observation};
use revline_store::disk::DiskToken;
use revline_store::frame::ServerFrame;
use revline_store::machine::{ClusterId, MemberId, Time};
use revline_store::member::{
    Config, Input, Member, MemberEvent, Output, RestoreError, Start, Tuning, restore_snapshot,
};

/// The host of a member.
pub(crate) struct MemberHost {
    pub id: MemberId,
    pub config: Config,
    pub disk: Disk,
    /// The end that its process is about to make.
    ending: Option<End>,
    /// Its process ended as the disk failed, and the system went on.
    disk_failed: bool,
    /// A member of another cluster than that of the history, which has no word of it.
    pub apart: bool,
    /// True once anything on its disk was durable.
    pub kept_something: bool,
}

/// The highest id a member may have: above begin the proxies.
pub const MAX_MEMBER_ID: MemberId = NodeName::FIRST_PROXY;

/// The distance of every wall clock from the monotonic one, in milliseconds: farther than any clock is set back.
const WALL_AHEAD_MS: i64 = 366 * 86_400_000;

/// The id of a cluster that was restored.
const RESTORED_CLUSTER: ClusterId = ClusterId(2);

/// The node of a member that was never started.
pub(crate) fn new_node(config: &SimulationConfig, id: MemberId, start: Start) -> Node<MemberHost> {
    let mut offsets = generator(config.seed, &format!("clock m{id}"));
    let offset_ms = offsets.gen_range(0..=config.clock_offset_ms);
    let member_config = Config {
        start,
        wall_ahead_ms: WALL_AHEAD_MS,
        election_seed: config.seed,
        later_election_seed: config
            .reseed
            .map(|later| (Time(later.at_ns + offset_ms * 1_000_000), later.seed)),
        tuning: config.tuning,
        auth: config.auth(),
        hash_every_revisions: config.hash_every_revisions,
        digest_every_entries: config.digest_every_entries,
        defects: config.defects,
        ..config.member(id)
    };
    let disk = Disk::new(config.disk, Draws::new(config.seeds(), &format!("disk m{id}")));
    let process = NodeProcess::new(Clock::new(offset_ms * 1_000_000));
    Node::new(NodeName(id), process, MemberHost::new(member_config, disk))
}

/// The node of a member of a new cluster that is founded from a saved snapshot, with `ids` as its members.
pub(crate) fn restored_node(
    config: &SimulationConfig,
    saved: &[u8],
    id: MemberId,
    ids: &[MemberId],
) -> Result<Node<MemberHost>, RestoreError> {
    let image = restore_snapshot(saved, RESTORED_CLUSTER, id, ids)?;
    let mut node = new_node(config, id, Start::New);
    let host = &mut node.host;
    host.config = Config {
        cluster_id: RESTORED_CLUSTER,
        members: ids.to_vec(),
        hash_every_revisions: 0,
        digest_every_entries: 0,
        tuning: Tuning { corruption_check_every_ms: 0, ..host.config.tuning },
        ..host.config.clone()
    };
    host.disk.load(image);
    host.apart = true;
    Ok(node)
}

impl MemberHost {
    fn new(config: Config, disk: Disk) -> MemberHost {
        MemberHost {
            id: config.id,
            config,
            disk,
            ending: None,
            disk_failed: false,
            apart: false,
            kept_something: false,
        }
    }

    /// Sets the wall clock of its computer so far from where it should be; returns how far it is ahead of the monotonic
    /// one.
    pub fn set_wall_clock(&mut self, off_ms: i64) -> i64 {
        self.config.wall_ahead_ms = WALL_AHEAD_MS.saturating_add(off_ms);
        self.config.wall_ahead_ms
    }

    fn node(&self) -> NodeName {
        NodeName(self.id)
    }

    /// Goes on with the disk's queue.
    fn advance_disk(&mut self, around: &mut Around<'_>, incarnation: u64) {
        let mut completed = Vec::new();
        let now_ns = around.cx.now_ns;
        let takes_ns = self.disk.start_next(now_ns, &mut completed);
        for completed in completed {
            self.disk_completed(around, incarnation, completed);
        }
        if let Some(takes_ns) = takes_ns {
            let finished = Due::Tell { node: self.node(), incarnation, told: Told::DiskFinished };
            around.cx.agenda.at(now_ns + takes_ns, finished);
        }
    }

    /// Records a completed operation; returns the token that the member waits for.
    fn disk_completed(
        &mut self,
        around: &mut Around<'_>,
        incarnation: u64,
        completed: Completed,
    ) -> Option<DiskToken> {
        let node = self.node();
        match completed {
            Completed::Append { file, bytes, content } => {
                let (bytes, content) = (bytes as u64, Fingerprint(content));
                around.cx.record(node, Event::DiskAppend { file, bytes, content });
                None
            }
            Completed::Sync { file, durable, token } => {
                self.kept_something |= durable > 0;
                let event = Event::DiskSync { file, durable_bytes: durable as u64 };
                around.cx.record_with(node, event, || Details::begun_at(self.disk.began_ns()));
                token
            }
            Completed::Replace { file, bytes, content, token } => {
                self.kept_something = true;
                let (bytes, content) = (bytes as u64, Fingerprint(content));
                let event = Event::DiskReplace { file, bytes, content };
                around.cx.record_with(node, event, || Details::begun_at(self.disk.began_ns()));
                token
            }
            Completed::Failed(failure) => {
                let what = failure.to_string();
                around.cx.record_words(node, Event::DiskFail { what: Fingerprint::of(what.as_str()) }, &what);
                let (at_ns, member) = (around.cx.now_ns, JudgedMember(self.id));
                around.recorder.observe(Observation::DiskFailed { at_ns, member, what });
                let told = Told::DiskFailed(failure);
                around.cx.agenda.soon(Due::Tell { node, incarnation, told });
                None
            }
        }
    }
}

impl Host for MemberHost {
    type Machine = Member;

    fn starts(&mut self, _: &mut Around<'_>) {}

    fn boot(&self, incarnation: u64, now: Time, out: &mut Vec<Output>) -> Result<Member, String> {
        let start = if self.kept_something { Start::Restart } else { self.config.start };
        let after_disk_failure = self.disk_failed;
        let config = Config { incarnation, start, after_disk_failure, ..self.config.clone() };
        Member::boot(config, &self.disk.image(), now, out).map_err(|error| error.to_string())
    }

    fn tick_ms(&self) -> u64 {
        self.config.tick_ms
    }

    fn input(&mut self, around: &mut Around<'_>, incarnation: u64, told: Told) -> Option<Input> {
        Some(match told {
            Told::Tick => Input::Tick,
            Told::Datagram(message) => Input::Peer(message),
            Told::Client { stream, frame } => Input::Client { session: stream, frame: *frame },
            Told::ClientGone { stream } => Input::SessionClosed { session: stream },
            Told::Stalled { stream, watch_stream } => {
                Input::Stalled { session: stream, stream: watch_stream }
            }
            Told::Flowing { stream, watch_stream } => {
                Input::Flowing { session: stream, stream: watch_stream }
            }
            Told::DiskFinished => {
                let completed = self.disk.finish(around.cx.now_ns);
                let token =
                    completed.and_then(|completed| self.disk_completed(around, incarnation, completed));
                self.advance_disk(around, incarnation);
                Input::DiskDone { token: token? }
            }
            Told::DiskFailed(failure) => Input::DiskFailed(failure),
            Told::DiskGoesOn => {
                self.advance_disk(around, incarnation);
                return None;
            }
            Told::ClockSet { wall_ahead_ms } => Input::ClockSet { wall_ahead_ms },
            Told::Server { .. } | Told::ServerGone { .. } => {
                unreachable!("a member opens no stream")
            }
        })
    }

    fn nature(input: &Input) -> Nature {
        match input {
            Input::Tick => Nature::Tick,
            Input::DiskDone { .. } | Input::DiskFailed(_) => Nature::Completion,
            _ => Nature::Message,
        }
    }

    fn work_ns(cpu: &CpuConfig, nature: Nature, outputs: &[Output]) -> u64 {
        cpu.member_step_ns(nature != Nature::Completion, outputs)
    }

    fn carry_out(&mut self, around: &mut Around<'_>, incarnation: u64, outputs: &mut Vec<Output>) {
        let mut disk = false;
        for output in outputs.drain(..) {
            match output {
                Output::Peer(message) => around.network.send_datagram(&mut around.cx, message),
                Output::Client { session, frame } => {
                    let watch = matches!(frame, ServerFrame::Watch { .. });
                    around.cx.counters.watch_responses_of_members += u64::from(watch);
                    let frame = Frame::ToClient(Box::new(frame));
                    around.network.send_frame(&mut around.cx, session, Direction::ToClient, frame);
                }
                Output::Disk { operation, done } => {
                    details::foretell(around.cx.trace, self.node(), &operation);
                    self.disk.submit(operation, done);
                    disk = true;
                }
                Output::Event(MemberEvent::Removed) => self.ending = Some(End::Leave),
                Output::Event(MemberEvent::Forgot { commit, last_index }) => {
                    self.ending = Some(End::Refuse(format!(
                        "write-ahead log: ends at entry {last_index}, but this member acknowledged entries up to \
                         {commit}; restore it from its peers"
                    )));
                }
                Output::Event(MemberEvent::Failed { failure }) => {
                    self.ending = Some(End::Fail(failure.to_string()));
                }
                Output::Event(event) => member_events::happened(around, self, event),
            }
        }
        if disk {
            self.advance_disk(around, incarnation);
        }
    }

    fn ending(&mut self) -> Option<(End, Option<FaultId>)> {
        if let Some(fault) = self.disk.take_power_loss() {
            return Some((End::Crash, Some(fault)));
        }
        Some((self.ending.take()?, None))
    }

    fn is_retired(&self, around: &Around<'_>) -> bool {
        around.members.is_gone(self.id)
    }

    fn ended(&mut self, around: &mut Around<'_>, end: &End) {
        let (node, now_ns) = (self.node(), around.cx.now_ns);
        around.members.stopped(self.id);
        self.ending = None;
        self.disk_failed = matches!(end, End::Fail(_));
        match end {
            End::Fail(why) => {
                around.cx.record_words(node, Event::Stop { why: Fingerprint::of(why.as_str()) }, why);
                let (at_ns, member, why) = (now_ns, JudgedMember(self.id), why.clone());
                around.recorder.observe(Observation::Stopped { at_ns, member, why });
                self.disk.process_ended();
            }
            End::Crash => {
                let survived = self.disk.crash(now_ns);
                let [log, snapshot] = self.disk.content().map(|(_, content)| Fingerprint(content));
                around.cx.counters.crashes += 1;
                around.cx.record(node, Event::Crash { log_bytes: survived as u64, log, snapshot });
            }
            End::Leave => {
                around.members.forget(self.id);
                around.cx.counters.members_removed += 1;
                around.cx.record(node, Event::Leave {});
                self.disk.crash(now_ns);
            }
            End::Refuse(why) => {
                around.cx.record_words(node, Event::Refuse { why: Fingerprint::of(why.as_str()) }, why);
                let (at_ns, member, why) = (now_ns, JudgedMember(self.id), why.clone());
                around.recorder.observe(Observation::Refused { at_ns, member, why });
                self.disk.crash(now_ns);
            }
        }
    }
}

impl Node<MemberHost> {
    /// Observes the hash of the member's store and its state, while its process runs.
    pub fn inspect(&mut self, around: &mut Around<'_>) -> Option<Observation> {
        let member = self.machine()?;
        let look = || (member.hash(), member.status(), (member.auth().revision(), member.auth().hash()));
        let (hash, status, auth) = match caught::step(look) {
            Ok(seen) => seen,
            Err(panic) => {
                self.panicked(around, &panic);
                return None;
            }
        };
        let id = self.host.id;
        member_events::hashed(around, id, (hash.revision, hash.compact_revision), hash.hash);
        Some(Observation::Settled {
            at_ns: around.cx.now_ns,
            member: JudgedMember(id),
            revision: status.revision,
            leader: (status.leader != 0).then_some(JudgedMember(status.leader)),
            auth_revision: Some(auth.0),
            auth_hash: Some(auth.1),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{Crash, Target};
    use crate::simulation::simulate;
    use crate::world::World;
    use madsim::time::Duration;
    use revline_checker::judge::Judge;
    use revline_checker::verdict::Verdicts;

    /// The verdicts on a run in which member 2 crashes, `harm` comes upon its disk, and it is to start again.
    fn after(harm: impl Fn(&World) + Send) -> (Verdicts, Vec<Observation>) {
        let run = simulate(&SimulationConfig::default(), false, |world| async move {
            let client = world.client("a").await.unwrap();
            client.put("k", "1").await.unwrap();
            let crash = world.strike(&Crash { target: Target::Member(2) });
            harm(&world);
            world.heal_one(crash);
            world.settle(Duration::from_secs(20)).await;
        });
        let history = run.unwrap().history;
        (Judge::new(&history).run(), history.observations)
    }

    fn corrupt_log(world: &World) {
        let mut state = world.shared.lock();
        let mut image = state.member_host(2).disk.image();
        image.wal.as_mut().expect("it kept a log")[30] ^= 1;
        state.member_host(2).disk.load(image);
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
