//! The tracks: a process for each node, and its threads.

use super::output::{Output, Place};
use revline_sim::trace::{NodeName, Trace};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Result;

/// A kind of thread, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Thread {
    Process,
    Faults,
    Operations,
    Holds,
    Watches,
    Raft,
    Applied,
    Disk,
    Network,
    Connections,
    Events,
}

/// The most lanes of a thread.
const LANES: u32 = 10_000;

/// The numbers of the threads of a process.
const NUMBERS: u32 = 1_000_000;

impl Thread {
    fn name(self, lane: u32) -> String {
        let name = match self {
            Thread::Process => "process",
            Thread::Faults => "faults",
            Thread::Operations => "operations",
            Thread::Holds => "holds",
            Thread::Watches => "watches",
            Thread::Raft => "raft",
            Thread::Applied => "applied",
            Thread::Disk => "disk",
            Thread::Network => "network",
            Thread::Connections => "connections",
            Thread::Events => "events",
        };
        if lane == 0 { name.to_owned() } else { format!("{name} {}", lane + 1) }
    }
}

/// The tracks that were named so far.
#[derive(Debug, Default)]
pub(super) struct Tracks {
    processes: BTreeMap<NodeName, u32>,
    threads: BTreeSet<(u32, u32)>,
}

impl Tracks {
    /// The place of a lane of a node's thread. A new one is named.
    pub fn place(
        &mut self,
        out: &mut Output<'_>,
        trace: &Trace,
        node: NodeName,
        thread: Thread,
        lane: u32,
    ) -> Result<Place> {
        let next = self.processes.len() as u32 + 1;
        let process = *self.processes.entry(node).or_insert(next);
        if process == next {
            // The world, members, proxies, clients.
            let sort = if node.is_client() { 1_000 + u64::from(next) } else { node.0 };
            out.name(Place { process, thread: 0 }, "process", &trace.name_of(node), sort)?;
        }
        let within = thread as u32 * LANES + lane.min(LANES - 1);
        // Readers may take the number of a thread for its name in the whole run.
        let number = process * NUMBERS + within;
        let place = Place { process, thread: number };
        if self.threads.insert((process, number)) {
            out.name(place, "thread", &thread.name(lane), u64::from(within))?;
        }
        Ok(place)
    }
}
