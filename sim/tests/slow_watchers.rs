//! Clients that do not take what they watch: the server holds back what is theirs, loses none of it, and lets
//! nobody else wait.

#![allow(clippy::unwrap_used, reason = "a test: a panic is its message")]

use madsim::time::Duration;
use revline_checker::judge::Judge;
use revline_sim::client::{WatchItem, WatchOptions, Watcher};
use revline_sim::network::{NetworkConfig, StreamConfig};
use revline_sim::{Counters, ProxyPlace, SimulationConfig, World, simulate};

const WRITES: i64 = 100;

/// One client watches and takes nothing while [`WRITES`] are made and for `idle` after them, another beside it takes all
/// at once; then the first takes what is there for it, too.
fn slow_beside_quick(proxies: Vec<ProxyPlace>, endpoint: u64, idle: Duration) -> Counters {
    let network = NetworkConfig {
        streams: StreamConfig { queue_responses: 8, ..StreamConfig::default() },
        ..NetworkConfig::default()
    };
    let config = SimulationConfig { seed: 11, proxies, network, ..SimulationConfig::default() };
    let run = simulate(&config, false, |world: World| async move {
        world.leader().await.unwrap();
        let [writer, slow, quick] =
            [vec![1], vec![endpoint], vec![endpoint]].map(|at| world.client_at(at, None));
        let first = writer.put("k", "0").await.unwrap().header.revision;
        let options = || WatchOptions { start_revision: first, ..WatchOptions::default() };
        let mut slow = slow.watch("k", "", options()).await;
        let mut quick = quick.watch("k", "", options()).await;
        assert_eq!(take_until(&mut quick, first).await, [first]);
        let mut last = first;
        for value in 1..WRITES {
            last = writer.put("k", value.to_string()).await.unwrap().header.revision;
            assert_eq!(take_until(&mut quick, last).await, [last], "it waits for nobody");
        }
        let whole: Vec<i64> = (first..=last).collect();
        world.sleep(idle).await;
        assert_eq!(take_until(&mut slow, last).await, whole, "in order, each once");
        world.settle(Duration::from_secs(20)).await;
    })
    .unwrap();
    let verdicts = Judge::new(&run.history).run();
    assert!(!verdicts.any_violated() && !verdicts.any_unknown(), "{verdicts:?}");
    run.counters
}

/// The revisions of the events up to the one of `last`.
async fn take_until(watch: &mut Watcher, last: i64) -> Vec<i64> {
    let mut seen = Vec::new();
    while seen.last() != Some(&last) {
        match watch.next().await {
            Some(WatchItem::Events(events)) => seen.extend(events.iter().map(|event| event.kv.mod_revision)),
            Some(WatchItem::Progress(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    seen
}

#[test]
fn a_member_holds_back_what_a_client_does_not_take_and_loses_none_of_it() {
    let counters = slow_beside_quick(Vec::new(), 1, Duration::from_secs(1));
    assert!(counters.streams_stalled > 0);
    assert_eq!(counters.streams_broken, 0);
}

#[test]
fn a_proxy_holds_it_back_as_well_and_cuts_off_who_takes_nothing_for_long() {
    let proxies = || vec![ProxyPlace::new(vec![1, 2, 3])];
    let patient = slow_beside_quick(proxies(), 101, Duration::from_secs(1));
    assert!(patient.streams_stalled > 0);
    assert_eq!(patient.slow_clients_cut_off, 0);
    // What it was sent before is not lost; the rest it is shown when it comes back.
    let cut_off = slow_beside_quick(proxies(), 101, Duration::from_secs(8));
    assert_eq!(cut_off.slow_clients_cut_off, 1);
}
