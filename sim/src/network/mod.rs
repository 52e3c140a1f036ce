//! The network between nodes.
//!
//! madsim's own network has one latency and one loss rate for all, stalls streams for ever and says nothing
//! of what it dropped. This one has a policy per link ([`link`]), counts who cuts what ([`cuts`]), and
//! has streams that stall and then break ([`stream`]), and never outlive the process at either end ([`handshake`]).

mod back_pressure;
pub(crate) mod cuts;
mod handshake;
pub(crate) mod link;
pub(crate) mod stream;

pub use link::LinkConfig;
pub use stream::StreamConfig;

use crate::entropy::{Draws, generator};
use crate::trace::NodeName;
use cuts::Cuts;
use link::{Link, Passage};
use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use stream::Streams;

/// How the network behaves while no fault changes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkConfig {
    /// Between members.
    pub peers: LinkConfig,
    /// Between clients and members, and proxies and anybody. Loss, duplication and reordering below a stream show as delay.
    pub clients: LinkConfig,
    /// The streams of clients.
    pub streams: StreamConfig,
}

/// The state of the network.
#[derive(Debug)]
pub(crate) struct Network {
    config: NetworkConfig,
    seed: u64,
    links: BTreeMap<(NodeName, NodeName), Link>,
    pub cuts: Cuts,
    pub streams: Streams,
}

impl Network {
    pub fn new(config: NetworkConfig, seed: u64) -> Network {
        Network {
            config,
            seed,
            links: BTreeMap::new(),
            cuts: Cuts::default(),
            streams: Streams::new(config.streams),
        }
    }

    /// The link from one node to another, made when it is first used.
    pub fn link(&mut self, from: NodeName, to: NodeName) -> &mut Link {
        let (config, seed) = (&self.config, self.seed);
        self.links.entry((from, to)).or_insert_with(|| {
            let client = from.0.max(to.0) > NodeName::FIRST_PROXY;
            let draws = Draws::new(seed, &format!("link {from} to {to}"));
            Link::new(if client { config.clients } else { config.peers }, draws)
        })
    }

    /// On which side a node stands when everybody takes one.
    pub fn stands_left(&self, node: NodeName) -> bool {
        generator(self.seed, &format!("side of {node}")).gen_bool(0.5)
    }

    /// What becomes of a datagram sent now.
    pub fn datagram(&mut self, from: NodeName, to: NodeName, now_ns: u64) -> Passage {
        if self.cuts.is_cut(from, to) {
            return Passage::Cut;
        }
        self.link(from, to).datagram(now_ns)
    }
}
