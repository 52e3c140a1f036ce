//! The timeline for ui.perfetto.dev, held against the rules of the format: "Trace Event Format" of the Chromium project.

#![allow(clippy::unwrap_used, reason = "a test: the panic is the message")]

use revline_checker::history::Outcome as Learned;
use revline_reports::perfetto::write;
use revline_scenarios::plan::draw;
use revline_scenarios::{Outcome, catalogue, execute};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;

fn run(scenario: &str, seed: u64) -> Outcome {
    execute(&draw(&catalogue::find(scenario).unwrap(), seed, Default::default()), true).unwrap()
}

/// The events of the timeline of a run.
fn events(outcome: &Outcome) -> Vec<Value> {
    let mut bytes = Vec::new();
    write(&outcome.trace, "a run", &mut bytes, || false).unwrap();
    assert!(bytes.len() < 60_000_000, "{}", bytes.len());
    let file: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(file["otherData"]["run"], "a run");
    file["traceEvents"].as_array().unwrap().clone()
}

/// A time in nanoseconds: the format has microseconds.
fn ns(event: &Value, field: &str) -> u64 {
    (event[field].as_f64().unwrap_or_else(|| panic!("{field}: {event}")) * 1_000.0).round() as u64
}

fn text<'a>(event: &'a Value, field: &str) -> &'a str {
    event[field].as_str().unwrap_or_else(|| panic!("{field}: {event}"))
}

/// A track: process and thread, or process and counter.
type Track = (u64, u64, String);

fn track(event: &Value) -> Track {
    let number = |field: &str| event[field].as_u64().unwrap_or_else(|| panic!("{field}: {event}"));
    let counter = if event["ph"] == "C" { text(event, "name").to_owned() } else { String::new() };
    (number("pid"), number("tid"), counter)
}

/// The names of the arguments of an event.
fn arguments(event: &Value) -> BTreeSet<String> {
    event["args"].as_object().map(|arguments| arguments.keys().cloned().collect()).unwrap_or_default()
}

/// Asserts every rule of the format that readers rely on.
fn assert_well_formed(events: &[Value]) {
    let mut named: BTreeSet<(u64, u64)> = BTreeSet::new();
    let (mut processes, mut numbers) = (BTreeSet::new(), BTreeSet::new());
    let mut last_ns: BTreeMap<Track, u64> = BTreeMap::new();
    let mut open: BTreeMap<Track, Vec<BTreeSet<String>>> = BTreeMap::new();
    let mut sent: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let mut received: BTreeMap<String, u64> = BTreeMap::new();
    for event in events {
        let own = track(event);
        let phase = text(event, "ph");
        if phase == "M" {
            match text(event, "name") {
                "process_name" => assert!(processes.insert(own.0), "named twice: {event}"),
                "thread_name" => {
                    assert!(named.insert((own.0, own.1)), "named twice: {event}");
                    assert!(numbers.insert(own.1), "a number of two threads: {event}");
                }
                "process_sort_index" | "thread_sort_index" => {
                    assert!(event["args"]["sort_index"].is_u64(), "{event}");
                    continue;
                }
                _ => panic!("{event}"),
            }
            assert!(!text(&event["args"], "name").is_empty());
            continue;
        }
        let at_ns = ns(event, "ts");
        assert!(processes.contains(&own.0), "a process without a name: {event}");
        assert!(phase == "C" || named.contains(&(own.0, own.1)), "a thread without a name: {event}");
        let before_ns = last_ns.insert(own.clone(), at_ns).unwrap_or(0);
        assert!(at_ns >= before_ns, "out of order: {event}");
        match phase {
            "B" => {
                assert!(!text(event, "name").is_empty());
                open.entry(own).or_default().push(arguments(event));
            }
            "E" => {
                let begun = open.entry(own).or_default().pop();
                let begun = begun.unwrap_or_else(|| panic!("an end without a beginning: {event}"));
                // A slice has the arguments of both: one of the same name would be lost.
                assert!(begun.is_disjoint(&arguments(event)), "{begun:?}: {event}");
            }
            "X" => {
                assert!(!text(event, "name").is_empty());
                let end_ns = at_ns + ns(event, "dur");
                // What comes next on the track begins after it: one thread does one thing.
                last_ns.insert(own, end_ns);
                if let Some(id) = event["bind_id"].as_str() {
                    if event["flow_out"] == true {
                        assert!(
                            sent.insert(id.to_owned(), (at_ns, event["pid"].as_u64().unwrap())).is_none(),
                            "two begin: {event}"
                        );
                    } else {
                        assert_eq!(event["flow_in"], true, "{event}");
                        *received.entry(id.to_owned()).or_default() += 1;
                        let (sent_ns, sender) =
                            sent.get(id).unwrap_or_else(|| panic!("nobody sent it: {event}"));
                        assert!(*sent_ns <= at_ns && *sender != event["pid"].as_u64().unwrap(), "{event}");
                    }
                }
            }
            "i" => assert_eq!(event["s"], "p", "{event}"),
            "C" => assert!(event["args"]["value"].is_i64() || event["args"]["value"].is_u64(), "{event}"),
            _ => panic!("a phase that is not used: {event}"),
        }
    }
    let left: Vec<_> = open.iter().filter(|(_, open)| !open.is_empty()).collect();
    assert!(left.is_empty(), "beginnings without an end: {left:?}");
    for id in sent.keys() {
        assert!(received.contains_key(id), "flow {id} has no end");
    }
    assert!(!sent.is_empty());
}

/// The names of the threads of a process.
fn threads(events: &[Value], process: &str) -> BTreeSet<String> {
    let named =
        |kind: &'static str| events.iter().filter(move |event| event["ph"] == "M" && event["name"] == kind);
    let own = named("process_name").find(|event| event["args"]["name"] == process).unwrap()["pid"].clone();
    named("thread_name")
        .filter(|event| event["pid"] == own)
        .map(|event| text(&event["args"], "name").to_owned())
        .collect()
}

#[test]
fn timelines_keep_the_rules_of_the_format() {
    for (scenario, seed) in
        [("steady", 3), ("crash-restart", 1), ("slow-follower-snapshot", 2), ("lock-stress", 1)]
    {
        assert_well_formed(&events(&run(scenario, seed)));
    }
}

#[test]
fn a_timeline_has_the_operations_that_the_history_has() {
    let outcome = run("crash-restart", 1);
    let events = events(&outcome);
    let of = |phase: &str, part: &str| -> Vec<&Value> {
        let is_meant = |event: &&Value| event["ph"] == phase && event["args"].get(part).is_some();
        events.iter().filter(is_meant).collect()
    };
    let (history, calls) = (&outcome.history, outcome.history.admin_calls.len());
    assert_eq!(of("B", "request").len(), history.operations.len() + calls);
    let answered = of("E", "outcome");
    let ok = answered.iter().filter(|event| event["args"]["outcome"].pointer("/ok/put").is_some()).count();
    let puts = history.operations.iter().filter(|operation| {
        let is_put = matches!(operation.request, revline_checker::history::Request::Put(_));
        is_put && matches!(operation.outcome, Learned::Ok(_))
    });
    assert_eq!(ok, puts.count());
    let put =
        of("B", "request").into_iter().find(|event| event["args"]["request"].get("put").is_some()).unwrap();
    assert!(
        put["args"]["request"]["put"]["key"].is_string() && text(put, "name").starts_with("put "),
        "{put}"
    );
}

#[test]
fn members_have_their_tracks_and_what_befell_them() {
    let outcome = run("crash-restart", 1);
    let events = events(&outcome);
    for thread in ["process", "raft", "applied", "disk", "network", "connections", "events"] {
        assert!(threads(&events, "m1").contains(thread), "{thread}: {:?}", threads(&events, "m1"));
    }
    assert!(
        threads(&events, "world").contains("faults") && threads(&events, "writer 0").contains("operations")
    );
    let named = |name: &str| events.iter().filter(|event| event["name"] == name).count();
    for name in ["down", "sync", "revision", "term", "applied index", "durable bytes", "open operations"] {
        assert!(named(name) > 0, "{name}");
    }
    let leads = |event: &&Value| event["ph"] == "B" && text(event, "name").starts_with("Leader in term ");
    assert!(events.iter().any(|event| leads(&event)));
    // Syncs take time, and never more of it than there is.
    let syncs: Vec<u64> =
        events.iter().filter(|event| event["name"] == "sync").map(|event| ns(event, "dur")).collect();
    assert!(syncs.iter().all(|took_ns| (100_000..10_000_000_000).contains(took_ns)), "{syncs:?}");
}

#[test]
fn writing_stops_when_it_is_told() {
    let ended = write(&run("steady", 3).trace, "a run", &mut Vec::new(), || true);
    assert_eq!(ended.unwrap_err().kind(), ErrorKind::Interrupted);
}
