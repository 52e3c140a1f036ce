//! What a plan from a file may not ask for.

use super::{Plan, Work};
use revline_checker::guarantee::GUARANTEES;
use revline_sim::MAX_MEMBERS;

impl Plan {
    /// Whether the plan can be run; if not, what is wrong with it.
    pub fn check(&self) -> Result<(), String> {
        let members = self.simulation.members;
        if !(1..=MAX_MEMBERS).contains(&members) {
            return Err(format!("`simulation.members` is {members}; a cluster has 1 to {MAX_MEMBERS}"));
        }
        for (position, name) in self.guarantees.iter().enumerate() {
            if !GUARANTEES.iter().any(|guarantee| guarantee.name == name) {
                return Err(format!("`guarantees[{position}]`: there is no guarantee `{name}`"));
            }
        }
        for (position, client) in self.clients.iter().enumerate() {
            if client.endpoints.is_empty() {
                return Err(format!("`clients[{position}].endpoints` is empty; a client needs one"));
            }
            if let Some(unknown) = client.endpoints.iter().find(|&&id| !(1..=members).contains(&id)) {
                return Err(format!("`clients[{position}].endpoints`: there is no member {unknown}"));
            }
            if let Work::Operations(operations) = &client.work
                && !operations.is_sorted_by_key(|operation| operation.at_us)
            {
                return Err(format!("`clients[{position}].work` is not in order of time"));
            }
        }
        Ok(())
    }
}
