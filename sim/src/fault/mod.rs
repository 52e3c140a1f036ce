//! Faults, one file for each kind.
//!
//! A fault names its targets by role; a role is resolved when the fault strikes, and the victims are written to the
//! trace and to the history. Faults may overlap and heal in any order: what several in force do to one thing is kept by
//! their ids, the worst of them counts, and it is over when the last one heals.
//!
//! A kind implements [`FaultKind`]: it strikes through a [`FaultCx`], which notes what was done and takes it back when the
//! fault heals. Kinds that scenario files know are rows of the list below; others live where they are used.

mod catalogue;
mod cx;
#[cfg(test)]
mod demonstration;
mod disk_damage;
mod in_force;
mod kind;
mod target;
mod topology;
mod undo;

pub use crate::network::cuts::{Way, between, one_way};
pub use catalogue::{FieldText, KindText, kinds};
pub use cx::FaultCx;
pub use disk_damage::DiskDamage;
pub(crate) use in_force::{Active, InForce};
pub use kind::FaultKind;
pub use target::{ClientTarget, ProcessTarget, Roster, Target};
pub use topology::Topology;
pub(crate) use undo::Undo;

use crate::bound::Impossible;
use crate::trace::NodeName;
use std::fmt;

catalogue::faults! {
    isolate::Isolate = "isolate",
    split::Split = "split",
    one_way::OneWay = "one-way",
    bridge::Bridge = "bridge",
    majorities_ring::MajoritiesRing = "majorities-ring",
    degrade::Degrade = "degrade",
    break_streams::BreakStreams = "break-streams",
    crash::Crash = "crash",
    crash_all::CrashAll = "crash-all",
    pause::Pause = "pause",
    pause_client::PauseClient = "pause-client",
    slow_disk::SlowDisk = "slow-disk",
    clock_drift::ClockDrift = "clock-drift",
    transfer_leader::TransferLeader = "transfer-leader",
    proxy_crash::ProxyCrash = "proxy-crash",
    proxy_crash_all::ProxyCrashAll = "proxy-crash-all",
    proxy_pause::ProxyPause = "proxy-pause",
    proxy_cut::ProxyCut = "proxy-cut",
    clock_jump::ClockJump = "clock-jump",
    disk_stall::DiskStall = "disk-stall",
    failing_disk::FailingDisk = "failing-disk",
    bit_rot::BitRot = "bit-rot",
    misplaced_write::MisplacedWrite = "misplaced-write",
    crash_at::CrashAt = "crash-at",
    failing_power::FailingPower = "failing-power",
    old_disk::OldDisk = "old-disk",
    break_mid_frame::BreakMidFrame = "break-mid-frame",
    crash_process::CrashProcess = "crash-process",
    pause_process::PauseProcess = "pause-process",
    cut_process::CutProcess = "cut-process",
}

impl FaultKind for Fault {
    fn name(&self) -> &'static str {
        self.kind().name()
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        self.kind().check(topology)
    }

    fn name_targets(&mut self, roster: &Roster<'_>) {
        self.kind_mut().name_targets(roster);
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        self.kind().strike(cx)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind().fmt(f)
    }
}
