//! Watches whose stream breaks: they go on by themselves, or leave that to their caller.

#![allow(clippy::unwrap_used, reason = "a test: a panic is its message")]

use madsim::time::Duration;
use revline_sim::client::{WatchItem, WatchOptions};
use revline_sim::{SimulationConfig, simulate};

fn revisions(item: Option<WatchItem>) -> Vec<i64> {
    match item {
        Some(WatchItem::Events(events)) => events.iter().map(|event| event.kv.mod_revision).collect(),
        other => panic!("not events: {other:?}"),
    }
}

#[test]
fn a_watch_goes_on_by_itself_even_if_nobody_takes_what_it_delivers() {
    simulate(&SimulationConfig::default(), false, |world| async move {
        let (watching, writing) = (world.client("a").await.unwrap(), world.client("b").await.unwrap());
        let mut watcher = watching.watch("k", "", WatchOptions::default()).await;
        world.sleep(Duration::from_millis(100)).await;
        writing.put("k", "1").await.unwrap();
        world.sleep(Duration::from_millis(100)).await;
        watching.disconnect();
        writing.put("k", "2").await.unwrap();
        world.sleep(Duration::from_millis(500)).await;
        assert_eq!(world.counters().watches_resumed, 1);
        let before = world.elapsed();
        assert_eq!(revisions(watcher.next().await), [2]);
        assert_eq!(revisions(watcher.next().await), [3]);
        assert_eq!(world.elapsed(), before, "both were there");
    })
    .expect("the simulation does not panic");
}

#[test]
fn a_watch_that_leaves_it_to_its_caller_says_where_to_go_on() {
    simulate(&SimulationConfig::default(), false, |world| async move {
        let (watching, writing) = (world.client("a").await.unwrap(), world.client("b").await.unwrap());
        let once = WatchOptions { once: true, ..WatchOptions::default() };
        let mut watcher = watching.watch("k", "", once).await;
        world.sleep(Duration::from_millis(100)).await;
        writing.put("k", "1").await.unwrap();
        assert_eq!(revisions(watcher.next().await), [2]);
        watching.disconnect();
        assert_eq!(watcher.next().await, None);
        let start_revision = watcher.next_revision().unwrap();
        assert_eq!(start_revision, 3);
        writing.put("k", "2").await.unwrap();
        let rest = WatchOptions { start_revision, ..WatchOptions::default() };
        assert_eq!(revisions(watching.watch("k", "", rest).await.next().await), [3]);
        assert_eq!(world.counters().watches_resumed, 0);
    })
    .expect("the simulation does not panic");
}

#[test]
fn a_stream_that_leaves_it_to_its_caller_says_where_each_watch_goes_on() {
    simulate(&SimulationConfig::default(), false, |world| async move {
        let (watching, writing) = (world.client("a").await.unwrap(), world.client("b").await.unwrap());
        let mut stream = watching.watch_stream_once();
        let watches = ["k", "l"].map(|key| (key, stream.watch(key, "", WatchOptions::default())));
        world.sleep(Duration::from_millis(100)).await;
        writing.put("k", "1").await.unwrap();
        writing.put("l", "1").await.unwrap();
        for (at, (_, watch)) in watches.iter().enumerate() {
            let (of, item) = stream.next().await.unwrap();
            assert_eq!((of, revisions(Some(item))), (Some(*watch), vec![2 + at as i64]));
        }
        watching.disconnect();
        assert_eq!(stream.next().await, None);
        writing.put("l", "2").await.unwrap();
        let mut next = watching.watch_stream_once();
        for (key, watch) in watches {
            let start_revision = stream.next_revision(watch).unwrap();
            next.watch(key, "", WatchOptions { start_revision, ..WatchOptions::default() });
        }
        let (of, item) = next.next().await.unwrap();
        assert_eq!((of, revisions(Some(item))), (Some(1), vec![4]), "nothing again, nothing left out");
        assert_eq!(world.counters().watches_resumed, 0);
    })
    .expect("the simulation does not panic");
}
