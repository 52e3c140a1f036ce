//! The size of a plan, in events.

use crate::plan::{Plan, Work};
use serde::{Deserialize, Serialize};

/// The counts of what a plan asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanSize {
    /// Members that found the cluster.
    pub members: u64,
    /// Proxies.
    pub proxies: u64,
    /// Clients.
    pub clients: u64,
    /// Operations of clients.
    pub operations: u64,
    /// Watches that clients create, and observers of elections.
    pub watches: u64,
    /// Faults.
    pub faults: u64,
    /// Steps of the operator.
    pub steps: u64,
    /// The administrator's changes.
    pub changes: u64,
}

impl PlanSize {
    /// The size of a plan.
    pub fn of(plan: &Plan) -> PlanSize {
        let mut size = PlanSize {
            members: plan.simulation.members,
            proxies: plan.simulation.proxies.len() as u64,
            clients: plan.clients.len() as u64,
            faults: plan.faults.len() as u64,
            steps: plan.operator.len() as u64,
            changes: plan.auth.len() as u64,
            ..PlanSize::default()
        };
        for client in &plan.clients {
            match &client.work {
                Work::Operations(operations) => size.operations += operations.len() as u64,
                Work::WatchStream { watches, .. } => size.watches += watches.len() as u64,
                Work::Watch { .. } | Work::Observe { .. } => size.watches += 1,
            }
        }
        size
    }

    /// The number of events: operations, watches, faults, steps and changes.
    pub fn events(&self) -> u64 {
        self.operations + self.watches + self.faults + self.steps + self.changes
    }
}
