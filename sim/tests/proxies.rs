//! Proxies as nodes of a world: they carry what clients ask, fail as members do, and keep nothing.

#![allow(clippy::unwrap_used, reason = "a test: a panic is its message")]

use madsim::time::Duration;
use revline_checker::history::{ClientId, History};
use revline_checker::judge::Judge;
use revline_sim::client::{GetOptions, WatchItem, WatchOptions};
use revline_sim::fault::{Fault, ProxyCrashAll, ProxyCut, ProxyPause, ProxySide};
use revline_sim::network::{LinkConfig, NetworkConfig};
use revline_sim::{CpuConfig, DiskConfig, Prefix, ProxyPlace, Run, SimulationConfig, World, simulate};

fn run<F: Future<Output = ()>>(proxies: Vec<ProxyPlace>, program: impl FnOnce(World) -> F + Send) -> Run<()> {
    let config = SimulationConfig { seed: 7, proxies, ..SimulationConfig::default() };
    let run = simulate(&config, false, |world| async move {
        world.leader().await.unwrap();
        program(world.clone()).await;
        world.settle(Duration::from_secs(20)).await;
    })
    .unwrap();
    holds(&run.history);
    run
}

fn holds(history: &History) {
    let verdicts = Judge::new(history).run();
    assert!(!verdicts.any_violated() && !verdicts.any_unknown(), "{verdicts:?}");
}

/// One proxy of all members, and one behind it.
fn two_layers() -> Vec<ProxyPlace> {
    vec![ProxyPlace::new(vec![1, 2, 3]), ProxyPlace::new(vec![101])]
}

#[test]
fn what_is_written_through_one_proxy_is_read_and_watched_through_another_behind_it() {
    let run = run(two_layers(), |world| async move {
        let (writer, reader) = (world.client_at(vec![101], None), world.client_at(vec![102], None));
        let first = writer.put("k", "1").await.unwrap().header.revision;
        assert_eq!(reader.get("k").await.unwrap().value_str(), Some("1"));
        let options = WatchOptions { start_revision: first, ..WatchOptions::default() };
        let mut watch = reader.watch("k", "", options).await;
        let Some(WatchItem::Events(events)) = watch.next().await else { panic!("an event") };
        assert_eq!(events[0].kv.mod_revision, first);
    });
    let members: Vec<u64> =
        run.history.operations.iter().filter_map(|operation| operation.member).map(|at| at.0).collect();
    assert_eq!(members[..2], [101, 102], "an operation says which endpoint it was sent to");
}

#[test]
fn a_proxy_that_crashes_comes_back_with_nothing_and_watches_go_on() {
    let run = run(two_layers(), |world| async move {
        let (writer, reader) = (world.client_at(vec![1], None), world.client_at(vec![102], None));
        let first = writer.put("k", "0").await.unwrap().header.revision;
        let options = WatchOptions { start_revision: first, ..WatchOptions::default() };
        let mut watch = reader.watch("k", "", options).await;
        let mut last = first;
        for round in 0..20 {
            match round {
                5 => world.crash_proxy(101),
                8 => world.restart_proxy(101),
                11 => world.crash_proxy(102),
                14 => world.restart_proxy(102),
                _ => {}
            }
            last = writer.put("k", round.to_string()).await.unwrap().header.revision;
            world.sleep(Duration::from_millis(100)).await;
        }
        let mut seen = Vec::new();
        while seen.last() != Some(&last) {
            if let Some(WatchItem::Events(events)) = watch.next().await {
                seen.extend(events.iter().map(|event| event.kv.mod_revision));
            }
        }
        assert_eq!(seen, (first..=last).collect::<Vec<_>>());
    });
    assert_eq!(run.counters.proxy_crashes, 2);
    assert!(run.counters.watches_resumed > 0);
}

#[test]
fn a_proxy_can_be_cut_off_from_either_side_and_stand_still() {
    let run = run(vec![ProxyPlace::new(vec![1, 2, 3])], |world| async move {
        let client = world.client_at(vec![101], None);
        client.put("k", "0").await.unwrap();
        for fault in [
            Fault::ProxyCut(ProxyCut { proxy: 0, from: ProxySide::Servers }),
            Fault::ProxyCut(ProxyCut { proxy: 0, from: ProxySide::Clients }),
            Fault::ProxyCut(ProxyCut { proxy: 0, from: ProxySide::Both }),
            Fault::ProxyPause(ProxyPause { proxy: 0 }),
            Fault::ProxyCrashAll(ProxyCrashAll {}),
        ] {
            let struck = world.fault(fault.clone()).await;
            assert!(client.put("k", "1").await.is_err(), "{fault}");
            world.heal_one(struck);
            let until = world.elapsed() + Duration::from_secs(10);
            while client.put("k", "2").await.is_err() {
                assert!(world.elapsed() < until, "{fault}: the proxy serves again");
                world.sleep(Duration::from_millis(100)).await;
            }
        }
    });
    assert_eq!((run.counters.proxy_crashes, run.counters.pauses), (1, 1));
}

#[test]
fn a_client_and_a_proxy_keep_namespaces_one_inside_the_other() {
    let outer = ProxyPlace { namespace: Prefix::from("a/"), ..ProxyPlace::new(vec![1, 2, 3]) };
    let run = run(vec![outer], |world| async move {
        let inner = Prefix::from(vec![b'b', 0xff]);
        let tenant = world.client_in(&inner, vec![101], None);
        let direct = world.client_at(vec![1], None);
        direct.put("a/x", "not the tenant's").await.unwrap();
        tenant.put("k", "1").await.unwrap();
        let everything = GetOptions { from_key: true, ..GetOptions::default() };
        let seen = tenant.get_with("\0", everything).await.unwrap();
        assert_eq!(seen.kvs.iter().map(|kv| kv.key.as_slice()).collect::<Vec<_>>(), [b"k"]);
        let all = direct.get_with("a/b", GetOptions { prefix: true, ..GetOptions::default() }).await.unwrap();
        assert_eq!(all.first().unwrap().key.as_slice(), b"a/b\xffk");
    });
    let recorded = run.history.namespaces.get(&ClientId(0)).unwrap();
    assert_eq!(recorded.as_slice(), b"a/b\xff");
}

#[test]
fn work_takes_time_where_it_costs_some() {
    let took = |per_message_us| {
        let cpu = CpuConfig { per_message_us, ..CpuConfig::default() };
        // What a link and a disk draw depends on the moment: here they always take as long.
        let link = LinkConfig { latency_us: (500, 500), ..LinkConfig::default() };
        let network = NetworkConfig { clients: link, ..NetworkConfig::default() };
        let disk = DiskConfig { sync_us: (500, 500), ..DiskConfig::default() };
        let config = SimulationConfig { members: 1, cpu, network, disk, ..SimulationConfig::default() };
        let run = simulate(&config, false, |world| async move {
            world.leader().await.unwrap();
            let client = world.client_at(vec![1], None);
            client.put("k", "0").await.unwrap();
            let began = world.elapsed();
            for _ in 0..50 {
                client.put("k", "1").await.unwrap();
            }
            world.elapsed() - began
        });
        run.unwrap().value
    };
    let (free, dear) = (took(0), took(2_000));
    assert!(dear >= free + Duration::from_millis(50 * 2), "{free:?} and {dear:?}");
    assert!(dear <= free + Duration::from_millis(50 * 10), "{free:?} and {dear:?}");
}
