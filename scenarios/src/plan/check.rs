//! What a plan from a file may not ask for.

use super::{Plan, Work};
use revline_checker::guarantee::GUARANTEES;
use revline_sim::trace::NodeName;
use revline_sim::{MAX_MEMBER_ID, MAX_MEMBERS, check_places, proxy_ids};
use std::collections::BTreeSet;

/// The beginnings of names of clients that look after the cluster.
const RESERVED_NAMES: [&str; 3] = ["administrator", "operator", "probe"];

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
        let ids = proxy_ids(proxies);
        self.check_names()?;
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

    /// Names are what things are known by: everything that is drawn for them is derived from that.
    fn check_names(&self) -> Result<(), String> {
        let mut clients = BTreeSet::new();
        for (position, client) in self.clients.iter().enumerate() {
            let (place, name) = (format!("`clients[{position}].name`"), &client.name);
            if name.is_empty() {
                return Err(format!("{place} is empty; a client has a name of its own"));
            }
            if RESERVED_NAMES.iter().any(|own| name.starts_with(own)) {
                return Err(format!("{place}: `{name}` is the name of one who is no client of the workload"));
            }
            if !clients.insert(NodeName::client(name)) {
                return Err(format!("{place}: another client is called `{name}`; names are unique"));
            }
        }
        let mut faults = BTreeSet::new();
        for (position, fault) in self.faults.iter().enumerate() {
            if !fault.name.is_empty() && !faults.insert(&fault.name) {
                return Err(format!(
                    "`faults[{position}].name`: another fault is called `{}`; names are unique",
                    fault.name
                ));
            }
        }
        Ok(())
    }
}
