//! The clients of a world.

use super::{ChannelHost, ClientHost};
use crate::trace::NodeName;
use revline_checker::history::ClientId;
use std::collections::BTreeMap;

/// The clients of a world, by their nodes.
#[derive(Default)]
pub(crate) struct Clients {
    /// Those of the world's own kind.
    pub hosts: BTreeMap<NodeName, ClientHost>,
    /// The channels of clients that know nothing of the world.
    pub channels: BTreeMap<NodeName, ChannelHost>,
}

impl Clients {
    /// True if a client has this node.
    pub fn has(&self, node: NodeName) -> bool {
        self.hosts.contains_key(&node) || self.channels.contains_key(&node)
    }

    /// A client of the world's own kind.
    ///
    /// # Panics
    /// If there is none with this node.
    pub fn host(&mut self, node: NodeName) -> &mut ClientHost {
        self.hosts.get_mut(&node).expect("a client of this world")
    }

    /// The number of the next client.
    pub fn next_id(&self) -> ClientId {
        ClientId(u32::try_from(self.hosts.len() + self.channels.len()).expect("clients are few"))
    }

    /// The nodes of every client, in their order.
    pub fn nodes(&self) -> Vec<NodeName> {
        let mut nodes: Vec<NodeName> = self.numbered().map(|(_, node)| node).collect();
        nodes.sort_unstable();
        nodes
    }

    /// The nodes of every client, in the order in which they came.
    pub fn nodes_by_id(&self) -> Vec<NodeName> {
        let mut nodes: Vec<(ClientId, NodeName)> = self.numbered().collect();
        nodes.sort_unstable();
        nodes.into_iter().map(|(_, node)| node).collect()
    }

    /// The nodes of these clients, in this order.
    pub fn nodes_of(&self, clients: &[ClientId]) -> Vec<NodeName> {
        let node = |id: &ClientId| self.numbered().find(|(own, _)| own == id).map(|(_, node)| node);
        clients.iter().filter_map(node).collect()
    }

    /// The clients, each with its number in the history.
    pub fn numbered(&self) -> impl Iterator<Item = (ClientId, NodeName)> {
        let hosts = self.hosts.iter().map(|(&node, client)| (client.id, node));
        let channels = self.channels.iter().map(|(&node, channel)| (channel.id, node));
        hosts.chain(channels)
    }
}
