//! The check of a scenario against the bounds and against itself.

use super::proxies::check_namespaces;
use super::{FaultSchedule, NamespaceBy, Scenario, Workload};
use crate::operation::Weighted;
use crate::rules::{self, Impossible, WorldRules, limits, mean, percent, require};
use revline_sim::MAX_PROXIES;
use revline_sim::fault::{FaultKind, Topology};

impl Scenario {
    /// Checks that a cluster can be as the scenario asks.
    pub fn check(&self) -> Result<(), Impossible> {
        rules::slug(&self.name, "name")?;
        require(!self.members.is_empty(), "members", "at least one size of cluster is needed")?;
        for (at, &members) in self.members.iter().enumerate() {
            rules::members(members, format!("members[{at}]"))?;
        }
        limits::DURATION_MS.check(self.duration_ms, "duration_ms")?;
        limits::RECOVERY_MS.check(self.recovery_ms, "recovery_ms")?;
        let world = WorldRules {
            network: &self.network,
            disk: &self.disk,
            cpu: &self.cpu,
            client: &self.client,
            tuning: &self.tuning,
        };
        world.check()?;
        rules::guarantees(&self.guarantees, "guarantees")?;
        self.workload.check()?;
        self.workload.operator.check(self)?;
        self.proxies.check()?;
        check_namespaces(&self.workload.namespaces)?;
        self.check_proxy_count()?;
        limits::SCHEDULES.check(self.faults.len() as u64, "faults")?;
        for (at, schedule) in self.faults.iter().enumerate() {
            schedule.check(&self.topology(), &format!("faults[{at}]"))?;
        }
        self.check_volume()
    }

    fn topology(&self) -> Topology {
        Topology {
            members: self.members.iter().copied().min().unwrap_or(0),
            has_proxies: self.has_proxies(),
            members_change: self.workload.operator.changes_members(),
            has_processes: self.has_processes,
        }
    }

    /// Returns true if every plan has a proxy: clients are in namespaces by turns.
    fn has_proxies(&self) -> bool {
        let of_proxy = |by: NamespaceBy| by == NamespaceBy::Proxy;
        let first = self.workload.namespaces.iter().position(|namespace| of_proxy(namespace.by));
        let members = self.members.iter().copied().min().unwrap_or(0);
        self.proxies.count.0 > 0 || first.is_some_and(|first| (first as u64) < self.workload.clients(members))
    }

    /// Refuses more proxies than a world has names for, as they may be drawn.
    fn check_proxy_count(&self) -> Result<(), Impossible> {
        let members = self.members.iter().copied().max().unwrap_or(0);
        let ids = members + self.workload.operator.tasks(self.duration_ms);
        let read = if self.workload.readers_per_member > 0 { ids } else { 0 };
        let layers = self.proxies.count.1 * u64::from(self.proxies.layers);
        let of_readers = if layers > 0 { read } else { 0 };
        let by_proxy =
            self.workload.namespaces.iter().filter(|namespace| namespace.by == NamespaceBy::Proxy).count();
        // One for each namespace before each that clients in it may use: members or a layer, and those of readers.
        let of_namespaces = by_proxy as u64 * 2 * (1 + read);
        let most = layers + of_readers + of_namespaces;
        require(
            most <= MAX_PROXIES as u64,
            if of_namespaces > layers { "workload.namespaces" } else { "proxies.count" },
            format!("there may be {most} proxies; a world has at most {MAX_PROXIES}"),
        )
    }

    /// Refuses plans that would not fit into memory, by what they hold on average.
    fn check_volume(&self) -> Result<(), Impossible> {
        let (workload, duration_ms) = (&self.workload, self.duration_ms);
        let members = self.members.iter().copied().max().unwrap_or(0);
        let ids = members + workload.operator.tasks(duration_ms);
        let operating = u64::from(workload.writers) + u64::from(workload.readers_per_member) * ids;
        let watching = u64::from(workload.watchers) + u64::from(workload.streams.clients);
        let of_watcher = duration_ms / mean(workload.reconnect_ms) + duration_ms / mean(workload.progress_ms);
        let streams = u64::from(workload.streams.clients) * workload.streams.watches.1;
        let of_schedule =
            |schedule: &FaultSchedule| duration_ms / (mean(schedule.for_ms) + mean(schedule.pause_ms));
        let volumes = [
            (operating * (duration_ms * 1_000 / mean(workload.pause_us)), "workload.pause_us"),
            (watching * of_watcher + streams, "workload.reconnect_ms"),
            (workload.leases.volume(duration_ms), "workload.leases.ask_ms"),
            (workload.locks.volume(duration_ms), "workload.locks.pause_ms"),
            (workload.auth.volume(duration_ms), "workload.auth.pause_ms"),
            (self.faults.iter().map(of_schedule).sum(), "faults"),
        ];
        let most = limits::PLANNED;
        let planned: u64 = volumes.iter().map(|(volume, _)| volume).sum();
        let largest = volumes.iter().max_by_key(|(volume, _)| volume).map_or("workload", |(_, field)| field);
        require(
            planned <= most,
            largest,
            format!(
                "the plan of {duration_ms} ms has about {planned} steps; at most {most}: they are kept in memory"
            ),
        )
    }
}

impl Workload {
    /// The number of clients of a cluster of so many members.
    fn clients(&self, members: u64) -> u64 {
        u64::from(self.writers)
            + u64::from(self.readers_per_member) * members
            + u64::from(self.watchers)
            + u64::from(self.streams.clients)
            + u64::from(self.leases.users)
            + u64::from(self.locks.clients())
    }

    fn check(&self) -> Result<(), Impossible> {
        limits::CLIENTS.check(self.writers.into(), "workload.writers")?;
        limits::CLIENTS.check(self.readers_per_member.into(), "workload.readers_per_member")?;
        limits::WATCHERS.check(self.watchers.into(), "workload.watchers")?;
        self.leases.check()?;
        self.streams.check()?;
        self.locks.check()?;
        self.auth.check()?;
        require(self.clients(1) > 0, "workload", "at least one client is needed")?;
        percent(self.watch_all_percent, "workload.watch_all_percent")?;
        percent(self.watch_from_percent, "workload.watch_from_percent")?;
        limits::KEYS.check(self.keys.into(), "workload.keys")?;
        limits::TIME_US.check_positive_span(self.pause_us, "workload.pause_us")?;
        limits::TIME_MS.check_positive_span(self.reconnect_ms, "workload.reconnect_ms")?;
        limits::TIME_MS.check_positive_span(self.progress_ms, "workload.progress_ms")?;
        weights(&self.writes.rows(), self.writers > 0, "workload.writes")?;
        weights(&self.reads.rows(), self.readers_per_member > 0, "workload.reads")
    }
}

/// Refuses weights that are too large, and where something is drawn by them, that are all 0.
fn weights<A>(rows: &[Weighted<A>], drawn: bool, field: &str) -> Result<(), Impossible> {
    for Weighted { name, weight, .. } in rows {
        limits::WEIGHT.check(u64::from(*weight), format!("{field}.{name}"))?;
    }
    require(!drawn || rows.iter().any(|row| row.weight > 0), field, "one of the weights must be more than 0")
}

impl FaultSchedule {
    fn check(&self, topology: &Topology, field: &str) -> Result<(), Impossible> {
        require(!self.one_of.is_empty(), format!("{field}.one_of"), "at least one fault is needed")?;
        limits::SCHEDULES.check(self.one_of.len() as u64, format!("{field}.one_of"))?;
        limits::TIME_MS.check_span(self.first_ms, format!("{field}.first_ms"))?;
        limits::TIME_MS.check_span(self.for_ms, format!("{field}.for_ms"))?;
        limits::TIME_MS.check_positive_span(self.pause_ms, format!("{field}.pause_ms"))?;
        for (position, fault) in self.one_of.iter().enumerate() {
            let place = format!("{field}.one_of[{position}]");
            fault.check(topology).map_err(|wrong| wrong.within(&place))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    fn refused(fields: &str) -> String {
        let text = format!(r#"{{"name": "x", "about": "y", {fields}}}"#);
        parse(&text, "s.json").expect_err(fields).to_string()
    }

    #[test]
    fn impossible_topologies_are_refused() {
        for (fields, expected) in [
            (r#""members": []"#, "field `members`: at least one size"),
            (r#""members": [3, 8]"#, "field `members[1]`: a cluster has 1 to 7 members, not 8"),
            (r#""members": [0]"#, "field `members[0]`: a cluster has 1 to 7 members, not 0"),
            (
                r#""members": [3], "faults": [{"one_of": [{"kind": "majorities-ring"}]}]"#,
                "majorities-ring needs 5 members or more",
            ),
            (
                r#""members": [3], "faults": [{"one_of": [{"kind": "crash", "target": {"member": 4}}]}]"#,
                "there is no member 4 in a cluster of 3",
            ),
            (
                r#""members": [3], "faults": [{"one_of": [{"kind": "transfer-leader", "to": {"member": 4}}]}]"#,
                "field `faults[0].one_of[0].to`: there is no member 4",
            ),
            (
                r#""members": [3], "faults": [{"one_of": [{"kind": "split", "side": ["leader", {"member": 4}]}]}]"#,
                "field `faults[0].one_of[0].side[1]`: there is no member 4",
            ),
            (
                r#""members": [1], "faults": [{"one_of": [{"kind": "isolate", "target": "leader"}]}]"#,
                "isolate needs 2 members or more",
            ),
            (
                r#""members": [3], "faults": [{"one_of": [{"kind": "crash-all"}], "for_ms": [5, 1]}]"#,
                "field `faults[0].for_ms`: [5, 1] is empty",
            ),
            (
                r#""members": [3], "faults": [{"one_of": [{"kind": "proxy-crash", "proxy": 0}]}]"#,
                "proxy-crash needs a proxy, but there is none",
            ),
            (r#""members": [3], "proxies": {"layers": 0}"#, "field `proxies.layers`: between 1 and 5"),
            (r#""members": [3], "guarantees": ["linear"]"#, "there is no guarantee `linear`"),
            (r#""members": [3], "network": {"peers": {"loss": 1.5}}"#, "a probability lies between 0 and 1"),
            (
                r#""members": [3], "workload": {"writers": 0, "readers_per_member": 0, "watchers": 0}"#,
                "at least one client",
            ),
        ] {
            let message = refused(fields);
            assert!(message.contains(expected), "{fields}: {message}");
        }
    }
}
