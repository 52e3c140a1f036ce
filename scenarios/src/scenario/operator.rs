//! What an operator of the cluster does while clients work.

use super::check::{Impossible, require, span};
use super::{Scenario, Span};
use revline_sim::fault::{Fault, Target};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An operator, who changes who is a member and looks after storage: one task after the other, of those that have a
/// weight. Without any there is no operator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OperatorWorkload {
    /// Add a learner, promote it when it has caught up, and then remove another member. Default 0.
    pub churn: u32,
    /// A member's machine is lost with its disk: remove it, add a learner under a new id, and promote it.
    /// Needs 3 members or more. Default 0.
    pub replace: u32,
    /// Let a member write its state anew. Default 0.
    pub defragment: u32,
    /// Save a snapshot, and compare the members' hashes at its revision. Default 0.
    pub save: u32,
    /// If an alarm stands for lack of space: compact, defragment every member, and disarm. If this has a weight,
    /// room is made once more at the end, whether or not an alarm stands. Default 0.
    pub make_room: u32,
    /// Restore the last saved snapshot into a new cluster when all is over, and compare what it holds. Not where
    /// keys go with leases: they would go there, too. Default no.
    pub restore: bool,
    /// When the first task is due, in milliseconds. Default 700 to 1 500.
    pub first_ms: Span,
    /// From when one task is due to the next one, in milliseconds. A task that is not done yet delays the next.
    /// Default 500 to 1 500.
    pub pause_ms: Span,
}

impl Default for OperatorWorkload {
    fn default() -> Self {
        OperatorWorkload {
            churn: 0,
            replace: 0,
            defragment: 0,
            save: 0,
            make_room: 0,
            restore: false,
            first_ms: (700, 1_500),
            pause_ms: (500, 1_500),
        }
    }
}

impl OperatorWorkload {
    /// Whether there is an operator.
    pub fn works(&self) -> bool {
        [self.churn, self.replace, self.defragment, self.save, self.make_room]
            .iter()
            .any(|&weight| weight > 0)
    }

    pub(super) fn check(&self, scenario: &Scenario) -> Result<(), Impossible> {
        span(self.first_ms, "workload.operator.first_ms")?;
        span(self.pause_ms, "workload.operator.pause_ms")?;
        require(self.pause_ms.1 > 0, "workload.operator.pause_ms", "at least 1 at the end")?;
        let tasks = scenario.duration_ms / self.pause_ms.0.max(1);
        require(
            !self.works() || tasks <= 80,
            "workload.operator.pause_ms",
            format!("at most 80 tasks in a run, not {tasks}: each may need a new member"),
        )?;
        require(
            !self.restore || self.save > 0,
            "workload.operator.restore",
            "nothing is saved: `save` needs a weight",
        )?;
        let leases = scenario.workload.leases.users + scenario.workload.locks.clients();
        require(
            !self.restore || leases == 0,
            "workload.operator.restore",
            "leases would expire in the new cluster, too: no clients that use leases or locks",
        )?;
        let smallest = scenario.members.iter().copied().min().unwrap_or_default();
        require(
            self.replace == 0 || smallest >= 3,
            "workload.operator.replace",
            format!("{smallest} members cannot lose one for ever: at least 3 are needed"),
        )?;
        // A member with a number may have been removed when the fault strikes: then it would be another.
        let by_number = |fault: &Fault| {
            matches!(
                fault,
                Fault::Crash { target: Target::Member(_) } | Fault::Pause { target: Target::Member(_) }
            )
        };
        let changes = self.churn + self.replace > 0;
        let wrong = scenario.faults.iter().position(|schedule| schedule.one_of.iter().any(by_number));
        match wrong.filter(|_| changes) {
            Some(at) => require(
                false,
                format!("faults[{at}].one_of"),
                "members come and go: name them by role, not by number",
            ),
            None => Ok(()),
        }
    }
}
