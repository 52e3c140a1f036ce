//! A kind of fault from outside the crate: it strikes, overlaps and heals as the others do.

#![allow(clippy::unwrap_used, reason = "a test: a panic is its message")]

use rand::seq::SliceRandom;
use revline_checker::history::Observation;
use revline_checker::judge::Judge;
use revline_sim::bound::{Impossible, require};
use revline_sim::fault::{
    ClientTarget, Crash, FaultCx, FaultKind, Roster, Target, Topology, between, one_way,
};
use revline_sim::network::LinkConfig;
use revline_sim::trace::{Event, NodeName};
use revline_sim::{ProxyPlace, SimulationConfig, simulate};
use std::fmt;
use std::time::Duration;

/// A rack without power, and behind a broken switch once it is back.
struct LostRack {
    members: Vec<Target>,
}

impl FaultKind for LostRack {
    fn name(&self) -> &'static str {
        "lost-rack"
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        topology.needs_members(self.name(), 3, "a rack and a majority elsewhere")?;
        require(!self.members.is_empty(), "members", "a rack has at least one member")?;
        self.members.iter().try_for_each(|&member| topology.has_target(self.name(), "members", member))
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let rack: Vec<NodeName> = self.members.iter().map(|&target| cx.member(target)).collect();
        let mut others = [cx.members(), cx.proxies(), cx.clients()].concat();
        others.retain(|node| !rack.contains(node));
        cx.cut(between(&rack, &others));
        rack.into_iter().filter(|&member| cx.crash(member)).collect()
    }
}

impl fmt::Display for LostRack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let members: Vec<String> = self.members.iter().map(Target::to_string).collect();
        write!(f, "lose the rack of {}", members.join(", "))
    }
}

/// A member drawn at random that loses power for a moment.
struct Flicker;

impl FaultKind for Flicker {
    fn name(&self) -> &'static str {
        "flicker"
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let mut victims: Vec<NodeName> =
            cx.members().choose(&mut cx.generator()).copied().into_iter().collect();
        victims.retain(|&member| cx.crash(member));
        victims.iter().for_each(|&member| cx.restart(member));
        victims
    }
}

impl fmt::Display for Flicker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("let a member flicker")
    }
}

/// Everything at once that a fault can do to a leader; it asserts that what cannot be done is not.
struct Storm;

impl FaultKind for Storm {
    fn name(&self) -> &'static str {
        "storm"
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let leader = cx.leader().expect("the program waited for one");
        let (proxy, client) = (cx.proxy(0).expect("there is one"), cx.clients()[0]);
        let names = [leader, proxy, client].map(|node| cx.name(node));
        assert_eq!(names, [leader.to_string(), "p1".to_owned(), "a".to_owned()]);
        let others = cx.other_members(leader);
        assert!(cx.transfer_leadership(others[0]));
        assert!(cx.slow_disk(leader, 10) && cx.drift_clock(leader, 100_000));
        assert!(cx.drift_clock(proxy, -100_000) && cx.pause(proxy));
        let link = LinkConfig { latency_us: (5_000, 10_000), ..LinkConfig::default() };
        cx.degrade(one_way(&[leader], &others), link);
        cx.break_streams(leader);
        assert!(!cx.slow_disk(proxy, 10), "a proxy has no disk");
        assert!(!cx.drift_clock(client, 1) && !cx.crash(client), "a client is no machine of the world");
        assert!(!cx.pause(client), "its program does not run as its process");
        let nobody = NodeName(77);
        assert!(
            !cx.crash(nobody) && !cx.pause(nobody) && !cx.slow_disk(nobody, 2) && !cx.drift_clock(nobody, 1)
        );
        vec![leader, proxy]
    }
}

impl fmt::Display for Storm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a storm")
    }
}

/// A proxy and a client that share a machine which stands still, while a member is cut off from the clients of one side.
struct Brownout {
    proxy: u32,
    client: ClientTarget,
    member: Target,
}

impl FaultKind for Brownout {
    fn name(&self) -> &'static str {
        "brownout"
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        topology.needs_proxy(self.name())?;
        topology.has_lasting_target(self.name(), "member", self.member)
    }

    fn name_targets(&mut self, roster: &Roster<'_>) {
        roster.name_proxy(&mut self.proxy);
        roster.name_client(&mut self.client);
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let mut victims: Vec<NodeName> =
            cx.proxy(self.proxy).into_iter().chain(cx.client(&self.client)).collect();
        victims.retain(|&node| cx.pause(node));
        let member = cx.member(self.member);
        let mut near = cx.clients();
        near.retain(|&client| cx.stands_on_first_side(client));
        cx.cut(between(&[member], &near));
        victims.push(member);
        victims.extend(near);
        victims
    }
}

impl fmt::Display for Brownout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a brownout of proxy {}, client {} and {}", self.proxy, self.client, self.member)
    }
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_kind_of_ones_own_overlaps_with_others_and_heals_in_any_order() {
    for own_heals_first in [true, false] {
        let run = simulate(&SimulationConfig::default(), true, |world| async move {
            let client = world.client("a").await.unwrap();
            let own = world.fault(LostRack { members: vec![Target::Member(2), Target::Member(3)] }).await;
            let crash = world.fault(Crash { target: Target::Member(2) }).await;
            let put = world.timeout(2 * SECOND, client.put("k", "1")).await;
            assert!(!matches!(put, Ok(Ok(_))), "one of three members served: {put:?}");
            let faults = if own_heals_first { [own, crash] } else { [crash, own] };
            for (at, fault) in faults.into_iter().enumerate() {
                world.heal_one(fault);
                let serves = async { while client.put("k", "2").await.is_err() {} };
                let served = world.timeout(10 * SECOND, serves).await.is_ok();
                assert_eq!(served, own_heals_first || at == 1, "{own_heals_first} {at}");
            }
            world.settle(20 * SECOND).await;
        })
        .unwrap();
        let observations = &run.history.observations;
        let victims = |wanted: &str| {
            observations.iter().find_map(|seen| match seen {
                Observation::Fault { what, victims, .. } if what == wanted => Some(victims.clone()),
                _ => None,
            })
        };
        assert_eq!(victims("lose the rack of member 2, member 3").unwrap(), ["m2", "m3"]);
        let verdicts = Judge::new(&run.history).run();
        assert!(!verdicts.any_violated() && !verdicts.any_unknown(), "{verdicts:?}");
    }
}

#[test]
fn a_fault_does_what_it_can_and_all_of_it_heals() {
    let config =
        SimulationConfig { proxies: vec![ProxyPlace::new(vec![1, 2, 3])], ..SimulationConfig::default() };
    let run = simulate(&config, true, |world| async move {
        let client = world.client("a").await.unwrap();
        client.put("k", "1").await.unwrap();
        let storm = world.fault(Storm).await;
        world.sleep(2 * SECOND).await;
        world.heal_one(storm);
        world.settle(20 * SECOND).await;
    })
    .unwrap();
    let verdicts = Judge::new(&run.history).run();
    assert!(!verdicts.any_violated() && !verdicts.any_unknown(), "{verdicts:?}");
    let rates = run.trace.records().unwrap().iter().filter_map(|record| match record.event {
        Event::Clock { ppm, .. } => Some((record.node, ppm)),
        _ => None,
    });
    let (mut drifts, proxy): (Vec<_>, Vec<_>) = rates.partition(|(node, _)| !node.is_proxy());
    drifts.dedup_by_key(|(node, _)| *node);
    assert_eq!((drifts.len(), drifts[0].1), (1, 100_000));
    assert_eq!(proxy, [(NodeName(101), -100_000), (NodeName(101), 0)]);
}

#[test]
fn what_it_draws_is_a_function_of_the_seed() {
    let hash = |seed| {
        let config = SimulationConfig { seed, ..SimulationConfig::default() };
        let run = simulate(&config, false, |world| async move {
            world.leader().await.unwrap();
            for _ in 0..3 {
                world.fault(Flicker).await;
                world.sleep(SECOND).await;
            }
            world.settle(20 * SECOND).await;
        })
        .unwrap();
        assert_eq!(run.counters.crashes, 3);
        run.trace.hash()
    };
    assert_eq!(hash(1), hash(1));
    assert_ne!(hash(1), hash(2));
}

#[test]
fn it_says_which_clusters_it_needs() {
    let topology =
        |members| Topology { members, has_proxies: false, members_change: false, has_processes: false };
    let rack = LostRack { members: vec![Target::Leader] };
    rack.check(&topology(3)).unwrap();
    let refused = rack.check(&topology(1)).unwrap_err().within("faults[0]").to_string();
    let expected = "field `faults[0]`: lost-rack needs 3 members or more \
                    (a rack and a majority elsewhere), but `members` allows 1";
    assert_eq!(refused, expected);
    let rack = LostRack { members: vec![Target::Leader, Target::Member(7)] };
    let refused = rack.check(&topology(3)).unwrap_err();
    assert_eq!(refused.field, "members");
    assert!(refused.what.starts_with("there is no member 7"), "{refused}");
}

#[test]
fn its_targets_are_checked_and_named_as_a_plan_means_them() {
    let mut fault = Brownout { proxy: 5, client: ClientTarget::Client(3), member: Target::Member(2) };
    fault.name_targets(&Roster { clients: &["a", "b"], proxies: 2 });
    assert_eq!(fault.to_string(), "a brownout of proxy 1, client b and member 2");
    let topology = Topology { members: 3, has_proxies: true, members_change: false, has_processes: false };
    fault.check(&topology).unwrap();
    let refused = fault.check(&Topology { has_proxies: false, ..topology }).unwrap_err();
    assert_eq!(refused.what, "brownout needs a proxy, but there is none");
    let refused = fault.check(&Topology { members_change: true, ..topology }).unwrap_err();
    assert_eq!((refused.field.as_str(), refused.what.contains("by role")), ("member", true));
}

#[test]
fn a_client_stands_on_the_same_side_in_every_split() {
    let config =
        SimulationConfig { proxies: vec![ProxyPlace::new(vec![1, 2, 3])], ..SimulationConfig::default() };
    let run = simulate(&config, true, |world| async move {
        let client = world.client("a").await.unwrap();
        let idle = world.run_client(&client, async {});
        idle.await.unwrap();
        for name in ["b", "c", "d", "e", "f", "g", "h"] {
            world.client(name).await.unwrap().put(name, "1").await.unwrap();
        }
        for _ in 0..2 {
            let (client, member) = (ClientTarget::Named("a".to_owned()), Target::Member(2));
            let fault = world.fault(Brownout { proxy: 0, client, member }).await;
            world.sleep(SECOND).await;
            world.heal_one(fault);
        }
        world.settle(20 * SECOND).await;
    })
    .unwrap();
    let victims = run.history.observations.iter().filter_map(|seen| match seen {
        Observation::Fault { victims, .. } => Some(victims.as_slice()),
        _ => None,
    });
    let victims: Vec<&[String]> = victims.collect();
    assert_eq!(victims.len(), 2);
    assert_eq!(victims[0], victims[1]);
    assert_eq!(victims[0][..3], ["p1", "a", "m2"]);
    assert!((1..8).contains(&victims[0][3..].len()), "about half of the clients: {victims:?}");
    let verdicts = Judge::new(&run.history).run();
    assert!(!verdicts.any_violated() && !verdicts.any_unknown(), "{verdicts:?}");
}
