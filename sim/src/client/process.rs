//! The process of a client: its tasks, and what it has not noticed yet while it stands still.

use super::Client;
use crate::due::Due;
use crate::fault::FaultId;
use crate::network::stream::Direction;
use crate::state::State;
use crate::tasks::JoinHandle;
use crate::trace::{Event, NodeName};
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};

/// The processes of clients.
#[derive(Debug, Default)]
pub(crate) struct Processes {
    running: BTreeSet<NodeName>,
    /// Those that stand still.
    paused: BTreeMap<NodeName, StandingStill>,
}

/// A client that stands still.
#[derive(Debug, Default)]
struct StandingStill {
    /// The faults in force that let it: it goes on when the last one heals.
    by: BTreeSet<FaultId>,
    /// Events that wait for it, in order of time.
    unnoticed: Vec<Due>,
}

impl World {
    /// Runs a program as the process of a client, and so does all that it spawns, as the keepalives of its sessions:
    /// they stand still while the client is paused ([`PauseClient`](crate::fault::PauseClient)).
    pub fn run_client<F>(&self, client: &Client, program: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.shared.lock().processes.running.insert(client.node);
        self.shared.spawn(client.node, program)
    }
}

impl State {
    /// Whether this client has a process, which can be paused.
    pub fn has_process(&self, client: NodeName) -> bool {
        self.processes.running.contains(&client)
    }

    /// Whether this client stands still.
    pub fn is_paused(&self, client: NodeName) -> bool {
        self.processes.paused.contains_key(&client)
    }

    /// Lets a client with a process stand still.
    pub fn pause_client(&mut self, client: NodeName, fault: FaultId) {
        debug_assert!(self.has_process(client), "{client} can be paused");
        let goes_on = !self.is_paused(client);
        self.processes.paused.entry(client).or_default().by.insert(fault);
        self.counters.client_pauses += 1;
        if goes_on {
            self.tasks.pause(client);
            self.record(client, Event::Pause {});
        }
    }

    /// Lets it go on, if nothing else lets it stand still, and notice what came meanwhile.
    pub fn resume_client(&mut self, client: NodeName, fault: FaultId) {
        let Some(standing) = self.processes.paused.get_mut(&client) else { return };
        standing.by.remove(&fault);
        if !standing.by.is_empty() {
            return;
        }
        let unnoticed = std::mem::take(&mut standing.unnoticed);
        self.processes.paused.remove(&client);
        self.tasks.resume(client);
        self.record(client, Event::Resume {});
        for due in unnoticed {
            self.deliver(due);
        }
    }

    /// Keeps back what a client would notice that stands still: frames stay in its machine's buffers, and its
    /// timers wait. Gives back all else.
    pub fn keep_from_paused(&mut self, due: Due) -> Option<Due> {
        if self.processes.paused.is_empty() {
            return Some(due);
        }
        let client = match &due {
            Due::Frame { stream, direction: Direction::ToClient, .. } => {
                self.network.streams.get(*stream).map(|open| open.client)
            }
            Due::BrokenAtClient { client, .. }
            | Due::Deadline { client, .. }
            | Due::Repeat { client, .. } => Some(*client),
            Due::Frame { direction: Direction::ToServer, .. }
            | Due::Datagram(_)
            | Due::Stall { .. }
            | Due::Wakeup(_)
            | Due::Handshake { .. }
            | Due::NotEstablished { .. }
            | Due::Tell { .. }
            | Due::GoOn(_)
            | Due::Inspect(_) => None,
        };
        match client.and_then(|client| self.processes.paused.get_mut(&client)) {
            Some(standing) => {
                standing.unnoticed.push(due);
                None
            }
            None => Some(due),
        }
    }
}
