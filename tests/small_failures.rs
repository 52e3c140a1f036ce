//! The program shrinks, groups, knows and explains failures.

#![allow(clippy::unwrap_used, reason = "a test: the panic is the message")]

mod place;

use place::Place;
use serde_json::Value;

/// A place with the bundle of a failing run in `out`.
fn with_bundle() -> Place {
    let place = Place::new();
    place.call("run steady --seeds 1 --defect txn-two-revisions").status(1);
    place
}

const BUNDLE: &str = "out/steady-0.bundle.json";

#[test]
fn a_bundle_is_shrunk_to_a_bundle_and_a_test() {
    let place = with_bundle();
    let ended = place.call(&format!("shrink {BUNDLE} --jobs 1 --json")).status(0);
    assert_eq!(ended.stderr, "", "no progress in a pipe");
    let report = ended.json();
    assert!(report["before"]["events"].as_u64() > Some(1_000), "{report}");
    assert!(report["after"]["events"].as_u64() <= Some(4), "{report}");
    assert_eq!(report["bundle"], "out/steady-0.small.json");
    let script = std::fs::read_to_string(place.path("out/steady-0.small.rs")).unwrap();
    assert!(script.contains("use revline::prelude::*;") && script.contains("#[test]"), "{script}");
    assert!(script.contains("Defect::TxnTwoRevisions") && script.lines().count() <= 20, "{script}");
    let replay = place.call("replay out/steady-0.small.json").status(1).stdout;
    assert!(replay.contains("reproduced"), "{replay}");

    place.call(&format!("shrink {BUNDLE} --jobs 2 --out two/small.json")).status(0);
    let read = |name: &str| std::fs::read_to_string(place.path(name)).unwrap();
    assert_eq!(read("two/small.json"), read("out/steady-0.small.json"), "the jobs do not show");
}

#[test]
fn a_time_limit_leaves_the_smallest_until_then() {
    let place = with_bundle();
    let ended = place.call(&format!("shrink {BUNDLE} --for 0s")).status(0);
    assert!(ended.stderr.contains("ended early"), "{}", ended.stderr);
    place.call("replay out/steady-0.small.json").status(1);
    let text = std::fs::read_to_string(place.path("out/steady-0.small.json")).unwrap();
    let bundle: Value = serde_json::from_str(&text).unwrap();
    let judged = bundle["plan"]["guarantees"].as_array().unwrap();
    assert_eq!(
        judged.len(),
        1,
        "to judge all of what is still large takes longer than the time that is over"
    );
}

#[test]
fn an_explanation_that_ends_early_says_nothing_of_what_was_not_looked_at() {
    let place = with_bundle();
    let text = place.call(&format!("explain {BUNDLE} --for 0s")).status(0).stdout;
    assert!(text.contains("Ended early: no rise was found until then"), "{text}");
    assert!(!text.contains(" % "), "no future was run: {text}");
}

#[test]
fn every_group_is_shrunk_and_what_cannot_be_kept_changes_no_verdict() {
    let place = Place::new();
    let call =
        "run steady --seeds 1 --defect watch-batch-split --defect buffered-delete-duplicated --shrink --json";
    let ended = place.call(call).status(1);
    let shrunk = ended.stderr.lines().filter(|line| line.starts_with("shrunk ")).count();
    let groups = ended.json()["groups"].as_array().unwrap().len();
    assert!(groups > 1 && shrunk == groups, "{groups} groups, {shrunk} shrunk: {}", ended.stderr);
    let is_bundle = |file: &std::fs::DirEntry| {
        let name = file.file_name().to_string_lossy().into_owned();
        name.ends_with(".json") && name != "report.json"
    };
    let files = std::fs::read_dir(place.path("out")).unwrap().map(Result::unwrap).filter(is_bundle);
    assert_eq!(files.count(), 1 + shrunk, "each has a file of its own");

    let place = Place::new();
    std::fs::create_dir_all(place.path("out/steady-0.small.json")).unwrap();
    let ended = place.call(call).status(1);
    assert!(ended.stderr.contains("error: cannot shrink"), "{}", ended.stderr);
}

#[test]
fn each_defect_that_is_found_leaves_a_bundle_of_its_own() {
    let place = Place::new();
    place.call("hunt txn-two-revisions watch-batch-split --scenario steady --seeds 1").status(0);
    for defect in ["txn-two-revisions", "watch-batch-split"] {
        let text =
            std::fs::read_to_string(place.path(&format!("out/{defect}-steady-0.bundle.json"))).unwrap();
        let bundle: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(bundle["plan"]["simulation"]["defects"], serde_json::json!([defect]));
    }
}

#[test]
fn what_cannot_be_shrunk_is_refused() {
    let place = with_bundle();
    place.refuses("shrink", &["BUNDLE"]);
    place.refuses("shrink none.json", &["none.json", "No such file"]);
    place.refuses(&format!("shrink {BUNDLE} --out a.rs"), &["--out: a.rs", "another end"]);
    place.refuses(&format!("shrink {BUNDLE} --out out"), &["--out: out", "a folder"]);
    place.refuses(&format!("shrink {BUNDLE} --out ./{BUNDLE}"), &["--out", "the bundle that is shrunk"]);
    place.refuses(
        &format!("shrink {BUNDLE} --guarantee lock-fair"),
        &["--guarantee", "`lock-fair`", "it has "],
    );
    place.refuses(&format!("explain {BUNDLE} --guarantee lock-fair"), &["--guarantee", "`lock-fair`"]);
    let text = std::fs::read_to_string(place.path(BUNDLE)).unwrap();
    let mut bundle: Value = serde_json::from_str(&text).unwrap();
    bundle["plan"]["simulation"]["defects"] = Value::Array(Vec::new());
    place.write("sound.json", &bundle.to_string());
    for command in ["shrink", "explain"] {
        let said = ["sound.json", "does not violate durable/", "only a plan that fails"];
        place.refuses(&format!("{command} sound.json"), &said);
    }
    bundle["violations"] = Value::Array(Vec::new());
    place.write("empty.json", &bundle.to_string());
    place.refuses("shrink empty.json", &["empty.json", "`violations`", "empty"]);
}

#[test]
fn a_bundle_that_diverges_and_still_fails_is_shrunk_and_told_of() {
    let place = with_bundle();
    let text = std::fs::read_to_string(place.path(BUNDLE)).unwrap();
    let mut bundle: Value = serde_json::from_str(&text).unwrap();
    bundle["plan"]["clients"].as_array_mut().unwrap().pop();
    place.write("other.json", &bundle.to_string());
    let ended = place.call("shrink other.json --for 1s").status(0);
    assert!(ended.stderr.contains("not the recorded one from event"), "{}", ended.stderr);
}

#[test]
fn alike_failures_are_a_group_and_known_ones_do_not_count() {
    let place = Place::new();
    let call = "run steady --seeds 3 --defect watch-batch-split --json";
    let report = place.call(call).status(1).json();
    let groups = report["groups"].as_array().unwrap();
    let group = groups.iter().find(|group| group["guarantee"] == "watch-atomic").unwrap();
    assert!(group["kind"] == "split-revision" && group["runs"] == 3 && group["known"].is_null(), "{group}");
    assert!(
        group["smallest"]["replay"].as_str().unwrap().starts_with("revline replay out/steady-"),
        "{group}"
    );

    let fingerprints = groups.iter().map(|group| {
        let name = |field: &str| group[field].as_str().unwrap().to_owned();
        serde_json::json!({
            "fingerprint": format!("{}/{}", name("guarantee"), name("kind")),
            "reason": "mended in 2.0",
            "date": "2026-11-30"
        })
    });
    place.write("known.json", &Value::Array(fingerprints.collect()).to_string());
    let ended = place.call("run steady --seeds 3 --defect watch-batch-split --known known.json --out no");
    let text = ended.status(0).stdout;
    assert!(text.contains("known since 2026-11-30: mended in 2.0"), "{text}");
    assert!(text.contains("KNOWN    3 of the failing runs"), "{text}");
    let kept = std::fs::read_dir(place.path("no")).unwrap().map(|file| file.unwrap().file_name());
    assert_eq!(
        kept.filter(|name| name.to_string_lossy().ends_with(".bundle.json")).count(),
        0,
        "known failures leave no bundles"
    );

    place.write("bad.json", r#"[{"fingerprint": "watch-atomic", "reason": "x", "date": "2026-11-30"}]"#);
    place.refuses(
        "run steady --seeds 1 --known bad.json",
        &["bad.json", "`[0].fingerprint`", "GUARANTEE/KIND"],
    );
    place.refuses("run steady --seeds 1 --known none.json", &["none.json", "No such file"]);
    let twice = r#"{"fingerprint": "durable/lost-write", "reason": "x", "date": "2026-11-30"}"#;
    place.write("twice.json", &format!("[{twice}, {twice}]"));
    place.refuses("run steady --seeds 1 --known twice.json", &["twice.json", "`[1].fingerprint`", "entry 0"]);
}

#[test]
fn a_failure_is_explained_by_a_curve_and_a_few_events() {
    let place = with_bundle();
    place.call(&format!("shrink {BUNDLE}")).status(0);
    let explain = |jobs: u64| {
        let call = format!("explain out/steady-0.small.json --futures 4 --jobs {jobs} --json");
        let mut report = place.call(&call).status(0).json();
        report.as_object_mut().unwrap().remove("wall_ms");
        report
    };
    let report = explain(1);
    let curve = report["curve"].as_array().unwrap();
    assert!(curve.len() > 2 && curve.iter().all(|point| point["futures"] == 4), "{report}");
    assert_eq!(curve.last().unwrap()["violated"], 4, "at its end it happened: {report}");
    assert_eq!(report, explain(2), "the jobs do not show");
}
