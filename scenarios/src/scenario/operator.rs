//! The work of the cluster's operator while clients work.

use super::{Scenario, Span};
use crate::rules::{Impossible, limits, require};
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
    /// Err: add a member that there is, promote one early, remove one that is down or leads, hand the leadership to one
    /// that is down, or ask for two changes at once. Each is tried once; members that go are replaced. Needs 3 members
    /// or more. Default 0.
    pub err: u32,
    /// Raise an alarm of a member, for lack of space or, rarely, for corruption; ask every member which alarms stand, and
    /// disarm them. If this has a weight, alarms are disarmed once more at the end. Default 0.
    pub alarm: u32,
    /// Rare tasks: add a member with a vote at once, or a second learner; remove the only member; hand the
    /// leadership to two; take a member's name; raise an alarm of no member in particular. Default 0.
    pub rare: u32,
    /// Restore the last saved snapshot into a new cluster when all is over, and compare what it holds. Not where
    /// keys go with leases: they would go there, too. Default no.
    pub restore: bool,
    /// The time of the first task, in milliseconds. Default 700 to 1 500.
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
            err: 0,
            alarm: 0,
            rare: 0,
            restore: false,
            first_ms: (700, 1_500),
            pause_ms: (500, 1_500),
        }
    }
}

impl OperatorWorkload {
    /// Returns `true` if there is an operator.
    pub(crate) fn works(&self) -> bool {
        let weights = [
            self.churn,
            self.replace,
            self.defragment,
            self.save,
            self.make_room,
            self.err,
            self.alarm,
            self.rare,
        ];
        weights.iter().any(|&weight| weight > 0)
    }

    /// Returns `true` if it adds or removes members.
    pub(super) fn changes_members(&self) -> bool {
        self.churn > 0 || self.replace > 0 || self.err > 0 || self.rare > 0
    }

    /// The most tasks of a run, as far as each needs one new member: a rare one may need two.
    pub(super) fn tasks(&self, duration_ms: u64) -> u64 {
        let of_each = if self.rare > 0 { 2 } else { 1 };
        if self.works() { of_each * (duration_ms / self.pause_ms.0.max(1)) } else { 0 }
    }

    pub(super) fn check(&self, scenario: &Scenario) -> Result<(), Impossible> {
        for (weight, field) in [
            (self.churn, "churn"),
            (self.replace, "replace"),
            (self.defragment, "defragment"),
            (self.save, "save"),
            (self.make_room, "make_room"),
            (self.err, "err"),
            (self.alarm, "alarm"),
            (self.rare, "rare"),
        ] {
            limits::WEIGHT.check(weight.into(), format!("workload.operator.{field}"))?;
        }
        limits::TIME_MS.check_span(self.first_ms, "workload.operator.first_ms")?;
        limits::TIME_MS.check_positive_span(self.pause_ms, "workload.operator.pause_ms")?;
        let tasks = self.tasks(scenario.duration_ms);
        require(
            tasks <= limits::TASKS,
            "workload.operator.pause_ms",
            format!("at most {} tasks in a run, not {tasks}: each may need a new member", limits::TASKS),
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
        require(
            self.err == 0 || smallest >= 3,
            "workload.operator.err",
            format!(
                "{smallest} members cannot do without one that is removed by mistake: at least 3 are needed"
            ),
        )
    }
}
