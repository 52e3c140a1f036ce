//! The processes of clients, a user's own among them: whether they stand still, and the events that they have not noticed
//! meanwhile.

use super::order::Order;
use super::user_process::UserProcess;
use crate::due::Due;
use crate::fault_id::FaultId;
use crate::network::Network;
use crate::network::cuts::{Cuts, Way};
use crate::parcel::Direction;
use crate::trace::NodeName;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The processes of the clients of a world.
#[derive(Debug, Default)]
pub(crate) struct Processes {
    running: BTreeSet<NodeName>,
    /// The clients that stand still.
    paused: BTreeMap<NodeName, StandingStill>,
    /// Those of a user's own.
    users: BTreeMap<NodeName, UserProcess>,
    /// The ways between these on which nothing passes.
    clogged: BTreeSet<Way>,
    /// To be carried out when nothing is locked.
    orders: VecDeque<Order>,
}

/// A client that stands still.
#[derive(Debug, Default)]
struct StandingStill {
    /// The faults in force that cause it: the client goes on when the last one heals.
    by: BTreeSet<FaultId>,
    /// The events that wait for it, in order of time.
    unnoticed: Vec<Due>,
}

impl Processes {
    /// Gives a client a process, if it has none.
    pub fn add(&mut self, client: NodeName) {
        self.running.insert(client);
    }

    /// True if a client has a process, which can be paused.
    pub fn has(&self, client: NodeName) -> bool {
        self.running.contains(&client)
    }

    /// True if a client stands still.
    pub fn is_paused(&self, client: NodeName) -> bool {
        self.paused.contains_key(&client)
    }

    /// Adds a process of a user's own.
    pub fn add_user(&mut self, node: NodeName, process: UserProcess) {
        self.add(node);
        self.users.insert(node, process);
    }

    /// A process of a user's own, if the node is one.
    pub fn user(&self, node: NodeName) -> Option<&UserProcess> {
        self.users.get(&node)
    }

    /// As [`Processes::user`], to change it.
    pub fn user_mut(&mut self, node: NodeName) -> Option<&mut UserProcess> {
        self.users.get_mut(&node)
    }

    /// The nodes of the processes of a user's own, in the order in which they came.
    pub fn users(&self) -> Vec<NodeName> {
        let mut nodes: Vec<(usize, NodeName)> =
            self.users.iter().map(|(&node, process)| (process.position, node)).collect();
        nodes.sort_unstable();
        nodes.into_iter().map(|(_, node)| node).collect()
    }

    /// Takes all processes of a user's own, to be dropped when nothing is locked: their programs hold the world, and the
    /// world holds them.
    pub fn take_users(&mut self) -> BTreeMap<NodeName, UserProcess> {
        std::mem::take(&mut self.users)
    }

    /// Adds an order to madsim.
    pub fn add_order(&mut self, order: Order) {
        self.orders.push_back(order);
    }

    /// Takes the next order.
    pub fn take_order(&mut self) -> Option<Order> {
        self.orders.pop_front()
    }

    /// True if orders are open.
    pub fn has_orders(&self) -> bool {
        !self.orders.is_empty()
    }

    /// Notes the ways between processes that are cut now; returns the orders that make it so.
    pub fn clog(&mut self, cuts: &Cuts) -> Vec<Order> {
        let nodes = self.users();
        let ways = nodes.iter().flat_map(|&from| nodes.iter().map(move |&to| (from, to)));
        let cut: BTreeSet<Way> = ways.filter(|&(from, to)| cuts.is_cut(from, to)).collect();
        let before = std::mem::replace(&mut self.clogged, cut);
        let order = |&(from, to): &Way, clogged| Order::Clog { from, to, clogged };
        let opened = before.difference(&self.clogged).map(|way| order(way, false));
        opened.chain(self.clogged.difference(&before).map(|way| order(way, true))).collect()
    }

    /// Pauses a client; true if it did not stand still already.
    pub fn pause(&mut self, client: NodeName, fault: FaultId) -> bool {
        debug_assert!(self.has(client), "{client} can be paused");
        let goes_on = !self.is_paused(client);
        self.paused.entry(client).or_default().by.insert(fault);
        goes_on
    }

    /// Lets a client go on, unless another fault keeps it; returns the events that it notices now.
    pub fn resume(&mut self, client: NodeName, fault: FaultId) -> Option<Vec<Due>> {
        let standing = self.paused.get_mut(&client)?;
        standing.by.remove(&fault);
        if !standing.by.is_empty() {
            return None;
        }
        self.paused.remove(&client).map(|standing| standing.unnoticed)
    }

    /// Keeps back an event that a client would notice if it did not stand still: frames stay in its machine's buffers, and
    /// its timers wait. Returns every other event.
    pub fn keep_back(&mut self, due: Due, network: &mut Network) -> Option<Due> {
        if self.paused.is_empty() {
            return Some(due);
        }
        let client = match &due {
            Due::Frame { stream, direction: Direction::ToClient, .. } => {
                network.streams.get(*stream).map(|open| open.client)
            }
            Due::BrokenAtClient { client, .. } | Due::WakeClient { client } => Some(*client),
            Due::Frame { direction: Direction::ToServer, .. }
            | Due::Datagram { .. }
            | Due::Stall { .. }
            | Due::Wakeup(_)
            | Due::Handshake { .. }
            | Due::NotEstablished { .. }
            | Due::Tell { .. }
            | Due::GoOn(_)
            | Due::Restart(_)
            | Due::PowerOff { .. }
            | Due::Inspect(_) => None,
        };
        match client.and_then(|client| self.paused.get_mut(&client)) {
            Some(standing) => {
                standing.unnoticed.push(due);
                None
            }
            None => Some(due),
        }
    }
}
