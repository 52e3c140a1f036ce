//! The process of a machine: whether it runs, which start of it this is, the clock it runs by, and the faults on it.

use crate::clock::Clock;
use crate::fault_id::FaultId;
use std::collections::{BTreeMap, BTreeSet};

/// A process, from one start to the next. Its clock is that of the computer it runs on.
#[derive(Debug)]
pub(crate) struct NodeProcess {
    pub clock: Clock,
    /// The number of this start of the process.
    pub incarnation: u64,
    pub running: bool,
    /// Told to start, and not started yet.
    pub starting: bool,
    /// Ended by itself, to be started again.
    pub restarting: bool,
    /// The faults in force that keep it down.
    pub down_by: BTreeSet<FaultId>,
    /// The faults in force that let it stand still, once it runs.
    pub paused_by: BTreeSet<FaultId>,
    /// The drift of its clock by each fault in force, in parts per million too fast.
    pub drifts_ppm: BTreeMap<FaultId, i64>,
    /// The jump of the wall part of its clock by each fault in force, in milliseconds; back if negative.
    pub jumps_ms: BTreeMap<FaultId, i64>,
}

impl NodeProcess {
    /// A process that was never started.
    pub fn new(clock: Clock) -> NodeProcess {
        NodeProcess {
            clock,
            incarnation: 0,
            running: false,
            starting: false,
            restarting: false,
            down_by: BTreeSet::new(),
            paused_by: BTreeSet::new(),
            drifts_ppm: BTreeMap::new(),
            jumps_ms: BTreeMap::new(),
        }
    }

    /// True if it stands still, or will once it runs.
    pub fn is_paused(&self) -> bool {
        !self.paused_by.is_empty()
    }

    /// True if it runs, or is about to.
    pub fn is_up(&self) -> bool {
        self.running || self.starting
    }

    /// True if it ended by itself: no fault keeps it down, and it is not about to start.
    pub fn has_ended(&self) -> bool {
        !self.is_up() && !self.restarting && self.down_by.is_empty()
    }

    pub(super) fn started(&mut self) {
        self.incarnation += 1;
        self.running = true;
        self.starting = false;
        self.restarting = false;
    }

    pub(super) fn stopped(&mut self) {
        self.running = false;
        self.starting = false;
    }
}
