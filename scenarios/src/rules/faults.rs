//! The rules for faults, in a cluster of some size.

use super::{Impossible, limits, require};
use revline_sim::fault::{Fault, Target};

/// The members and proxies that faults can strike.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FaultRules {
    /// The members of the cluster; of the smallest, where there are several sizes.
    pub members: u64,
    /// Whether there is a proxy.
    pub has_proxies: bool,
    /// Whether members come and go.
    pub members_change: bool,
}

impl FaultRules {
    /// Refuses a fault that cannot strike.
    pub fn check(self, fault: &Fault, field: &str) -> Result<(), Impossible> {
        match fault {
            Fault::Isolate { target, .. } | Fault::OneWay { target, .. } => {
                self.needs(2, fault, "there is nobody to be cut off from", field)?;
                self.target(*target, fault, field)
            }
            Fault::Split { side, .. } => {
                require(!side.is_empty(), format!("{field}.side"), "a side has at least one member")?;
                require(
                    (side.len() as u64) < self.members,
                    format!("{field}.side"),
                    format!("a side of {} leaves nobody of {} on the other", side.len(), self.members),
                )?;
                for (at, target) in side.iter().enumerate() {
                    require(
                        !side[..at].contains(target),
                        format!("{field}.side[{at}]"),
                        format!("{target} is on this side already"),
                    )?;
                    self.target(*target, fault, field)?;
                }
                Ok(())
            }
            Fault::Bridge { target } => {
                self.needs(3, fault, "two halves and a bridge", field)?;
                self.target(*target, fault, field)
            }
            Fault::MajoritiesRing => self.needs(5, fault, "in a smaller ring everyone sees everyone", field),
            Fault::Degrade { link } => link.check().map_err(|wrong| wrong.within(&format!("{field}.link"))),
            Fault::SlowDisk { target, factor } => {
                limits::SLOWDOWN.check(u64::from(*factor), format!("{field}.factor"))?;
                self.target(*target, fault, field)
            }
            Fault::ClockDrift { target, ppm } => {
                require(
                    (-500_000..=1_000_000).contains(ppm),
                    format!("{field}.ppm"),
                    format!("between -500 000 (half as fast) and 1 000 000 (twice as fast), not {ppm}"),
                )?;
                self.target(*target, fault, field)
            }
            Fault::TransferLeader { to } => {
                self.needs(2, fault, "there is nobody to hand over to", field)?;
                self.target(*to, fault, field)
            }
            // A member with a number may have been removed when the fault strikes: then it would be another.
            Fault::Crash { target: Target::Member(_) } | Fault::Pause { target: Target::Member(_) }
                if self.members_change =>
            {
                require(
                    false,
                    format!("{field}.target"),
                    "members come and go: name them by role, not by number",
                )
            }
            Fault::BreakStreams { target } | Fault::Crash { target } | Fault::Pause { target } => {
                self.target(*target, fault, field)
            }
            Fault::CrashAll | Fault::PauseClient { .. } => Ok(()),
            Fault::ProxyCrash { .. }
            | Fault::ProxyCrashAll
            | Fault::ProxyPause { .. }
            | Fault::ProxyCut { .. } => {
                require(self.has_proxies, field, format!("{} needs a proxy, but there is none", fault.kind()))
            }
        }
    }

    fn needs(self, members: u64, fault: &Fault, why: &str, field: &str) -> Result<(), Impossible> {
        require(
            self.members >= members,
            field,
            format!(
                "{} needs {members} members or more ({why}), but `members` allows {}",
                fault.kind(),
                self.members
            ),
        )
    }

    fn target(self, target: Target, fault: &Fault, field: &str) -> Result<(), Impossible> {
        match target {
            Target::Member(id) => require(
                (1..=self.members).contains(&id),
                format!("{field}.target"),
                format!("there is no member {id} in a cluster of {}; ids count from 1", self.members),
            ),
            Target::Follower(_) => self.needs(2, fault, "a single member has no follower", field),
            Target::Leader => Ok(()),
        }
    }
}
