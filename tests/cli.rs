//! The program, as people and CI use it: exit status, messages, and that nothing is written where it should not.

#![allow(clippy::disallowed_macros, reason = "says what it skipped")]
#![allow(clippy::unwrap_used, reason = "a test: the panic is the message")]

mod place;

use place::Place;
use serde_json::Value;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

fn hashes(report: &Value) -> Vec<String> {
    let runs = report["runs"].as_array().unwrap();
    runs.iter().map(|run| run["trace_hash"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn bad_usage_is_refused_with_what_would_be_right() {
    let place = Place::new();
    place.refuses("--bogus", &["--bogus"]);
    place.refuses("ran", &["ran", "run"]);
    place.refuses(
        "run stedy",
        &["unknown scenario `stedy`", "did you mean `steady`?", "revline list scenarios"],
    );
    place.refuses("run --defect watch-batch-spilt", &["watch-batch-spilt", "watch-batch-split"]);
    place.refuses("run --shard 5/4", &["--shard", "no part 5 of 4", "1 to N"]);
    place.refuses("run --shard half", &["--shard", "K/N"]);
    place.refuses("run --seeds 0", &["--seeds", "from 1"]);
    place.refuses("run --jobs none", &["--jobs", "none"]);
    place.refuses("run --seeds 2 --first-seed 18446744073709551615", &["--first-seed"]);
    place.refuses("replay steady", &["`steady`", "SCENARIO@SEED"]);
    place.refuses("replay steady@x", &["`x` is no seed"]);
    place.refuses("replay stedy@1", &["did you mean `steady`?"]);
    place.refuses("check", &["PATH"]);
    place.refuses("list everything", &["everything", "scenarios", "schema"]);
}

#[test]
fn bad_files_are_refused_with_the_place() {
    let place = Place::new();
    place.refuses("run none.json", &["none.json", "No such file"]);
    let fields = r#"{"name": "x", "about": "y", "members": [3],"#;
    place.write("field.json", &format!("{fields}\n\"wrkload\": {{}}}}"));
    place.refuses("run field.json", &["field.json:2:", "wrkload", "expected one of", "workload"]);
    place.write("members.json", r#"{"name": "x", "about": "y", "members": [9]}"#);
    place.refuses("run members.json", &["members.json", "`members[0]`", "1 to 7"]);
    let fault = r#""faults": [{"one_of": [{"kind": "crash", "target": {"member": 4}}]}]}"#;
    place.write("fault.json", &format!("{fields} {fault}"));
    place.refuses("run steady fault.json", &["fault.json", "`faults[0].one_of[0]", "no member 4"]);
    place.write("twice.json", &format!("{fields} \"duration_ms\": 500}}").replace("\"x\"", "\"steady\""));
    place.refuses("run steady twice.json", &["twice.json", "`steady`"]);
    place.refuses("replay none.json", &["none.json", "No such file"]);
    place.write("torn.json", "{\"format\": 1, \"revline\": \"0.1.0\", \"plan\": {\"scenario\": \"stea");
    place.refuses("replay torn.json --trace t.txt", &["torn.json:1:", "EOF"]);
    place.refuses("check none.log", &["none.log", "cannot be read"]);
    place.write("noise.log", "what is this\n");
    place.refuses("check noise.log", &["noise.log", "not a history of a known form", "Jepsen"]);
    place.write("torn.log", "INFO  jepsen.util - 0 :invoke :read nil\nINFO  jepsen.util - 0 :ok :re");
    place.refuses("check torn.log --json", &["torn.log:2:"]);
}

#[test]
fn a_history_is_judged_only_by_the_model_of_its_form() {
    let place = Place::new();
    let log = "INFO  jepsen.util - 0 :invoke :write 1\nINFO  jepsen.util - 0 :ok :write 1\n";
    place.write("one.log", log);
    place.call("check one.log --model register --format jepsen --budget 1").status(0);
    place.refuses("check one.log --model etcd", &["one.log", "`register`", "`etcd`"]);
}

#[test]
fn everything_can_be_listed() {
    let place = Place::new();
    for (what, one) in [
        ("scenarios", "slow-follower-snapshot"),
        ("guarantees", "watch-resumable"),
        ("faults", "one-way"),
        ("defects", "ack-before-sync"),
    ] {
        let text = place.call(&format!("list {what}")).status(0).stdout;
        assert!(text.lines().any(|line| line.starts_with(one)), "{text}");
        let json = place.call(&format!("list {what} --json")).status(0).json();
        let entries = json.as_array().unwrap();
        assert!(entries.iter().any(|entry| entry["name"] == one && entry["about"].is_string()), "{json}");
        assert_eq!(entries.len(), text.lines().count());
    }
    let schema = place.call("list schema").status(0).json();
    assert!(schema["properties"]["members"].is_object());
}

#[test]
fn a_run_is_reported_with_every_field() {
    let place = Place::new();
    let report = place.call("run steady --seeds 2 --json").status(0).json();
    assert!(report["revline"].is_string() && report["totals"]["operations"].as_u64() > Some(0));
    let runs = report["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 2);
    for run in runs {
        assert_eq!(run["scenario"], "steady");
        assert_eq!(run["trace_hash"].as_str().unwrap().len(), 16);
        for number in [
            "seed",
            "operations",
            "unknown_operations",
            "watch_events",
            "elections",
            "faults",
            "simulated_ms",
            "wall_ms",
        ] {
            assert!(run[number].is_number(), "{number}: {run}");
        }
        for guarantee in run["guarantees"].as_array().unwrap() {
            assert!(guarantee["name"].is_string() && guarantee["verdict"].is_string(), "{guarantee}");
            assert!(guarantee["examined"].is_u64() && guarantee["evidence"].is_null(), "{guarantee}");
        }
    }
    assert_eq!(
        report["guarantees"].as_array().unwrap().len(),
        runs[0]["guarantees"].as_array().unwrap().len()
    );
    assert_eq!(place.files(), ["out"], "a sweep writes its report, and nothing else");
}

#[test]
fn the_table_is_the_same_every_time_and_fits_its_width() {
    let place = Place::new();
    let table = || {
        let ended = place.call("run --seeds 1 --quiet").status(0);
        assert_eq!(ended.stderr, "", "no progress in a pipe");
        ended.stdout.split("total ").next().unwrap().to_owned()
    };
    let first = table();
    assert_eq!(first, table());
    assert!(first.contains("linearizable") && !first.contains('\u{1b}'), "{first}");
    assert!(first.lines().all(|line| line.chars().count() <= 120), "{first}");
}

#[test]
fn jobs_shards_and_processes_do_not_change_what_happens() {
    let place = Place::new();
    let run = |more: &str| {
        hashes(&place.call(&format!("run steady crash-restart --seeds 2 --json {more}")).status(0).json())
    };
    let whole = run("--jobs 1");
    assert_eq!(whole.len(), 4);
    assert_eq!(run("--jobs 2"), whole, "more jobs, and another process");
    let (first, second) = (run("--shard 1/2"), run("--shard 2/2"));
    assert_eq!((first.len(), second.len()), (2, 2), "a run of each scenario");
    let (mut parts, mut all) = ([first, second].concat(), whole.clone());
    parts.sort();
    all.sort();
    assert_eq!(parts, all);
    let alone = place.call("replay crash-restart@1 --json").status(0).json();
    assert_eq!(alone["run"]["trace_hash"], whole[3].as_str());
}

#[test]
fn a_sweep_stops_after_so_many_failures_however_many_jobs_there_are() {
    let sweep = "run steady bridge --seeds 4 --defect txn-two-revisions --json";
    for (limit, most) in [("--fail-fast", 1), ("--max-failures 3", 3), ("", 8)] {
        let run = |jobs: usize| {
            let place = Place::new();
            let ended = place.call(&format!("{sweep} {limit} --jobs {jobs}")).status(1);
            assert_eq!(ended.stderr.contains("stopped after"), most < 8, "{ended:?}");
            let kept = fs::read_dir(place.path("out")).unwrap().map(|entry| entry.unwrap().file_name());
            (hashes(&ended.json()), kept.collect::<BTreeSet<OsString>>())
        };
        let (runs, kept) = run(1);
        // Each has its bundle and its page, and all together the three files of the report.
        assert_eq!((runs.len(), kept.len()), (most, 2 * most + 3), "{kept:?}");
        assert_eq!(run(2), (runs, kept), "{limit}");
    }
}

#[test]
fn a_sweep_can_insist_on_the_marks_that_a_run_can_reach() {
    let place = Place::new();
    let ended = place.call("run steady --seeds 1 --insist-on-marks --json").status(1);
    let report = ended.json();
    let never = report["marks"]["never"].as_array().unwrap();
    let (never, stderr) = (never.iter().filter_map(Value::as_str).collect::<Vec<_>>(), ended.stderr);
    assert!(stderr.contains(&format!("marks that no run reached: {}\n", never.len())), "{stderr}");
    for mark in never {
        assert!(stderr.contains(&format!("  {mark}\n")), "{mark}: {stderr}");
    }
    assert!(!stderr.contains("Call.call zero"), "no run can reach it");
    place.refuses("run --insist-on-marks --shard 1/2", &["--insist-on-marks", "--shard"]);
}

#[test]
fn a_sweep_ends_when_its_time_is_up() {
    let place = Place::new();
    let report = place.call("run clock-drift --for 1ms --jobs 1 --json").status(0).json();
    assert_eq!(hashes(&report).len(), 1, "it ends after the run that it began");
    let seeds = place.call("run clock-drift --for 1h --seeds 2 --json").status(0).json();
    assert_eq!(hashes(&seeds).len(), 2, "the seeds end first");
    place.refuses("run --for soon", &["--for", "soon"]);
    place.refuses("run --max-failures 0", &["--max-failures"]);
    place.refuses("run --fail-fast --max-failures 3", &["--fail-fast", "--max-failures"]);
}

/// A bundle of a violation, and its text.
fn bundle(place: &Place) -> (String, String) {
    let ended = place.call("run steady --seeds 1 --defect watch-batch-split").status(1);
    assert!(ended.stdout.contains("watch-atomic") && ended.stdout.contains("FAIL 1"), "{ended:?}");
    let bundle = "out/steady-0.bundle.json";
    assert!(ended.stdout.contains(&format!("revline replay {bundle}")), "{ended:?}");
    (bundle.to_owned(), fs::read_to_string(place.path(bundle)).unwrap())
}

#[test]
fn a_violation_leaves_a_bundle_that_shows_it_again() {
    let place = Place::new();
    let (bundle, text) = bundle(&place);
    let recorded: Value = serde_json::from_str(&text).unwrap();
    let replayed = place.call(&format!("replay {bundle} --json")).status(1).json();
    assert_eq!(replayed["run"]["trace_hash"], recorded["trace_hash"]);
    assert_eq!(replayed["recorded"]["violations"], recorded["violations"]);
    assert_eq!(replayed["recorded"]["diverged_at"], Value::Null);
    assert_eq!(replayed["recorded"]["same_violations"], true);
    let said = place.call(&format!("replay {bundle}")).status(1).stdout;
    assert!(said.contains("reproduced") && said.contains("watch-atomic         violated"), "{said}");
    place.refuses(&format!("replay {bundle} --defect ack-before-sync"), &["--defect", "bundle"]);
    place.call("replay steady@0").status(0);
    let seed = place.call("replay steady@0 --defect watch-batch-split --json").status(1).json();
    assert_eq!(seed["run"]["trace_hash"], recorded["trace_hash"]);
}

#[test]
fn a_bundle_that_was_changed_diverges() {
    let place = Place::new();
    let (_, text) = bundle(&place);
    let recorded: Value = serde_json::from_str(&text).unwrap();
    let says_so = |name: &str, changed: &Value| {
        place.write(name, &changed.to_string());
        let ended = place.call(&format!("replay {name}")).status(1);
        assert!(ended.stdout.contains("DIVERGED at event "), "{ended:?}");
        ended.stdout
    };

    let mut operation = recorded.clone();
    let clients = operation["plan"]["clients"].as_array_mut().unwrap();
    let operations = clients.iter_mut().find_map(|client| client["work"].get_mut("operations")).unwrap();
    let at_us = &mut operations[0]["at_us"];
    *at_us = (at_us.as_u64().unwrap() + 1).into();
    says_so("operation.json", &operation);

    let mut fault = recorded.clone();
    fault["plan"]["faults"] =
        serde_json::json!([{"at_ms": 1500, "for_ms": 10, "fault": {"kind": "pause", "target": "leader"}}]);
    says_so("fault.json", &fault);

    let mut version = operation;
    version["revline"] = "0.0.1".into();
    assert!(says_so("version.json", &version).contains("written by revline 0.0.1"));

    let mut healthy = recorded;
    healthy["plan"]["simulation"]["defects"] = serde_json::json!([]);
    let said = says_so("healthy.json", &healthy);
    assert!(said.contains("OTHER VERDICT") && said.contains("now no violation"), "{said}");
}

#[test]
fn a_scenario_file_runs_like_those_of_the_catalogue() {
    let place = Place::new();
    let scenario = r#"{"name": "short", "about": "a short one", "members": [1], "duration_ms": 500}"#;
    place.write("mine.json", scenario);
    let report = place.call("run ./mine.json --seeds 1 --json --defect txn-two-revisions");
    let report = report.status(1).json();
    assert_eq!(report["runs"][0]["scenario"], "short");
    assert!(place.path("out/short-0.bundle.json").is_file());
    place.call("replay mine.json@0").status(0);
}

#[test]
fn logs_are_off_unless_they_are_asked_for() {
    let place = Place::new();
    assert_eq!(place.call("replay steady@0").status(0).stderr, "");
    let logged = |filter: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_revline"));
        command.args(["replay", "steady@0", "--json"]).env("RUST_LOG", filter);
        command.current_dir(place.0.path()).output().unwrap()
    };
    let output = logged("revline=trace");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.lines().next().is_some_and(|line| line.contains(" ms ")), "simulated time comes first");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let quiet = place.call("replay steady@0 --json").json();
    assert_eq!(report["run"]["trace_hash"], quiet["run"]["trace_hash"], "logs change nothing");
    let said = |filter: &str| String::from_utf8(logged(filter).stderr).unwrap();
    let info = said("info");
    for part in ["steady@0 begins: 3 members", "steady@0 ended: ", "steady@0 judged: "] {
        assert!(info.contains(part), "`{part}` is missing: {info}");
    }
    assert!(info.lines().count() < 10, "the rest is more than information: {info}");
    let debug = said("debug");
    assert!(debug.contains("leader in term 1") && debug.contains("linearizable holds"), "{debug}");
    assert!(!debug.contains("madsim") && !debug.contains("deliver"), "{debug}");
    for off in ["off", "warn", "other=debug"] {
        assert_eq!(String::from_utf8(logged(off).stderr).unwrap(), "", "{off}");
    }
    for bad in ["revline=loud", "[node]=debug", "revline[node{name=m1}]=debug"] {
        let output = logged(bad);
        assert_eq!(output.status.code(), Some(2), "{bad}");
        assert!(String::from_utf8(output.stderr).unwrap().contains("RUST_LOG"), "{bad}");
    }
}

#[test]
fn recorded_histories_get_their_known_verdicts() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    if !data.is_dir() {
        println!("skipped: {} is absent", data.display());
        return;
    }
    let place = Place::new();
    let file = |name: &str| data.join(name).display().to_string();
    let good = [file("jepsen-etcd/etcd_002.log"), file("porcupine-kv/c10-ok.txt")];
    let bad = [file("jepsen-etcd/etcd_000.log"), file("porcupine-kv/c01-bad.txt")];
    place.call(&format!("check {}", good.join(" "))).status(0);
    let said = place.call(&format!("check {} {}", good.join(" "), bad.join(" "))).status(1).stdout;
    for name in &good {
        assert!(said.contains(&format!("{name}: holds")), "{said}");
    }
    for name in &bad {
        assert!(said.contains(&format!("{name}: violated")), "{said}");
    }
    let folder = file("etcd-robustness/2023-06/TestRobustness_Kubernetes_ClusterOfSize3");
    place.call(&format!("check {folder} --format etcd-robustness --model etcd")).status(0);
    let report = place.call(&format!("check {} --json", bad.join(" "))).status(1).json();
    for history in report["histories"].as_array().unwrap() {
        assert_eq!(history["verdict"], "violated");
        assert!(history["guarantees"][0]["evidence"]["message"].is_string(), "{history}");
    }
}
