//! Chaos beside a program of one's own: faults and clients that the seed of the world draws.

use crate::execute::{Beginnings, employ, inject};
use crate::plan::{ClientPlan, Plan, PlannedFault, PlannedOperation, Work, draw};
use crate::scenario::{FaultSchedule, Scenario, Span, Workload, parse};
use revline_sim::fault::{Fault, FaultKind, Topology};
use revline_sim::{JoinHandle, Prefix, World};
use revline_store::defect::Defects;
use std::time::Duration;

/// Faults and clients beside a program: other ones under each seed.
///
/// The clients keep to keys that begin with `chaos/`, and are judged with all others.
#[derive(Clone, Debug)]
pub struct Chaos {
    /// The time for which it goes on. Default 10 s.
    pub duration: Duration,
    /// The faults of which the seed draws one after the other. Default: crashes, pauses,
    /// partitions, broken streams, slow disks and changes of the leader, as far as there are members for them.
    pub faults: Option<Vec<Fault>>,
    /// The time of the first fault, in milliseconds. Default 200 to 2 000.
    pub first_ms: Span,
    /// The duration of a fault, in milliseconds. Default 100 to 2 000.
    pub for_ms: Span,
    /// The pause between two faults, in milliseconds. Default 100 to 2 000.
    pub pause_ms: Span,
    /// The work of clients. Default one writer, one reader for each member and one watcher.
    pub workload: Workload,
}

impl Default for Chaos {
    fn default() -> Self {
        Chaos {
            duration: Duration::from_secs(10),
            faults: None,
            first_ms: (200, 2_000),
            for_ms: (100, 2_000),
            pause_ms: (100, 2_000),
            workload: Workload { writers: 1, watchers: 1, ..Workload::default() },
        }
    }
}

impl Chaos {
    /// The beginning of every key of the clients.
    pub(crate) const NAMESPACE: &str = "chaos/";

    /// The faults of a world with so many members, as a scenario file has them.
    pub(crate) fn faults_for(members: u64) -> Vec<Fault> {
        const FAULTS: &str = r#"[
            { "kind": "crash", "target": "leader" },
            { "kind": "crash", "target": { "follower": 0 } },
            { "kind": "crash-all" },
            { "kind": "pause", "target": "leader" },
            { "kind": "pause", "target": { "follower": 0 } },
            { "kind": "isolate", "target": "leader" },
            { "kind": "isolate", "target": "leader", "clients": true },
            { "kind": "isolate", "target": { "follower": 0 } },
            { "kind": "break-streams", "target": "leader" },
            { "kind": "break-streams", "target": { "follower": 0 } },
            { "kind": "slow-disk", "target": "leader", "factor": 50 },
            { "kind": "transfer-leader", "to": { "follower": 0 } }
        ]"#;
        let faults: Vec<Fault> =
            serde_json::from_str(FAULTS).expect("the faults are those of scenario files");
        let topology = Topology { members, has_proxies: false, members_change: false, has_processes: false };
        faults.into_iter().filter(|fault| fault.check(&topology).is_ok()).collect()
    }

    /// Begins in a world: clients work and faults strike until the time is over. The handle ends with the last fault
    /// healed and the last call answered.
    ///
    /// # Panics
    ///
    /// If a fault cannot strike in the world, or a number of the workload is out of its bounds: the message says which.
    pub fn begin(self, world: &World) -> JoinHandle<()> {
        let members = world.members().len() as u64;
        let scenario = Scenario { has_processes: world.has_processes(), ..self.scenario(members) };
        scenario.check().unwrap_or_else(|wrong| panic!("this chaos cannot be: {wrong}"));
        let mut plan = draw(&scenario, world.seed(), Defects::NONE);
        leave_out(&mut plan, world);
        let began_ms = world.elapsed().as_millis() as u64;
        let beginnings = Beginnings::default();
        let workers: Vec<JoinHandle<()>> = plan
            .clients
            .into_iter()
            .map(in_namespace)
            .filter_map(|client| {
                employ(world, &later(client, began_ms), began_ms + plan.duration_ms, &beginnings)
            })
            .collect();
        let mut faults = plan.faults;
        faults.iter_mut().for_each(|fault| fault.at_ms += began_ms);
        let own = world.clone();
        world.spawn(async move {
            inject(&own, &faults).await;
            for worker in workers {
                worker.await.expect("a client's task runs to its end");
            }
        })
    }

    fn scenario(self, members: u64) -> Scenario {
        let mut scenario =
            parse(r#"{"name": "chaos", "about": "beside a program", "members": [1]}"#, "chaos")
                .expect("the smallest scenario there is");
        scenario.members = vec![members];
        scenario.duration_ms = (self.duration.as_millis() as u64).max(1);
        scenario.workload = self.workload;
        let one_of = self.faults.unwrap_or_else(|| Chaos::faults_for(members));
        if !one_of.is_empty() {
            let Chaos { first_ms, for_ms, pause_ms, .. } = self;
            scenario.faults = vec![FaultSchedule { one_of, first_ms, for_ms, pause_ms }];
        }
        scenario
    }
}

/// Leaves out what the world does not keep: clients, faults, and what clients do.
fn leave_out(plan: &mut Plan, world: &World) {
    plan.clients.retain(|client| world.keeps(&client.name));
    plan.faults.retain(|PlannedFault { at_ms, for_ms, fault, .. }| {
        world.keeps(&format!("{fault} at {at_ms} ms for {for_ms} ms"))
    });
    for client in &mut plan.clients {
        let name = &client.name;
        if let Work::Operations(operations) = &mut client.work {
            operations.retain(|PlannedOperation { at_us, action }| {
                let action = serde_json::to_string(action).unwrap_or_default();
                world.keeps(&format!("{name} at {at_us} us: {action}"))
            });
        }
    }
}

fn in_namespace(client: ClientPlan) -> ClientPlan {
    let namespace = Prefix(Chaos::NAMESPACE.into());
    ClientPlan { name: format!("chaos {}", client.name), namespace, ..client }
}

/// The same work, so much later.
fn later(mut client: ClientPlan, by_ms: u64) -> ClientPlan {
    let all_later = |moments_ms: &mut [u64]| moments_ms.iter_mut().for_each(|at_ms| *at_ms += by_ms);
    match &mut client.work {
        Work::Operations(operations) => {
            operations.iter_mut().for_each(|operation| operation.at_us += by_ms * 1_000);
        }
        Work::Watch { reconnect_at_ms, progress_at_ms, .. } => {
            all_later(reconnect_at_ms);
            all_later(progress_at_ms);
        }
        Work::WatchStream { watches, reconnect_at_ms, progress_at_ms, .. } => {
            for watch in watches {
                watch.at_ms += by_ms;
                watch.cancel_at_ms.iter_mut().for_each(|at_ms| *at_ms += by_ms);
            }
            all_later(reconnect_at_ms);
            all_later(progress_at_ms);
        }
        Work::Observe { reconnect_at_ms, .. } => all_later(reconnect_at_ms),
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;
    use revline_checker::judge::Judge;
    use revline_sim::{Run, SimulationConfig, simulate};

    fn run(seed: u64) -> Run<()> {
        let config = SimulationConfig { seed, ..SimulationConfig::default() };
        let run = simulate(&config, false, |world| async move {
            let client = world.client("own").await.unwrap();
            let chaos = Chaos { duration: Duration::from_secs(4), ..Chaos::default() }.begin(&world);
            let _ = client.put("own", "1").await;
            chaos.await.unwrap();
            world.settle(Duration::from_secs(20)).await;
        });
        run.unwrap()
    }

    #[test]
    fn each_seed_has_a_history_of_its_own_beside_the_program() {
        let runs: Vec<Run<()>> = (0..4).map(run).collect();
        for run in &runs {
            assert!(run.counters.faults > 0 && run.history.operations.len() > 100);
            let verdicts = Judge::new(&run.history).run();
            assert!(!verdicts.any_violated() && !verdicts.any_unknown(), "{verdicts:?}");
        }
        let hashes: std::collections::BTreeSet<u64> = runs.iter().map(|run| run.trace.hash()).collect();
        assert_eq!(hashes.len(), runs.len());
        assert_eq!(run(1).trace.hash(), runs[1].trace.hash());
    }

    #[test]
    fn a_single_member_is_not_cut_off() {
        let [one, three] = [1, 3].map(Chaos::faults_for);
        assert!(!one.is_empty() && one.len() < three.len());
    }
}
