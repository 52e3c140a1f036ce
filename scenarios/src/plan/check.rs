//! What a plan from a file may not ask for.

use super::{Plan, Work};
use revline_checker::guarantee::GUARANTEES;
use revline_sim::{MAX_MEMBER_ID, MAX_MEMBERS, ProxyPlace, check_places};

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
        let known = self.member_ids();
        if let Some(wrong) =
            self.restore.iter().find(|id| known.contains(id) || !(1..=MAX_MEMBER_ID).contains(*id))
        {
            return Err(format!("`restore`: {wrong} is no id for a member of a new cluster"));
        }
        if let Some(twice) = (1..known.len()).find(|&at| known[..at].contains(&known[at])) {
            return Err(format!("`operator`: member {} is added twice; no id is used again", known[twice]));
        }
        if let Some(wrong) = known.iter().find(|&&id| !(1..=MAX_MEMBER_ID).contains(&id)) {
            return Err(format!("`operator`: no member has the id {wrong}; ids are 1 to {MAX_MEMBER_ID}"));
        }
        if !self.operator.is_sorted_by_key(|planned| planned.at_ms) {
            return Err("`operator` is not in order of time".to_owned());
        }
        for (position, planned) in self.operator.iter().enumerate() {
            if let Some(unknown) = planned.step.members().into_iter().find(|id| !known.contains(id)) {
                return Err(format!("`operator[{position}]`: there is no member {unknown}"));
            }
        }
        let proxies = &self.simulation.proxies;
        check_places(proxies).map_err(|wrong| format!("`simulation.proxies`: {wrong}"))?;
        let ids: Vec<u64> = (0..proxies.len()).map(ProxyPlace::id).collect();
        for (position, client) in self.clients.iter().enumerate() {
            if client.endpoints.is_empty() {
                return Err(format!("`clients[{position}].endpoints` is empty; a client needs one"));
            }
            if let Some(unknown) = client.endpoints.iter().find(|id| !known.contains(id) && !ids.contains(id))
            {
                return Err(format!(
                    "`clients[{position}].endpoints`: there is no member or proxy {unknown}"
                ));
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
