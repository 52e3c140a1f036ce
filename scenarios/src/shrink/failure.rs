//! The failure that a smaller plan must still show.

use crate::execute::{Beginnings, Outcome, execute, execute_noting};
use crate::plan::{Plan, Work};
use revline_checker::verdict::{Fingerprint, Verdicts};

/// A guarantee that is violated in one way.
#[derive(Clone, Debug)]
pub(super) struct SameFailure {
    pub wanted: Fingerprint,
}

/// A plan that failed, as far as the next try needs to know.
#[derive(Clone, Debug)]
pub(super) struct Failed {
    pub plan: Plan,
    /// The moment at which the last exhibit of its evidence ended, in milliseconds, rounded up.
    pub evident_ms: u64,
}

impl SameFailure {
    /// The plan, judged by the guarantee in question alone.
    pub fn judged_alone(&self, plan: &Plan) -> Plan {
        Plan { guarantees: vec![self.wanted.guarantee.clone()], ..plan.clone() }
    }

    /// Runs a plan; returns it if it is possible and fails in the same way.
    pub fn of(&self, plan: Plan) -> Option<Failed> {
        plan.check().ok()?;
        let outcome = execute(&plan, false).ok()?;
        let evident_ms = self.evident_ms(&outcome)?;
        Some(Failed { plan, evident_ms })
    }

    /// The plan with every operation at the time at which it began: none waits for the one before it.
    pub fn on_time(&self, plan: &Plan) -> Option<Plan> {
        let beginnings = Beginnings::default();
        execute_noting(plan, false, &beginnings).ok()?;
        let mut plan = plan.clone();
        for client in &mut plan.clients {
            if let Work::Operations(operations) = &mut client.work {
                for (operation, at) in operations.iter_mut().zip(beginnings.of(&client.name)) {
                    operation.at_us = u64::try_from(at.as_nanos().div_ceil(1_000)).unwrap_or(u64::MAX);
                }
            }
        }
        Some(plan)
    }

    /// The moment at which it is evident; none if it did not happen.
    fn evident_ms(&self, outcome: &Outcome) -> Option<u64> {
        let evidence = self.evidence_in(&outcome.verdicts)?;
        let ends = evidence.exhibits.iter().map(|exhibit| exhibit.to_ns.unwrap_or(exhibit.from_ns));
        Some(ends.max().unwrap_or(outcome.simulated_ns).div_ceil(1_000_000))
    }

    fn evidence_in<'v>(&self, verdicts: &'v Verdicts) -> Option<&'v revline_checker::evidence::Evidence> {
        let evidence = verdicts.get(&self.wanted.guarantee)?.evidence()?;
        (evidence.kind == self.wanted.kind).then_some(evidence)
    }
}
