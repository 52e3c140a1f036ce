//! `revline merge`: the parts of a sweep are the whole, and nothing else is.

use crate::place::Place;
use crate::{document, links, text};
use serde_json::{Value, json};
use std::fs;

/// A document without real times.
fn timeless(mut report: Value) -> Value {
    for run in report["runs"].as_array_mut().unwrap() {
        run["wall_ms"] = 0.into();
    }
    report["totals"]["wall_ms"] = 0.into();
    report
}

/// Text without the lines and attributes of real times.
fn timeless_text(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.contains("wall time"));
    let timeless = |line: &str| match line.split_once(" time=\"") {
        Some((before, rest)) => format!("{before}{}", rest.split_once('"').unwrap().1),
        None => line.to_owned(),
    };
    lines.map(timeless).collect::<Vec<_>>().join("\n")
}

/// Runs a sweep as a whole into `all`, and in eight parts, and merges those. Returns the place.
fn merged(sweep: &str, status: i32) -> Place {
    let place = Place::new();
    place.call(&format!("run {sweep} --out all")).status(status);
    fs::rename(place.path("all"), place.path("whole")).unwrap();
    let mut parts = String::new();
    for index in 1..=8 {
        place.call(&format!("run {sweep} --shard {index}/8 --out part-{index}"));
        // A folder or its document, in no order.
        parts = match index % 2 {
            0 => format!("part-{index} {parts}"),
            _ => format!("{parts} part-{index}/report.json"),
        };
    }
    place.call(&format!("merge {parts} --out all")).status(status);
    place
}

/// The merged report is that of the whole.
fn is_the_whole(place: &Place) {
    let (whole, all) = (document(place, "whole"), document(place, "all"));
    let (whole, all) = (timeless(whole), timeless(all));
    for (field, value) in whole.as_object().unwrap() {
        assert_eq!(*value, all[field], "{field}");
    }
    assert_eq!(whole, all);
    for name in ["index.html", "junit.xml"] {
        let of = |folder: &str| timeless_text(&text(place, folder, name));
        assert_eq!(of("whole"), of("all"), "{name}");
    }
    let files = |folder: &str| {
        let mut names: Vec<_> =
            fs::read_dir(place.path(folder)).unwrap().map(|file| file.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(files("whole"), files("all"));
}

#[test]
fn eight_parts_are_the_whole() {
    let place = merged("steady crash-restart lock-stress --seeds 8 --first-seed 5", 0);
    is_the_whole(&place);
    assert_eq!(document(&place, "all")["plan"]["runs"], 24);
}

#[test]
fn eight_parts_with_failures_are_the_whole_with_its_bundles_and_pages() {
    let place = merged("steady bridge clock-drift --seeds 4 --max-failures 99 --defect watch-batch-split", 1);
    is_the_whole(&place);
    let report = document(&place, "all");
    assert!(report["groups"][0]["runs"].as_u64() > Some(1), "{}", report["groups"]);
    let page = text(&place, "all", "index.html");
    assert!(links(&page).len() > 8);
    for link in links(&page) {
        assert!(place.path("all").join(link).is_file(), "{link}");
    }
    let replay = report["groups"][0]["smallest"]["replay"].as_str().unwrap();
    assert!(place.call(replay.strip_prefix("revline ").unwrap()).status(1).stdout.contains("reproduced"));

    // Without its files, a run is told by its name.
    fs::remove_dir_all(place.path("all")).unwrap();
    let run = document(&place, "part-1")["runs"][0].clone();
    fs::remove_file(place.path("part-1").join(run["bundle"].as_str().unwrap())).unwrap();
    let parts: String = (1..=8).map(|index| format!(" part-{index}")).collect();
    let ended = place.call(&format!("merge{parts} --out all --json")).status(1);
    assert!(ended.stderr.contains(".bundle.json: is not there"), "{}", ended.stderr);
    let (scenario, seed) = (run["scenario"].as_str().unwrap(), run["seed"].as_u64().unwrap());
    let runs = ended.json()["runs"].clone();
    let own = runs.as_array().unwrap().iter().find(|own| own["scenario"] == scenario && own["seed"] == seed);
    assert_eq!(
        own.unwrap()["replay"],
        format!("revline replay {scenario}@{seed} --defect watch-batch-split")
    );
}

#[test]
fn what_was_not_run_does_not_pass() {
    let place = Place::new();
    for index in [1, 3] {
        place.call(&format!("run clock-drift --seeds 3 --shard {index}/3 --out part-{index}")).status(0);
    }
    place.refuses(
        "merge part-1 part-3 --out all",
        &["one of 3 parts, and others are missing: 2/3", "--partial"],
    );
    let ended = place.call("merge part-1 part-3 --partial --out all").status(3);
    assert!(ended.stderr.contains("missing parts: 2"), "{}", ended.stderr);
    assert_eq!(document(&place, "all")["missing_shards"], json!([2]));
    let page = text(&place, "all", "index.html");
    assert!(page.contains("word incomplete") && page.contains("Parts are missing: 2."), "{page}");
    assert!(
        text(&place, "all", "junit.xml").contains("<error message=\"2 runs were made, the plan has 3 runs")
    );
    place.refuses("merge all --out again", &["all/report.json", "`missing_shards`", "merge the parts"]);

    place.call("run clock-drift --seeds 3 --shard 2/3 --out part-2").status(0);
    let mut cut = document(&place, "part-2");
    cut["ended"] = "interrupted".into();
    cut["runs"] = json!([]);
    fs::write(place.path("part-2/report.json"), cut.to_string()).unwrap();
    let all = "merge part-1 part-2 part-3 --out whole";
    place.refuses(all, &["part-2/report.json: field `ended`", "interrupted", "--partial"]);
    place.call(&format!("{all} --partial")).status(3);
    place.call("merge part-1 part-3 --partial --insist-on-marks --out all").status(1);
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let place = Place::new();
    let run = |options: &str, folder: &str| {
        place.call(&format!("run clock-drift {options} --out {folder}")).status(0);
    };
    run("--seeds 2 --shard 1/2", "one");
    run("--seeds 2 --shard 2/2", "two");
    run("--seeds 3 --shard 2/2", "longer");
    run("--seeds 2 --first-seed 1 --shard 2/2", "later");
    run("--seeds 2 --shard 2/2 --behind-proxies", "proxied");
    run("--seeds 4 --shard 2/4", "quarter");
    for (other, said) in [
        ("longer", "`plan.seeds`"),
        ("later", "`plan.first_seed`"),
        ("proxied", "`plan.behind_proxies`"),
        ("quarter", "`plan.seeds`"),
        ("one", "part 1/2 is that of one/report.json, too"),
    ] {
        place.refuses(
            &format!("merge one {other} --out all"),
            &[&format!("{other}/report.json: field"), said],
        );
    }
    place.refuses("merge one two --out two", &["--out", "would be lost"]);
    place.refuses("merge nowhere --out all", &["nowhere", "No such file"]);
    place.refuses("merge one two", &["--out"]);

    let good = document(&place, "two");
    let run = good["runs"][0].clone();
    fs::create_dir(place.path("odd")).unwrap();
    for (pointer, value, said) in [
        ("/version", json!("0.0.1"), "field `version`: `0.0.1`"),
        ("/format", json!(2), "field `format`: 2 where 1 was expected"),
        ("/plan/scenarios/0/checksum", json!("00000000"), "field `plan.scenarios[0]`"),
        ("/plan/scenarios/0/name", json!("steady"), "field `runs[0]`: clock-drift@"),
        ("/plan/shard/index", json!(3), "field `plan.shard`: there is no part 3 of 2"),
        ("/plan/runs", json!(7), "field `plan.runs`: the plan has 1 runs"),
        ("/plan/more", json!(7), "unknown field `more`"),
        ("/runs", json!([]), "field `runs`: there are 0, where the plan has 1"),
        ("/runs", json!([run, run]), "field `runs[1]`: clock-drift@"),
        ("/runs/0/seed", json!(9), "field `runs[0]`: clock-drift@9 is no run of part 2/2"),
        ("/runs/0/bundle", json!("../one/report.json"), "field `runs[0].bundle`"),
        ("/runs/0/bundle", json!("report.json"), "field `runs[0].bundle`"),
        ("/runs/0/operations", json!(u64::MAX), "field `runs[0].operations`: no run has more"),
        ("/runs/0/counters/crashes", json!(u64::MAX), "field `runs[0].counters.crashes`: no run has more"),
        ("/totals/violated", json!(1), "field `totals.violated`: 0 of the runs"),
        ("/runs/0/trace_hash", json!("x"), "field `runs[0].trace_hash`"),
        ("/marks/runs/never heard of", json!(1), "field `marks.runs.never heard of`"),
        ("/latencies/0/count", json!(1), "field `latencies[0].count`: 1, where the buckets say"),
        ("/totals/wall_ms", json!(-1), "field `totals.wall_ms`"),
        ("/ended", json!("well"), "field `ended`"),
    ] {
        let mut odd = good.clone();
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        match odd.pointer_mut(parent).unwrap() {
            Value::Object(fields) => drop(fields.insert(field.to_owned(), value)),
            Value::Array(items) => items[field.parse::<usize>().unwrap()] = value,
            other => panic!("{pointer}: {other}"),
        }
        fs::write(place.path("odd/report.json"), odd.to_string()).unwrap();
        place.refuses("merge one odd --out all", &["odd/report.json", said]);
    }
    for (text, said) in [
        ("{\"revline\": \"0.1.0\", \"form", "report.json:1:"),
        ("{\"scenario\": \"steady\"}", "missing field `revline`; expected the `report.json`"),
        ("[1]", "report.json"),
        ("", "EOF"),
    ] {
        place.write("odd/report.json", text);
        place.refuses("merge one odd --out all", &["odd/report.json", said]);
    }
}
