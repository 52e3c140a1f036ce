//! Observations as one line of text.

use super::list;
use crate::history::{AlarmKind, Observation, SeenMember};
use std::fmt::{Display, Formatter, Result};

impl Display for SeenMember {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.id.0.fmt(f)?;
        f.write_str(if self.is_learner { " (learner)" } else { "" })?;
        self.last_index.map_or(Ok(()), |index| write!(f, " with a log up to {index}"))
    }
}

impl Display for Observation {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Observation::Started { member, .. } => write!(f, "{member} started"),
            Observation::Refused { member, why, .. } => write!(f, "{member} refused to start: {why}"),
            Observation::Panicked { member, message, .. } => write!(f, "{member} panicked: {message}"),
            Observation::Repaired { member, .. } => write!(f, "the disk of {member} was repaired"),
            Observation::RolledBack { member, .. } => {
                write!(f, "an older copy took the place of the disk of {member}")
            }
            Observation::DiskFailed { member, what, .. } => {
                write!(f, "the disk of {member} failed: {what}")
            }
            Observation::Stopped { member, why, .. } => write!(f, "{member} stopped: {why}"),
            Observation::Damaged { member, what, .. } => {
                write!(f, "the disk of {member} was damaged: {what}")
            }
            Observation::Leader { member, term, last_index: None, .. } => {
                write!(f, "{member} leads term {term}")
            }
            Observation::Leader { member, term, last_index: Some(index), .. } => {
                write!(f, "{member} leads term {term} with a log up to index {index}")
            }
            Observation::Hash { member, revision, compact_revision, hash, .. } => {
                write!(
                    f,
                    "{member} at revision {revision} (compacted at {compact_revision}) has hash {hash:08x}"
                )
            }
            Observation::Alarm { member, alarm: AlarmKind::NoSpace, .. } => {
                write!(f, "alarm NOSPACE: {member} is full")
            }
            Observation::Alarm { member, alarm: AlarmKind::Corrupt, .. } => {
                write!(f, "alarm CORRUPT: {member} holds something else than its leader")
            }
            Observation::Members { member, index, members, .. } => {
                write!(f, "{member} has at index {index} the members ")?;
                list(f, members)
            }
            Observation::Applied { member, index, term, digest, .. } => {
                write!(f, "{member} applied up to index {index} of term {term}, digest {digest:016x}")
            }
            Observation::Bounds {
                clock_drift_ppm,
                clock_jump_ms,
                lease_expiry_slack_ms,
                lease_leader_slack_ms,
                ..
            } => {
                write!(f, "clocks drift by {clock_drift_ppm} ppm")?;
                if *clock_jump_ms > 0 {
                    write!(f, " and jump by {clock_jump_ms} ms")?;
                }
                write!(f, ", a lease goes within {lease_expiry_slack_ms} ms")?;
                match lease_leader_slack_ms {
                    Some(slack_ms) => write!(f, ", {slack_ms} ms more for each leader"),
                    None => Ok(()),
                }
            }
            Observation::Fault { what, victims, .. } if victims.is_empty() => write!(f, "fault: {what}"),
            Observation::Fault { what, victims, .. } => {
                write!(f, "fault: {what} (struck {})", victims.join(", "))
            }
            Observation::FaultHealed { name, .. } => write!(f, "fault healed: {name}"),
            Observation::Healed { bound_ns, .. } => {
                write!(f, "all faults healed: to recover within {} ms", bound_ns / 1_000_000)
            }
            Observation::Probed { member, service, served: true, .. } => {
                write!(f, "{member} serves `{service}`")
            }
            Observation::Probed { member, service, served: false, .. } => {
                write!(f, "{member} does not serve `{service}`")
            }
            Observation::Settled { member, revision, leader, .. } => {
                write!(f, "{member} settled at revision {revision}, ")?;
                match leader {
                    Some(leader) => write!(f, "led by {leader}"),
                    None => f.write_str("without a leader"),
                }
            }
        }
    }
}
