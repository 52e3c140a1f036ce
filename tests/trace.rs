//! The files of a run: its trace, and its timeline for ui.perfetto.dev.

#![allow(clippy::unwrap_used, reason = "a test: the panic is the message")]

mod place;

use place::Place;
use serde_json::Value;
use std::fs;

#[test]
fn a_trace_file_holds_every_event() {
    let place = Place::new();
    let report = place.call("replay steady@3 --trace all.txt --json").status(0).json();
    let trace = fs::read_to_string(place.path("all.txt")).unwrap();
    assert_eq!(report["run"]["trace_events"], trace.lines().count());
    assert_eq!(place.files(), ["all.txt"]);
    let ended = place.call("replay steady@3 --trace no/such/all.txt").status(2);
    assert!(ended.stderr.contains("no/such/all.txt"), "{ended:?}");
    assert_eq!(place.files(), ["all.txt"]);
}

#[test]
fn options_of_a_trace_that_make_no_sense_are_refused() {
    let place = Place::new();
    for filter in ["--node m1", "--key k", "--from 1", "--to 1", "--trace-format jsonl"] {
        place.refuses(&format!("replay steady@3 {filter}"), &["--trace <FILE>"]);
    }
    place.refuses(
        "replay steady@3 --trace t.txt --from 20.5 --to 20",
        &["--from 20.5 --to 20", "right would be"],
    );
    place.refuses("replay steady@3 --trace t.txt --from soon", &["--from", "expected milliseconds"]);
    place.refuses("replay steady@3 --trace t.txt --key a\\xg0", &["--key", "two hexadecimal digits"]);
    place.refuses(
        "replay steady@3 --trace t.txt --node m9",
        &["--node m9", "did you mean `m1`?", "m2, m3", "writer 0"],
    );
    place.refuses("replay steady@3 --trace t.txt --trace-format xml", &["--trace-format", "text, jsonl"]);
    place.refuses("replay steady@3 --trace - --json", &["--json --trace -"]);
    place.refuses("replay steady@3 --perfetto none/t.json", &["none/t.json", "cannot write the timeline"]);
}

#[test]
fn a_trace_of_a_bundle_shows_what_its_filters_let_through() {
    let place = Place::new();
    place.write(
        "short.json",
        r#"{"name": "short", "about": "a short one", "members": [1], "duration_ms": 300}"#,
    );
    place.call("run short.json --seeds 1 --defect txn-two-revisions --no-page").status(1);
    let replay = "replay out/short-0.bundle.json";
    let plain = place.call(replay).status(1).stdout;
    let whole = place.call(&format!("{replay} --trace all.txt --perfetto all.json")).status(1).stdout;
    assert_eq!(plain, whole, "a trace changes nothing of what is reported");
    assert!(plain.contains("reproduced: the same"), "{plain}");
    place.refuses(
        &format!("{replay} --trace out/short-0.bundle.json"),
        &["--trace", "the bundle", "written over"],
    );
    place.refuses(
        &format!("{replay} --trace one --perfetto out/../one"),
        &["--perfetto", "--trace", "written over"],
    );
    assert_eq!(place.call(replay).status(1).stdout, plain, "the bundle is as it was");
    let all = fs::read_to_string(place.path("all.txt")).unwrap();
    assert!(all.contains(" put key/"), "{all}");
    let timeline: Value = serde_json::from_slice(&fs::read(place.path("all.json")).unwrap()).unwrap();
    assert!(timeline["traceEvents"].as_array().unwrap().len() > 100);
    let lines = place.call(&format!("{replay} --trace m1.jsonl --node m1 --key key/* --to 1810")).status(1);
    assert_eq!(lines.stdout, plain);
    let text = fs::read_to_string(place.path("m1.jsonl")).unwrap();
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!events.is_empty() && events.len() < all.lines().count());
    assert!(
        events.iter().all(|event| event["node"] == "m1" && event["at_ns"].as_u64() <= Some(1_810_000_000))
    );
    let piped = place.call(&format!("{replay} --trace - --node m1 --key key/* --to 1810")).status(1);
    assert_eq!(piped.stdout.lines().count(), events.len());
    assert_eq!(piped.stderr.trim_end(), plain.trim_end(), "what is reported gives way");
}
