//! The rules for a plan from a file: those of scenarios, and those for what only plans say.

use super::{Plan, PlannedChange, PlannedStep, Step, Work};
use crate::rules::{self, Impossible, WorldRules, in_order, limits, require, short};
use revline_sim::fault::{FaultKind, Topology};
use revline_sim::trace::NodeName;
use revline_sim::{MAX_MEMBER_ID, MAX_MEMBERS, SimulationConfig, check_places, proxy_ids};
use revline_store::api::AuthRequest;
use std::collections::BTreeSet;

/// The beginnings of names of clients that look after the cluster.
const RESERVED_NAMES: [&str; 3] = ["administrator", "operator", "probe"];

impl Plan {
    /// Checks that the plan can be run.
    pub fn check(&self) -> Result<(), Impossible> {
        rules::slug(&self.scenario, "scenario")?;
        limits::DURATION_MS.check(self.duration_ms, "duration_ms")?;
        limits::RECOVERY_MS.check(self.recovery_ms, "recovery_ms")?;
        check_world(&self.simulation).map_err(|wrong| wrong.within("simulation"))?;
        let (seed, drawn) = (self.simulation.seed, self.seed);
        require(seed == drawn, "simulation.seed", format!("{drawn}, as `seed` says, not {seed}"))?;
        rules::guarantees(&self.guarantees, "guarantees")?;
        self.check_operator()?;
        self.check_proxies()?;
        self.check_auth()?;
        self.check_clients()?;
        self.check_faults()?;
        self.check_restore()
    }

    fn check_operator(&self) -> Result<(), Impossible> {
        let known = self.member_ids();
        let mut ids = BTreeSet::new();
        for &id in &known {
            require(
                (1..=MAX_MEMBER_ID).contains(&id),
                "operator",
                format!("no member has the id {id}; ids are 1 to {MAX_MEMBER_ID}"),
            )?;
            require(ids.insert(id), "operator", format!("member {id} is added twice; no id is used again"))?;
        }
        for (at, PlannedStep { at_ms, step }) in self.operator.iter().enumerate() {
            let field = format!("operator[{at}]");
            limits::STEP_MS.check(*at_ms, format!("{field}.at_ms"))?;
            let field = field + ".do";
            if let Some(unknown) = step.members().into_iter().find(|id| !ids.contains(id)) {
                return Err(Impossible { field, what: format!("there is no member {unknown}") });
            }
            match step {
                Step::Rename { name, .. } => limits::NAME_BYTES.check(name.len() as u64, field)?,
                Step::Wipe { .. } => require(
                    self.simulation.members >= 3,
                    field,
                    format!(
                        "{} members cannot lose one for ever: at least 3 are needed",
                        self.simulation.members
                    ),
                )?,
                _ => {}
            }
        }
        in_order(self.operator.iter().map(|planned| planned.at_ms), "operator")
    }

    fn check_proxies(&self) -> Result<(), Impossible> {
        let (known, proxies) = (self.member_ids(), &self.simulation.proxies);
        let field = "simulation.proxies";
        let ids = proxy_ids(proxies);
        for (at, place) in proxies.iter().enumerate() {
            rules::prefix(&place.namespace, format!("{field}[{at}].namespace"))?;
            let is_member = |id: &u64| known.contains(id);
            let is_proxy = |id: &u64| ids[..at].contains(id);
            if let Some(unknown) = place.endpoints.iter().find(|id| !is_member(id) && !is_proxy(id)) {
                return Err(Impossible {
                    field: format!("{field}[{at}].endpoints"),
                    what: format!("there is no member {unknown}, nor a proxy {unknown} before this one"),
                });
            }
        }
        check_places(proxies).map_err(|what| Impossible { field: field.to_owned(), what })
    }

    fn check_auth(&self) -> Result<(), Impossible> {
        for (at, PlannedChange { at_ms, .. }) in self.auth.iter().enumerate() {
            limits::TIME_MS.check(*at_ms, format!("auth[{at}].at_ms"))?;
        }
        in_order(self.auth.iter().map(|planned| planned.at_ms), "auth")?;
        if self.auth.is_empty() {
            return Ok(());
        }
        // Otherwise nobody could administer the cluster, and a probe at the end would be refused.
        let changes_root = |work: &Work| match work {
            Work::Operations(operations) => operations.iter().any(|planned| planned.action.changes_root()),
            _ => false,
        };
        match self.clients.iter().position(|client| changes_root(&client.work)) {
            None => Ok(()),
            Some(at) => Err(Impossible {
                field: format!("clients[{at}].work"),
                what: "`auth` makes root: no other client adds, removes or changes this user".to_owned(),
            }),
        }
    }

    /// The users that the administrator adds.
    fn users(&self) -> BTreeSet<&str> {
        let added = self.auth.iter().filter_map(|planned| match &planned.change {
            AuthRequest::UserAdd(user) => Some(user.name.as_str()),
            _ => None,
        });
        added.collect()
    }

    fn check_clients(&self) -> Result<(), Impossible> {
        limits::PLANNED_CLIENTS.check(self.clients.len() as u64, "clients")?;
        let members: BTreeSet<u64> = self.member_ids().into_iter().collect();
        let (places, users) = (&self.simulation.proxies, self.users());
        let mut names = BTreeSet::new();
        for (at, client) in self.clients.iter().enumerate() {
            let field = format!("clients[{at}]");
            let (name, place) = (&client.name, format!("{field}.name"));
            require(!name.is_empty(), &place, "empty; a client has a name of its own")?;
            require(
                !RESERVED_NAMES.iter().any(|own| name.starts_with(own)),
                &place,
                format!("`{}` is kept for a client that looks after the cluster", short(name)),
            )?;
            require(
                names.insert(NodeName::client(name)),
                &place,
                format!("another client is called `{}`: its name is what a client is known by", short(name)),
            )?;
            client.check(&members, places).map_err(|wrong| wrong.within(&field))?;
            if let Some(user) = client.user.as_deref().filter(|user| !users.contains(user)) {
                return Err(Impossible {
                    field: format!("{field}.user"),
                    what: format!("there is no user `{}`: nothing in `auth` adds it", short(user)),
                });
            }
        }
        Ok(())
    }

    fn check_faults(&self) -> Result<(), Impossible> {
        let topology = Topology {
            members: self.simulation.members,
            has_proxies: !self.simulation.proxies.is_empty(),
            members_change: self.operator.iter().any(|planned| planned.step.changes_members()),
            has_processes: false,
        };
        let mut names = BTreeSet::new();
        for (at, planned) in self.faults.iter().enumerate() {
            require(
                planned.name.is_empty() || names.insert(&planned.name),
                format!("faults[{at}].name"),
                format!("another fault is called `{}`: names are unique", short(&planned.name)),
            )?;
            limits::TIME_MS.check(planned.at_ms, format!("faults[{at}].at_ms"))?;
            limits::TIME_MS.check(planned.for_ms, format!("faults[{at}].for_ms"))?;
            let place = format!("faults[{at}].fault");
            planned.fault.check(&topology).map_err(|wrong| wrong.within(&place))?;
        }
        in_order(self.faults.iter().map(|planned| planned.at_ms), "faults")
    }

    fn check_restore(&self) -> Result<(), Impossible> {
        let known = self.member_ids();
        require(
            self.restore.len() as u64 <= MAX_MEMBERS,
            "restore",
            format!("a cluster has 1 to {MAX_MEMBERS} members, not {}", self.restore.len()),
        )?;
        for (at, id) in self.restore.iter().enumerate() {
            let field = format!("restore[{at}]");
            require(
                !known.contains(id) && (1..=MAX_MEMBER_ID).contains(id),
                &field,
                format!("{id} is no id for a member of a new cluster: new ones are up to {MAX_MEMBER_ID}"),
            )?;
            require(!self.restore[..at].contains(id), &field, format!("member {id} is there twice"))?;
        }
        if self.restore.is_empty() {
            return Ok(());
        }
        require(
            self.operator.iter().any(|planned| planned.step == Step::Save),
            "restore",
            "nothing is saved: `operator` needs the step `save`",
        )?;
        let leases = |work: &Work| match work {
            Work::Operations(operations) => operations.iter().any(|planned| planned.action.uses_leases()),
            _ => false,
        };
        let with_leases = self.clients.iter().position(|client| leases(&client.work));
        require(
            with_leases.is_none(),
            format!("clients[{}].work", with_leases.unwrap_or_default()),
            "leases would expire in the new cluster, too: no clients that use leases or locks beside `restore`",
        )
    }
}

fn check_world(config: &SimulationConfig) -> Result<(), Impossible> {
    rules::members(config.members, "members")?;
    let world = WorldRules {
        network: &config.network,
        disk: &config.disk,
        cpu: &config.cpu,
        client: &config.client,
        tuning: &config.tuning,
    };
    world.check()?;
    limits::JWT_TTL_S.check(config.jwt_ttl_s, "jwt_ttl_s")?;
    limits::REVISIONS.check_signed(config.hash_every_revisions, "hash_every_revisions")?;
    limits::ENTRIES.check(config.digest_every_entries, "digest_every_entries")?;
    limits::INTERVAL_MS.check(config.clock_offset_ms, "clock_offset_ms")
}

#[cfg(test)]
mod tests {
    use crate::catalogue;
    use crate::plan::{Work, draw};
    use crate::scenario::{Scenario, parse};
    use revline_store::defect::Defects;

    fn draws_sound_plans(scenario: &Scenario, seeds: impl IntoIterator<Item = u64>) {
        for seed in seeds {
            let plan = draw(scenario, seed, Defects::NONE);
            plan.check().unwrap_or_else(|wrong| panic!("{}@{seed}: {wrong}", scenario.name));
        }
    }

    #[test]
    fn what_is_drawn_from_a_scenario_keeps_the_rules_for_plans() {
        for mut scenario in catalogue::all() {
            draws_sound_plans(&scenario, [0, 1, u64::MAX]);
            scenario.behind_proxies();
            draws_sound_plans(&scenario, [2]);
        }
    }

    #[test]
    fn so_does_what_is_drawn_at_the_bounds() {
        for fields in [
            r#""duration_ms": 1, "workload": {"streams": {"clients": 2}, "leases": {"users": 1}, "locks": {"lockers": 1}}"#,
            r#""duration_ms": 1, "workload": {"operator": {"churn": 1, "first_ms": [0, 0]}, "auth": {"users": 1}}"#,
            r#""duration_ms": 50, "workload": {"keys": 1, "pause_us": [0, 1], "writes": {"put": 1000000}}"#,
            r#""recovery_ms": 3600000, "workload": {"leases": {"users": 2, "ttl_s": [0, 1000000], "ask_ms": [3600000, 3600000]}}"#,
            r#""workload": {"locks": {"lockers": 2, "ttl_s": [1000000, 1000000], "stall_percent": 100}}"#,
            r#""workload": {"streams": {"clients": 2, "start_revision": [0, 1000000], "negative_percent": 100, "slow_ms": [0, 1000000]}}"#,
            r#""proxies": {"count": [0, 50], "layers": 5}, "workload": {"namespaces": [{"prefix": "a", "by": "proxy"}]}"#,
            r#""faults": [{"one_of": [{"kind": "crash-all"}], "first_ms": [0, 3600000], "for_ms": [0, 3600000], "pause_ms": [0, 3600000]}]"#,
            r#""network": {"peers": {"latency_us": [0, 60000000], "duplicate": 1, "reorder": 1}}"#,
        ] {
            let text = format!(r#"{{"name": "at-the-bounds", "about": "x", "members": [3, 7], {fields}}}"#);
            let scenario = parse(&text, "s.json").unwrap_or_else(|wrong| panic!("{wrong}"));
            draws_sound_plans(&scenario, 0..4);
        }
    }

    #[test]
    fn beside_an_administrator_nobody_says_who_root_is() {
        let scenario = catalogue::find("users-through-proxies").unwrap();
        let plan = draw(&scenario, 0, Defects::NONE);
        let at = plan.clients.iter().position(|client| matches!(client.work, Work::Operations(_))).unwrap();
        let asked = |call: &str| {
            let mut plan = plan.clone();
            let action =
                serde_json::from_str(&format!(r#"{{"any-call": {{"call": {call}, "patience_ms": 100}}}}"#));
            let Work::Operations(operations) = &mut plan.clients[at].work else { unreachable!() };
            operations[0].action = action.unwrap();
            plan
        };
        for (name, sound) in [("root", false), ("ann", true)] {
            for call in [
                format!(
                    r#"{{"Auth": {{"UserAdd": {{"name": "{name}", "password": "", "no_password": true}}}}}}"#
                ),
                format!(r#"{{"Auth": {{"UserDelete": {{"name": "{name}"}}}}}}"#),
                format!(r#"{{"Auth": {{"UserChangePassword": {{"name": "{name}", "password": "x"}}}}}}"#),
            ] {
                let mut plan = asked(&call);
                assert_eq!(plan.check().is_ok(), sound, "{call}");
                plan.auth.clear();
                plan.clients.iter_mut().for_each(|client| client.user = None);
                assert_eq!(plan.check(), Ok(()), "{call}, where nobody turns auth on");
            }
        }
    }
}
