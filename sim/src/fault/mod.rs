//! What can go wrong, one file for each thing that does.
//!
//! A fault names its victim by role; the role is resolved when the fault strikes, and the victims are written down.
//! Faults may overlap and heal in any order: whatever several in force do to one thing is kept by their ids, the worst
//! of them counts, and it is over when the last one heals. What a fault did is noted as an [`Undo`].

mod client_pause;
mod clock;
mod disk;
mod election;
mod partition;
mod process;
mod proxy_crash;
mod proxy_cut;
mod proxy_pause;
mod slow_link;

pub use proxy_cut::ProxySide;

use crate::network::LinkConfig;
use crate::network::cuts::Ways;
use crate::proxy_place::ProxyPlace;
use crate::state::{State, node_of};
use crate::trace::NodeName;
use revline_store::machine::MemberId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Whom a fault strikes, decided when it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// The member that leads; the first member if none does.
    Leader,
    /// The n-th member that does not lead, in the order of ids, counted from 0 and around.
    Follower(u32),
    /// The member with this id.
    Member(MemberId),
}

/// Which client a fault strikes, decided when it does; nobody if there is none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClientTarget {
    /// The n-th client that believes that it holds a lock or leads, in the order of ids, counted from 0 and
    /// around. Those that stand still are left out.
    Holder(u32),
    /// The n-th client, in the order in which they came, counted from 0 and around. A plan that is drawn has the name
    /// instead.
    Client(u32),
    /// The client with this name.
    Named(String),
}

/// Names a fault that struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FaultId(pub(crate) u64);

impl FaultId {
    /// No fault: a test stops a process by itself.
    pub(crate) const BY_HAND: FaultId = FaultId(0);
}

/// Something that goes wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind", deny_unknown_fields)]
pub enum Fault {
    /// A member is cut off from every other. Cause: a broken switch, a wrong firewall rule.
    Isolate {
        /// Who.
        target: Target,
        /// Whether its clients are cut off from it, too.
        #[serde(default)]
        clients: bool,
    },
    /// Some members are cut off from the rest, but not from one another. Cause: a broken link between
    /// two sites.
    Split {
        /// One of the two sides.
        side: Vec<Target>,
        /// Whether about half of the clients are cut off from this side, and the others from the rest.
        #[serde(default)]
        clients: bool,
    },
    /// A member hears the others, but they do not hear it, or the other way round. Cause: one-sided
    /// packet filters, a failing transceiver.
    OneWay {
        /// Who.
        target: Target,
        /// What still works.
        hears: Hears,
    },
    /// Two halves that see each other through one member alone. Cause: partial failure of a mesh.
    Bridge {
        /// The member both halves see.
        target: Target,
    },
    /// Every member sees a majority, but each another one. Needs five members or more.
    MajoritiesRing,
    /// Peer links become slow and unreliable. Cause: congestion, a flapping link.
    Degrade {
        /// How all links between members behave meanwhile.
        link: LinkConfig,
    },
    /// Every stream to a member breaks at once. Cause: a restarted load balancer.
    BreakStreams {
        /// Whose.
        target: Target,
    },
    /// A member loses power; it comes back when the fault heals.
    Crash {
        /// Who.
        target: Target,
    },
    /// All members lose power at once, and come back together.
    CrashAll,
    /// A member stands still, and does not know it. Cause: a stopped virtual machine, a long page-in.
    Pause {
        /// Who.
        target: Target,
    },
    /// A client's process stands still, and does not know it: nothing keeps its leases alive, and what it learns it
    /// learns when it goes on. Cause: garbage collection, a suspended laptop, a starved container. In effect for
    /// what runs by [`World::run_client`](crate::World::run_client).
    PauseClient {
        /// Who.
        target: ClientTarget,
    },
    /// A member's disk becomes slower. Cause: a noisy neighbour, a failing drive.
    SlowDisk {
        /// Who.
        target: Target,
        /// How many times slower.
        factor: u32,
    },
    /// A member's clock runs too fast or too slow.
    ClockDrift {
        /// Who.
        target: Target,
        /// How much too fast, in parts per million; negative is too slow. -500 000 to 1 000 000.
        ppm: i64,
    },
    /// The leader hands its office to another member.
    TransferLeader {
        /// To whom.
        to: Target,
    },
    /// A proxy loses power; it comes back when the fault heals, and knows nothing.
    ProxyCrash {
        /// Which, counted from 0 and around.
        proxy: u32,
    },
    /// All proxies lose power at once, and come back together.
    ProxyCrashAll,
    /// A proxy stands still, and does not know it.
    ProxyPause {
        /// Which, counted from 0 and around.
        proxy: u32,
    },
    /// A proxy is cut off. Cause: it stands at the edge of a network that is split.
    ProxyCut {
        /// Which, counted from 0 and around.
        proxy: u32,
        /// From whom.
        from: ProxySide,
    },
}

/// What still works of a one-way partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Hears {
    /// The member hears the others; they do not hear it.
    Others,
    /// The others hear the member; it does not hear them.
    Nothing,
}

/// How to undo what a fault did.
#[derive(Debug)]
pub(crate) enum Undo {
    /// It passed by itself, or struck nobody.
    Nothing,
    Open(Ways),
    Restart(Vec<NodeName>),
    Resume(NodeName),
    ResumeClient(NodeName),
    DiskSpeed(MemberId),
    ClockRate(MemberId),
    Links(Ways),
}

/// The effect of a fault.
#[derive(Debug)]
pub(crate) struct Struck {
    /// The nodes it struck.
    pub victims: Vec<NodeName>,
    pub undo: Undo,
}

impl Struck {
    fn one(victim: NodeName, undo: Undo) -> Struck {
        Struck { victims: vec![victim], undo }
    }

    /// It struck somebody, and was over at once.
    fn passing(victim: NodeName) -> Struck {
        Struck::one(victim, Undo::Nothing)
    }

    fn nobody() -> Struck {
        Struck { victims: Vec::new(), undo: Undo::Nothing }
    }
}

impl Fault {
    /// The kinds of fault, by the name they have in files, with what they do.
    pub const KINDS: [(&'static str, &'static str); 18] = [
        ("isolate", "a member is cut off from every other"),
        ("split", "some members are cut off from the rest"),
        ("one-way", "a member hears the others but is not heard, or the other way round"),
        ("bridge", "two halves see each other through one member alone"),
        ("majorities-ring", "every member sees a majority, each another one"),
        ("degrade", "peer links become slow, lossy, repeating and reordering"),
        ("break-streams", "every client stream to a member breaks"),
        ("crash", "a member loses power; unsynced data is lost or torn"),
        ("crash-all", "all members lose power at once"),
        ("pause", "a member stands still and does not know it"),
        ("pause-client", "a client stands still and does not know it"),
        ("slow-disk", "a member's disk becomes slower"),
        ("clock-drift", "a member's clock runs too fast or too slow"),
        ("transfer-leader", "the leader hands its office to another member"),
        ("proxy-crash", "a proxy loses power, and comes back with nothing"),
        ("proxy-crash-all", "all proxies lose power at once"),
        ("proxy-pause", "a proxy stands still and does not know it"),
        ("proxy-cut", "a proxy is cut off from its servers, from its clients, or from both"),
    ];

    /// The name of its kind, as in files.
    pub fn kind(&self) -> &'static str {
        match self {
            Fault::Isolate { .. } => "isolate",
            Fault::Split { .. } => "split",
            Fault::OneWay { .. } => "one-way",
            Fault::Bridge { .. } => "bridge",
            Fault::MajoritiesRing => "majorities-ring",
            Fault::Degrade { .. } => "degrade",
            Fault::BreakStreams { .. } => "break-streams",
            Fault::Crash { .. } => "crash",
            Fault::CrashAll => "crash-all",
            Fault::Pause { .. } => "pause",
            Fault::PauseClient { .. } => "pause-client",
            Fault::SlowDisk { .. } => "slow-disk",
            Fault::ClockDrift { .. } => "clock-drift",
            Fault::TransferLeader { .. } => "transfer-leader",
            Fault::ProxyCrash { .. } => "proxy-crash",
            Fault::ProxyCrashAll => "proxy-crash-all",
            Fault::ProxyPause { .. } => "proxy-pause",
            Fault::ProxyCut { .. } => "proxy-cut",
        }
    }

    /// Strikes, under this id.
    pub(crate) fn strike(&self, state: &mut State, id: FaultId) -> Struck {
        match self {
            Fault::Isolate { target, clients } => partition::isolate(state, *target, *clients),
            Fault::Split { side, clients } => partition::split(state, side, *clients),
            Fault::OneWay { target, hears } => partition::one_way(state, *target, *hears),
            Fault::Bridge { target } => partition::bridge(state, *target),
            Fault::MajoritiesRing => partition::majorities_ring(state),
            Fault::Degrade { link } => slow_link::degrade(state, id, *link),
            Fault::BreakStreams { target } => partition::break_streams(state, *target),
            Fault::Crash { target } => {
                let node = node_of(state.resolve(*target));
                process::crash(state, id, &[node])
            }
            Fault::CrashAll => {
                let all = state.member_nodes();
                process::crash(state, id, &all)
            }
            Fault::Pause { target } => process::pause(state, id, node_of(state.resolve(*target))),
            Fault::PauseClient { target } => client_pause::pause(state, id, target),
            Fault::SlowDisk { target, factor } => disk::slow(state, id, *target, *factor),
            Fault::ClockDrift { target, ppm } => clock::drift(state, id, *target, *ppm),
            Fault::TransferLeader { to } => election::transfer(state, *to),
            Fault::ProxyCrash { proxy } => proxy_crash::crash(state, id, *proxy),
            Fault::ProxyCrashAll => proxy_crash::crash_all(state, id),
            Fault::ProxyPause { proxy } => proxy_pause::pause(state, id, *proxy),
            Fault::ProxyCut { proxy, from } => proxy_cut::cut(state, *proxy, *from),
        }
    }
}

impl Undo {
    /// Undoes what the fault with this id did.
    pub(crate) fn undo(self, state: &mut State, id: FaultId) {
        match self {
            Undo::Nothing => {}
            Undo::Open(ways) => partition::heal(state, &ways),
            Undo::Restart(nodes) => process::restart(state, id, &nodes),
            Undo::Resume(node) => process::resume(state, id, node),
            Undo::ResumeClient(client) => client_pause::resume(state, id, client),
            Undo::DiskSpeed(member) => disk::restore(state, id, member),
            Undo::ClockRate(member) => clock::restore(state, id, member),
            Undo::Links(ways) => slow_link::restore(state, id, &ways),
        }
    }
}

impl State {
    /// The member a target means now.
    pub(crate) fn resolve(&self, target: Target) -> MemberId {
        let ids = self.present();
        let leader = self.leader().unwrap_or(ids[0]);
        match target {
            Target::Leader => leader,
            Target::Follower(n) => {
                let followers: Vec<MemberId> = ids.iter().copied().filter(|&id| id != leader).collect();
                if followers.is_empty() { leader } else { followers[n as usize % followers.len()] }
            }
            Target::Member(id) if ids.contains(&id) => id,
            Target::Member(id) => ids[(id as usize) % ids.len()],
        }
    }

    /// The proxy a number means: that with the id so many after the first, or counted around; none if there are none.
    fn resolve_proxy(&self, proxy: u32) -> Option<NodeName> {
        let nodes = self.proxy_nodes();
        let by_id = NodeName(ProxyPlace::id_at(proxy as usize));
        if nodes.contains(&by_id) {
            return Some(by_id);
        }
        nodes.get(proxy as usize % nodes.len().max(1)).copied()
    }

    /// The nodes of every member but one.
    fn other_nodes(&self, member: MemberId) -> Vec<NodeName> {
        self.present().into_iter().filter(|&id| id != member).map(node_of).collect()
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Leader => f.write_str("the leader"),
            Target::Follower(n) => write!(f, "follower {n}"),
            Target::Member(id) => write!(f, "member {id}"),
        }
    }
}

impl fmt::Display for ClientTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClientTarget::Holder(n) => write!(f, "holder {n}"),
            ClientTarget::Client(n) => write!(f, "client {n}"),
            ClientTarget::Named(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Isolate { target, clients: false } => write!(f, "isolate {target}"),
            Fault::Isolate { target, clients: true } => write!(f, "isolate {target}, clients too"),
            Fault::Split { side, clients } => {
                let side: Vec<String> = side.iter().map(Target::to_string).collect();
                write!(f, "split off {}{}", side.join(", "), if *clients { ", clients too" } else { "" })
            }
            Fault::OneWay { target, hears: Hears::Others } => write!(f, "nobody hears {target}"),
            Fault::OneWay { target, hears: Hears::Nothing } => write!(f, "{target} hears nobody"),
            Fault::Bridge { target } => write!(f, "two halves, bridged by {target}"),
            Fault::MajoritiesRing => f.write_str("majorities ring"),
            Fault::Degrade { link } => write!(
                f,
                "degrade links: {}..{} us, loss {}, duplicate {}, reorder {}",
                link.latency_us.0, link.latency_us.1, link.loss, link.duplicate, link.reorder
            ),
            Fault::BreakStreams { target } => write!(f, "break the streams to {target}"),
            Fault::Crash { target } => write!(f, "crash {target}"),
            Fault::CrashAll => f.write_str("crash all members"),
            Fault::Pause { target } => write!(f, "pause {target}"),
            Fault::PauseClient { target } => write!(f, "pause {target}"),
            Fault::SlowDisk { target, factor } => write!(f, "slow down the disk of {target} {factor} times"),
            Fault::ClockDrift { target, ppm } => write!(f, "let the clock of {target} drift by {ppm} ppm"),
            Fault::TransferLeader { to } => write!(f, "transfer leadership to {to}"),
            Fault::ProxyCrash { proxy } => write!(f, "crash proxy {proxy}"),
            Fault::ProxyCrashAll => f.write_str("crash all proxies"),
            Fault::ProxyPause { proxy } => write!(f, "pause proxy {proxy}"),
            Fault::ProxyCut { proxy, from } => write!(f, "cut proxy {proxy} off from {from}"),
        }
    }
}
