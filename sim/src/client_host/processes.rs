//! The processes of clients: their tasks, and the events that they have not noticed while they stand still.

use crate::due::Due;
use crate::fault_id::FaultId;
use crate::network::Network;
use crate::parcel::Direction;
use crate::trace::NodeName;
use std::collections::{BTreeMap, BTreeSet};

/// The processes of the clients of a world.
#[derive(Debug, Default)]
pub(crate) struct Processes {
    running: BTreeSet<NodeName>,
    /// The clients that stand still.
    paused: BTreeMap<NodeName, StandingStill>,
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
