//! The network between nodes.
//!
//! madsim's own network has one latency and one loss rate for all, stalls streams for ever and says nothing
//! of what it dropped. This one has a policy per link ([`link`]), counts the faults that cut a way ([`cuts`]), and
//! has streams ([`stream`]) whose frames stall and then break them ([`frames`]), and that never outlive the process at
//! either end ([`handshake`]).

pub(crate) mod cuts;
pub(crate) mod frames;
mod handshake;
pub(crate) mod link;
pub(crate) mod stream;

pub use link::LinkConfig;
pub use stream::StreamConfig;

use crate::cx::Cx;
use crate::details;
use crate::due::Due;
use crate::entropy::{Draws, Seeds, generator};
use crate::fault_id::FaultId;
use crate::trace::{Event, Fingerprint, Lost, NodeName};
use cuts::Cuts;
use link::{Link, Passage};
use rand::Rng;
use revline_store::peer::{BadPeerMessage, PeerMessage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use stream::{StreamId, Streams};

/// The behaviour of the network while no fault changes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkConfig {
    /// Between members.
    pub peers: LinkConfig,
    /// Between clients and members, and between proxies and all others. Loss, duplication and reordering below a stream show as delay.
    pub clients: LinkConfig,
    /// The streams of clients.
    pub streams: StreamConfig,
}

/// The state of the network.
#[derive(Debug)]
pub(crate) struct Network {
    config: NetworkConfig,
    seeds: Seeds,
    links: BTreeMap<(NodeName, NodeName), Link>,
    pub cuts: Cuts,
    /// The streams whose next frame breaks them, by the fault that does it.
    pub breaking: BTreeMap<StreamId, FaultId>,
    pub streams: Streams,
}

impl Network {
    pub fn new(config: NetworkConfig, seeds: Seeds) -> Network {
        Network {
            config,
            seeds,
            links: BTreeMap::new(),
            cuts: Cuts::default(),
            breaking: BTreeMap::new(),
            streams: Streams::new(config.streams),
        }
    }

    /// The link from one node to another, made when it is first used.
    pub fn link(&mut self, from: NodeName, to: NodeName) -> &mut Link {
        let (config, seeds) = (&self.config, self.seeds);
        self.links.entry((from, to)).or_insert_with(|| {
            let client = from.0.max(to.0) > NodeName::FIRST_PROXY;
            let draws = Draws::new(seeds, &format!("link {from} to {to}"));
            Link::new(if client { config.clients } else { config.peers }, draws)
        })
    }

    /// True if a node stands on the left when all nodes are split into two sides.
    pub fn stands_left(&self, node: NodeName) -> bool {
        generator(self.seeds.at(0), &format!("side of {node}")).gen_bool(0.5)
    }

    /// Sends a datagram between members.
    pub fn send_datagram(&mut self, cx: &mut Cx<'_>, message: PeerMessage) {
        let (from, to) = (NodeName(message.from()), NodeName(message.to()));
        let (kind, content) = (message.kind(), message.fingerprint());
        let bytes = message.size_bytes() as u64;
        let event = Event::Send { message: kind, to, content: Fingerprint(content), bytes };
        cx.record_with(from, event, || details::message(&message));
        match self.passage(from, to, cx.now_ns, bytes) {
            Passage::Cut => self.lose_datagram(cx, (&message, content), Lost::Partition),
            Passage::Lost => self.lose_datagram(cx, (&message, content), Lost::Loss),
            Passage::Corrupt { due_ns, bit } => match corrupted(&message, bit) {
                Ok(message) => {
                    let content = message.fingerprint();
                    cx.agenda.at(due_ns, Due::Datagram { message, content });
                }
                Err(_) => self.lose_datagram(cx, (&message, content), Lost::Corrupt),
            },
            Passage::Arrives { due_ns, again_ns } => {
                if let Some(again_ns) = again_ns {
                    cx.record(from, Event::Duplicate { message: kind, to, content: Fingerprint(content) });
                    cx.agenda.at(again_ns, Due::Datagram { message: message.clone(), content });
                }
                cx.agenda.at(due_ns, Due::Datagram { message, content });
            }
        }
    }

    /// The fate of a datagram sent now.
    fn passage(&mut self, from: NodeName, to: NodeName, now_ns: u64, bytes: u64) -> Passage {
        if self.cuts.is_cut(from, to) {
            return Passage::Cut;
        }
        self.link(from, to).datagram(now_ns, bytes)
    }

    /// Delivers a datagram, with its fingerprint, to the node it is for, or loses it if no process runs there; true if
    /// it was delivered.
    pub fn deliver_datagram(&mut self, cx: &mut Cx<'_>, datagram: (&PeerMessage, u64), runs: bool) -> bool {
        if runs {
            let (message, content) = datagram;
            let (from, content) = (NodeName(message.from()), Fingerprint(content));
            let event = Event::Deliver { message: message.kind(), from, content };
            // Another one than was sent, if a bit was turned over on the way.
            cx.record_with(NodeName(message.to()), event, || details::message(message));
        } else {
            self.lose_datagram(cx, datagram, Lost::ReceiverDown);
        }
        runs
    }

    /// Loses a datagram.
    fn lose_datagram(&self, cx: &mut Cx<'_>, (message, content): (&PeerMessage, u64), why: Lost) {
        cx.counters.datagrams_lost += 1;
        let (to, content) = (NodeName(message.to()), Fingerprint(content));
        cx.record(NodeName(message.from()), Event::Drop { message: message.kind(), to, content, why });
    }
}

/// A message as the receiver reads it, once this bit of its bytes was turned over.
fn corrupted(message: &PeerMessage, bit: u64) -> Result<PeerMessage, BadPeerMessage> {
    let mut bytes = message.to_bytes();
    let bit = (bit % (8 * bytes.len() as u64)) as usize;
    bytes[bit / 8] ^= 1 << (bit % 8);
    PeerMessage::from_bytes(&bytes)
}
