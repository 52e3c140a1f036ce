//! The cluster that a fault is checked against.

use super::Target;
use crate::bound::{Impossible, require};

/// The members and proxies that a fault can count on.
#[derive(Clone, Copy, Debug)]
pub struct Topology {
    /// The members of the cluster; of the smallest, where there are several sizes.
    pub members: u64,
    /// There is a proxy.
    pub has_proxies: bool,
    /// Members come and go.
    pub members_change: bool,
    /// There is a process of a user's own.
    pub has_processes: bool,
}

impl Topology {
    /// Refuses a cluster with fewer members than a kind of fault needs, for this reason.
    pub fn needs_members(&self, kind: &str, least: u64, why: &str) -> Result<(), Impossible> {
        require(
            self.members >= least,
            "",
            format!("{kind} needs {least} members or more ({why}), but `members` allows {}", self.members),
        )
    }

    /// Refuses a world without a proxy.
    pub fn needs_proxy(&self, kind: &str) -> Result<(), Impossible> {
        require(self.has_proxies, "", format!("{kind} needs a proxy, but there is none"))
    }

    /// Refuses a world without a process of a user's own.
    pub(super) fn needs_process(&self, kind: &str) -> Result<(), Impossible> {
        require(
            self.has_processes,
            "",
            format!("{kind} needs a process of one's own (`World::process`), but there is none"),
        )
    }

    /// Refuses a target, in this field, that no member can be.
    pub fn has_target(&self, kind: &str, field: &str, target: Target) -> Result<(), Impossible> {
        match target {
            Target::Member(id) => require(
                (1..=self.members).contains(&id),
                field,
                format!("there is no member {id} in a cluster of {}; ids count from 1", self.members),
            ),
            Target::Follower(_) => self.needs_members(kind, 2, "a single member has no follower"),
            Target::Leader => Ok(()),
        }
    }

    /// As [`Topology::has_target`], of a fault that must not strike another member if its target was removed before.
    pub fn has_lasting_target(&self, kind: &str, field: &str, target: Target) -> Result<(), Impossible> {
        require(
            !(self.members_change && matches!(target, Target::Member(_))),
            field,
            "members come and go: name them by role, not by number",
        )?;
        self.has_target(kind, field, target)
    }
}
