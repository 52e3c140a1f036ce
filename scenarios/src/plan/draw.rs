//! From a scenario and a seed to a plan. Each part draws from a generator of its own.

use super::auth::{assign, changes};
use super::leases::{LeasePlan, lease_plan};
use super::locks::{observe, tenures};
use super::operations::{reads, writes};
use super::operator::operator_steps;
use super::proxies::{Standing, Topology};
use super::streams::stream;
use super::{ClientPlan, Plan, PlannedFault, Work, ids, next_ids};
use crate::keys::{END_OF_KEYS, FIRST_KEY, FROM_KEY, key};
use crate::operation::Office;
use crate::operation::api::Features;
use crate::scenario::{FaultSchedule, Scenario, Span, Workload};
use rand::Rng;
use rand::seq::SliceRandom;
use revline_sim::entropy::{Generator, generator};
use revline_sim::fault::{FaultKind, Roster};
use revline_sim::{Prefix, ProxyPlace, SimulationConfig};
use revline_store::defect::Defects;

/// The plan of `scenario` under `seed`, with `defects` switched on.
pub fn draw(scenario: &Scenario, seed: u64, defects: Defects) -> Plan {
    let mut topology = part(scenario, seed, "topology");
    let members = *scenario.members.choose(&mut topology).expect("a checked scenario has a size of cluster");
    let operator = operator_steps(scenario, &mut part(scenario, seed, "operator"), members);
    let all = ids(members, &operator);
    let mut clients = clients(scenario, seed, &all);
    assign(scenario, |client| part(scenario, seed, &format!("ranges of {client}")), &mut clients);
    let proxies = place(scenario, seed, &all, &mut clients);
    let faults = faults(scenario, seed, &clients, proxies.len());
    Plan {
        scenario: scenario.name.clone(),
        seed,
        variant: None,
        simulation: SimulationConfig {
            seed,
            members,
            proxies,
            network: scenario.network,
            disk: scenario.disk,
            cpu: scenario.cpu,
            client: scenario.client,
            tuning: scenario.tuning,
            jwt_ttl_s: scenario.workload.auth.jwt_ttl_s,
            defects,
            ..SimulationConfig::default()
        },
        duration_ms: scenario.duration_ms,
        recovery_ms: scenario.recovery_ms,
        linger: scenario.linger,
        clients,
        auth: if scenario.workload.auth.users > 0 {
            changes(scenario, &mut part(scenario, seed, "auth"))
        } else {
            Vec::new()
        },
        faults,
        restore: if scenario.workload.operator.restore { next_ids(members, &operator) } else { Vec::new() },
        operator,
        guarantees: scenario.guarantees.clone(),
    }
}

fn part(scenario: &Scenario, seed: u64, name: &str) -> Generator {
    generator(seed, &format!("{} {name}", scenario.name))
}

pub(super) fn draw_span(generator: &mut Generator, span: Span) -> u64 {
    generator.gen_range(span.0..=span.1)
}

fn clients(scenario: &Scenario, seed: u64, all: &[u64]) -> Vec<ClientPlan> {
    let workload = &scenario.workload;
    let features =
        if workload.swarm { Features::draw(&mut part(scenario, seed, "features")) } else { Features::ALL };
    let mut clients = Vec::new();
    for writer in 0..workload.writers {
        let name = format!("writer {writer}");
        let mut generator = part(scenario, seed, &name);
        let client = clients.len();
        clients.push(roaming(name, all, &mut generator, |generator| {
            Work::Operations(writes(scenario, features, generator, client))
        }));
    }
    for &member in all {
        for reader in 0..workload.readers_per_member {
            let name = format!("reader {reader} of member {member}");
            let mut generator = part(scenario, seed, &name);
            clients.push(ClientPlan {
                first: 0,
                endpoints: vec![member],
                user: None,
                namespace: Prefix::default(),
                work: Work::Operations(reads(scenario, features, &mut generator)),
                name,
            });
        }
    }
    for watcher in 0..workload.watchers {
        let name = format!("watcher {watcher}");
        let mut generator = part(scenario, seed, &name);
        clients.push(roaming(name, all, &mut generator, |generator| watch(scenario, generator)));
    }
    for number in 0..workload.streams.clients {
        let name = format!("watch stream {number}");
        let mut generator = part(scenario, seed, &name);
        clients.push(roaming(name, all, &mut generator, |generator| stream(scenario, generator)));
    }
    for user in 0..workload.leases.users {
        let name = format!("lease user {user}");
        let mut generator = part(scenario, seed, &name);
        let LeasePlan { user: uses, keeper } = lease_plan(scenario, &mut generator, user);
        for (name, operations) in [(name, uses), (format!("lease keeper {user}"), keeper)] {
            clients.push(roaming(name, all, &mut generator, |_| Work::Operations(operations)));
        }
    }
    for (part_name, office, count) in [
        ("locker", Some(Office::Lock), workload.locks.lockers),
        ("candidate", Some(Office::Leadership), workload.locks.candidates),
        ("observer", None, workload.locks.observers),
    ] {
        for number in 0..count {
            let name = format!("{part_name} {number}");
            let mut generator = part(scenario, seed, &name);
            let writer = format!("{}{number}", &part_name[..1]);
            clients.push(roaming(name, all, &mut generator, |generator| match office {
                None => observe(scenario, generator),
                Some(office) => tenures(scenario, generator, office, &writer),
            }));
        }
    }
    clients
}

/// A client that may ask any of `endpoints`, and begins with one that is drawn.
fn roaming(
    name: String,
    endpoints: &[u64],
    generator: &mut Generator,
    work: impl FnOnce(&mut Generator) -> Work,
) -> ClientPlan {
    ClientPlan {
        first: generator.gen_range(0..endpoints.len()),
        endpoints: endpoints.to_vec(),
        user: None,
        namespace: Prefix::default(),
        work: work(generator),
        name,
    }
}

/// Says where clients stand, as seen from `members`; returns the proxies between them.
fn place(scenario: &Scenario, seed: u64, members: &[u64], clients: &mut [ClientPlan]) -> Vec<ProxyPlace> {
    let mut topology = Topology::draw(scenario, members, &mut part(scenario, seed, "proxies"));
    for client in clients {
        let only = (client.endpoints != members).then(|| client.endpoints[0]);
        let mut generator = part(scenario, seed, &format!("place of {}", client.name));
        let Standing { endpoints, namespace } = topology.place(only, &mut generator);
        (client.endpoints, client.namespace) = (endpoints, namespace);
    }
    topology.places
}

fn watch(scenario: &Scenario, generator: &mut Generator) -> Work {
    let workload = &scenario.workload;
    let (key, range_end) = watched(workload, generator);
    let reconnect_at_ms = moments(generator, workload.reconnect_ms, scenario.duration_ms);
    Work::Watch {
        key,
        range_end,
        start_revision: if generator.gen_bool(0.5) { 1 } else { 0 },
        prev_kv: generator.gen_bool(0.5),
        reconnect_at_ms,
        progress_at_ms: moments(generator, workload.progress_ms, scenario.duration_ms),
    }
}

/// A range to watch.
fn watched(workload: &Workload, generator: &mut Generator) -> (String, String) {
    let from = workload.watch_from_percent > 0 && generator.gen_range(0..100) < workload.watch_from_percent;
    if from {
        (key(generator.gen_range(0..workload.keys)), FROM_KEY.to_owned())
    } else if generator.gen_bool(f64::from(workload.watch_all_percent) / 100.0) {
        (FIRST_KEY.to_owned(), END_OF_KEYS.to_owned())
    } else {
        (key(generator.gen_range(0..workload.keys)), String::new())
    }
}

/// Moments up to `end_ms`, with pauses that are drawn.
pub(super) fn moments(generator: &mut Generator, pause_ms: Span, end_ms: u64) -> Vec<u64> {
    let mut moments = Vec::new();
    let mut at_ms = draw_span(generator, pause_ms);
    while at_ms < end_ms {
        moments.push(at_ms);
        at_ms += draw_span(generator, pause_ms).max(1);
    }
    moments
}

fn faults(scenario: &Scenario, seed: u64, clients: &[ClientPlan], proxies: usize) -> Vec<PlannedFault> {
    let mut faults = Vec::new();
    for (position, schedule) in scenario.faults.iter().enumerate() {
        let name = format!("faults {position}");
        let mut generator = part(scenario, seed, &name);
        faults.extend(schedule_faults(schedule, &name, scenario.duration_ms, &mut generator));
    }
    let clients: Vec<&str> = clients.iter().map(|client| client.name.as_str()).collect();
    for planned in &mut faults {
        planned.fault.name_targets(&Roster { clients: &clients, proxies });
    }
    faults.sort_by_key(|fault: &PlannedFault| fault.at_ms);
    faults
}

fn schedule_faults(
    schedule: &FaultSchedule,
    name: &str,
    duration_ms: u64,
    generator: &mut Generator,
) -> Vec<PlannedFault> {
    let mut faults = Vec::new();
    let mut at_ms = draw_span(generator, schedule.first_ms);
    while at_ms < duration_ms {
        let fault = schedule.one_of.choose(generator).expect("a checked schedule has a fault").clone();
        let for_ms = draw_span(generator, schedule.for_ms);
        let name = format!("{name} #{}", faults.len());
        faults.push(PlannedFault { name, at_ms, for_ms, fault });
        at_ms += for_ms + draw_span(generator, schedule.pause_ms).max(1);
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    #[test]
    fn a_plan_survives_its_file() {
        for scenario in catalogue::all() {
            let plan = draw(&scenario, 3, Defects::NONE);
            let json = serde_json::to_string(&plan).unwrap();
            assert_eq!(serde_json::from_str::<Plan>(&json).unwrap(), plan, "{}", scenario.name);
            let works =
                |client: &ClientPlan| matches!(&client.work, Work::Operations(all) if !all.is_empty());
            assert!(plan.clients.iter().any(works));
        }
    }

    #[test]
    fn parts_draw_from_generators_of_their_own() {
        let scenario = catalogue::find("leader-isolated").unwrap();
        let plan = draw(&scenario, 3, Defects::NONE);
        let mut calmer = scenario.clone();
        calmer.faults.clear();
        calmer.workload.watchers += 1;
        let other = draw(&calmer, 3, Defects::NONE);
        assert!(!plan.faults.is_empty());
        assert_eq!(plan.clients[..], other.clients[..plan.clients.len()]);
        assert_ne!(plan.clients, draw(&scenario, 4, Defects::NONE).clients);
    }
}
