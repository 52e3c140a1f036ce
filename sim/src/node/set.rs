//! The nodes of a world, found by name, for all kinds of machines.

use super::member::MemberHost;
use super::{End, Node, NodeProcess};
use crate::around::Around;
use crate::due::Told;
use crate::trace::NodeName;
use std::collections::BTreeMap;

/// A node of any kind of machine.
pub(crate) trait AnyNode {
    /// Its process.
    fn process(&mut self) -> &mut NodeProcess;

    /// True if no process will be started here again.
    fn is_retired(&self, around: &Around<'_>) -> bool;

    /// Tells its machine something, if a process runs.
    fn tell(&mut self, around: &mut Around<'_>, told: Told);

    /// Starts its process, or goes on with the inputs that wait, unless it stands still or works.
    fn go_on(&mut self, around: &mut Around<'_>);

    /// Ends its process.
    fn end(&mut self, around: &mut Around<'_>, end: &End);
}

/// The nodes of a world.
pub(crate) struct Nodes {
    pub members: BTreeMap<NodeName, Node<MemberHost>>,
    /// Proxies, and machines of one's own in their place.
    pub proxies: BTreeMap<NodeName, Box<dyn AnyNode + Send>>,
}

impl Nodes {
    /// The node with this name, if it runs a machine.
    pub fn get(&mut self, name: NodeName) -> Option<&mut dyn AnyNode> {
        if let Some(member) = self.members.get_mut(&name) {
            return Some(member);
        }
        match self.proxies.get_mut(&name) {
            Some(proxy) => Some(&mut **proxy),
            None => None,
        }
    }

    /// The number of the start of the process that runs on a node, if one does.
    pub fn running(&mut self, name: NodeName) -> Option<u64> {
        let process = self.get(name)?.process();
        process.running.then_some(process.incarnation)
    }
}
