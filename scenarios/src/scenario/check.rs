//! What a scenario may not ask for.

use super::proxies::check_namespaces;
use super::{NamespaceBy, Scenario, Span};
use revline_checker::guarantee::GUARANTEES;
use revline_sim::MAX_MEMBERS;
use revline_sim::fault::{Fault, Target};
use revline_sim::network::LinkConfig;
use thiserror::Error;

/// Something that cannot be, and where the scenario asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("field `{field}`: {what}")]
pub struct Impossible {
    /// The path of the field.
    pub field: String,
    /// What is wrong, and what would be right.
    pub what: String,
}

pub(super) fn require(
    holds: bool,
    field: impl Into<String>,
    what: impl Into<String>,
) -> Result<(), Impossible> {
    if holds { Ok(()) } else { Err(Impossible { field: field.into(), what: what.into() }) }
}

pub(super) fn span(span: Span, field: impl Into<String>) -> Result<(), Impossible> {
    require(span.0 <= span.1, field, format!("[{}, {}] is empty: the least comes first", span.0, span.1))
}

impl Scenario {
    /// Whether a cluster can be what the scenario asks for.
    pub fn check(&self) -> Result<(), Impossible> {
        let slug = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        };
        require(slug(&self.name), "name", "a name is made of lower-case letters, digits and dashes")?;
        require(!self.members.is_empty(), "members", "at least one size of cluster is needed")?;
        for (at, &members) in self.members.iter().enumerate() {
            require(
                (1..=MAX_MEMBERS).contains(&members),
                format!("members[{at}]"),
                format!("a cluster has 1 to {MAX_MEMBERS} members, not {members}"),
            )?;
        }
        require(
            (1..=3_600_000).contains(&self.duration_ms),
            "duration_ms",
            "a run lasts between 1 and 3 600 000 ms",
        )?;
        self.check_workload()?;
        require(self.snapshot_every_entries > 0, "snapshot_every_entries", "at least 1")?;
        require(self.quota_bytes > 0, "quota_bytes", "at least 1")?;
        require(self.lease_checkpoint_every_ms > 0, "lease_checkpoint_every_ms", "at least 1")?;
        link(&self.network.peers, "network.peers")?;
        link(&self.network.clients, "network.clients")?;
        span(self.disk.sync_us, "disk.sync_us")?;
        require(self.network.streams.queue_responses > 0, "network.streams.queue_responses", "at least 1")?;
        require(self.client.deadline_ms > 0, "client.deadline_ms", "at least 1")?;
        for (at, name) in self.guarantees.iter().enumerate() {
            let known = GUARANTEES.iter().any(|guarantee| guarantee.name == name);
            let names: Vec<&str> = GUARANTEES.iter().map(|guarantee| guarantee.name).collect();
            require(
                known,
                format!("guarantees[{at}]"),
                format!("there is no guarantee `{name}`; there are {}", names.join(", ")),
            )?;
        }
        for (at, schedule) in self.faults.iter().enumerate() {
            let field = format!("faults[{at}]");
            require(!schedule.one_of.is_empty(), format!("{field}.one_of"), "at least one fault is needed")?;
            span(schedule.first_ms, format!("{field}.first_ms"))?;
            span(schedule.for_ms, format!("{field}.for_ms"))?;
            span(schedule.pause_ms, format!("{field}.pause_ms"))?;
            require(schedule.pause_ms.1 > 0, format!("{field}.pause_ms"), "at least 1 at the end")?;
            for (position, fault) in schedule.one_of.iter().enumerate() {
                self.check_fault(fault, &format!("{field}.one_of[{position}]"))?;
            }
        }
        Ok(())
    }

    fn check_workload(&self) -> Result<(), Impossible> {
        let workload = &self.workload;
        workload.leases.check()?;
        workload.streams.check()?;
        workload.locks.check()?;
        workload.auth.check()?;
        workload.operator.check(self)?;
        self.proxies.check()?;
        check_namespaces(&workload.namespaces)?;
        let coordinating = workload.leases.users + workload.locks.clients();
        let clients = workload.writers
            + workload.readers_per_member
            + workload.watchers
            + workload.streams.clients
            + coordinating;
        require(clients > 0, "workload", "at least one client is needed")?;
        require(
            workload.writers <= 100 && workload.readers_per_member <= 100 && workload.watchers <= 1_000,
            "workload",
            "at most 100 writers, 100 readers per member and 1 000 watchers",
        )?;
        require(workload.watch_all_percent <= 100, "workload.watch_all_percent", "at most 100")?;
        require(workload.watch_from_percent <= 100, "workload.watch_from_percent", "at most 100")?;
        require((1..=100_000).contains(&workload.keys), "workload.keys", "between 1 and 100 000 keys")?;
        span(workload.pause_us, "workload.pause_us")?;
        span(workload.reconnect_ms, "workload.reconnect_ms")?;
        span(workload.progress_ms, "workload.progress_ms")?;
        require(workload.pause_us.1 > 0, "workload.pause_us", "at least 1 at the end")?;
        require(workload.reconnect_ms.1 > 0, "workload.reconnect_ms", "at least 1 at the end")?;
        require(workload.progress_ms.1 > 0, "workload.progress_ms", "at least 1 at the end")?;
        let w = &workload.writes;
        let changes = [w.put, w.delete, w.put_several, w.compare_and_swap, w.create, w.replace, w.look_back];
        let reads = [w.get, w.list_from, w.serializable_list_from];
        let others = [w.compact, w.compact_newest, w.delete_from, w.compare_from];
        require(
            workload.writers == 0 || changes.iter().chain(&others).chain(&reads).any(|&weight| weight > 0),
            "workload.writes",
            "one of the weights must be more than 0",
        )?;
        let r = &workload.reads;
        let reads = [
            r.get,
            r.list,
            r.serializable_get,
            r.serializable_list,
            r.read_several,
            r.historical_list,
            r.list_from,
            r.serializable_list_from,
        ];
        require(
            workload.readers_per_member == 0 || reads.iter().any(|&weight| weight > 0),
            "workload.reads",
            "one of the weights must be more than 0",
        )
    }

    fn check_fault(&self, fault: &Fault, field: &str) -> Result<(), Impossible> {
        let smallest = self.members.iter().copied().min().unwrap_or(0);
        let needs = |members: u64, why: &str| {
            require(
                smallest >= members,
                field,
                format!(
                    "{} needs {members} members or more ({why}), but `members` allows {smallest}",
                    fault.kind()
                ),
            )
        };
        let target = |target: Target| match target {
            Target::Member(id) => require(
                (1..=smallest).contains(&id),
                format!("{field}.target"),
                format!("there is no member {id} in a cluster of {smallest}; ids count from 1"),
            ),
            Target::Follower(_) => needs(2, "a single member has no follower"),
            Target::Leader => Ok(()),
        };
        match fault {
            Fault::Isolate { target: who, .. } | Fault::OneWay { target: who, .. } => {
                needs(2, "there is nobody to be cut off from")?;
                target(*who)
            }
            Fault::Split { side, .. } => {
                require(!side.is_empty(), format!("{field}.side"), "a side has at least one member")?;
                require(
                    (side.len() as u64) < smallest,
                    format!("{field}.side"),
                    format!("a side of {} leaves nobody of {smallest} on the other", side.len()),
                )?;
                side.iter().try_for_each(|&who| target(who))
            }
            Fault::Bridge { target: who } => {
                needs(3, "two halves and a bridge")?;
                target(*who)
            }
            Fault::MajoritiesRing => needs(5, "in a smaller ring everyone sees everyone"),
            Fault::Degrade { link: config } => link(config, &format!("{field}.link")),
            Fault::SlowDisk { target: who, factor } => {
                require(*factor > 0, format!("{field}.factor"), "at least 1")?;
                target(*who)
            }
            Fault::ClockDrift { target: who, ppm } => {
                require(
                    (-500_000..=1_000_000).contains(ppm),
                    format!("{field}.ppm"),
                    "between -500 000 (half as fast) and 1 000 000 (twice as fast)",
                )?;
                target(*who)
            }
            Fault::TransferLeader { to } => {
                needs(2, "there is nobody to hand over to")?;
                target(*to)
            }
            Fault::BreakStreams { target: who }
            | Fault::Crash { target: who }
            | Fault::Pause { target: who } => target(*who),
            Fault::CrashAll | Fault::PauseClient { .. } => Ok(()),
            Fault::ProxyCrash { .. }
            | Fault::ProxyCrashAll
            | Fault::ProxyPause { .. }
            | Fault::ProxyCut { .. } => require(
                self.has_proxies(),
                field,
                format!("{} needs a proxy, but there is none: see `proxies.count`", fault.kind()),
            ),
        }
    }
}

impl Scenario {
    /// Whether there is always a proxy.
    fn has_proxies(&self) -> bool {
        let by_proxy = self.workload.namespaces.iter().any(|namespace| namespace.by == NamespaceBy::Proxy);
        self.proxies.count.0 > 0 || by_proxy
    }
}

fn link(config: &LinkConfig, field: &str) -> Result<(), Impossible> {
    span(config.latency_us, format!("{field}.latency_us"))?;
    require(
        config.loss.get() < 1.0,
        format!("{field}.loss"),
        "less than 1: a link that loses everything is a partition",
    )
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
