//! Every exit status, and that neither a full disk behind stderr, a reader that went away, nor a signal makes another
//! one of it.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test: a panic is its message, and it waits for processes"
)]

mod place;

use place::Place;
use serde_json::Value;
use std::fs;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A command for each status.
const COMMANDS: [(&str, i32); 4] = [
    ("run short.json --seeds 1", 0),
    ("run short.json --seeds 1 --defect txn-two-revisions", 1),
    ("run none.json", 2),
    ("check nothing.jsonl", 3),
];

fn place() -> Place {
    let place = Place::new();
    let scenario = r#"{"name": "short", "about": "a short one", "members": [1], "duration_ms": 300}"#;
    place.write("short.json", scenario);
    place.write(
        "long.json",
        &scenario.replace("short", "long").replace("300", "3600000").replace("[1]", "[5]"),
    );
    place.write("nothing.jsonl", "{\"kind\":\"header\",\"format\":\"revline-history\",\"version\":1}\n");
    place
}

/// A call with its output led elsewhere by a shell.
fn redirected(place: &Place, arguments: &str, to: &str) -> i32 {
    let call = format!("exec {} {arguments} {to}", env!("CARGO_BIN_EXE_revline"));
    let mut shell = Command::new("sh");
    shell.args(["-c", &call]).current_dir(place.0.path()).stdin(Stdio::null());
    shell.stdout(Stdio::null()).stderr(Stdio::null());
    shell.status().unwrap().code().expect("it ended by itself")
}

#[test]
fn every_status_has_its_command() {
    let place = place();
    for (command, status) in COMMANDS {
        place.call(command).status(status);
    }
    let found = place.call("hunt txn-two-revisions --scenario short.json --seeds 1");
    found.status(0);
    place.call("hunt local-read-by-leader --scenario short.json --seeds 1").status(1);
    place.call("replay out/short-0.bundle.json").status(1);
    place.call("--help").status(0);
    place.call("--version").status(0);
}

#[test]
fn a_stderr_that_cannot_be_written_to_changes_no_status() {
    let place = place();
    for (command, status) in COMMANDS {
        assert_eq!(redirected(&place, command, "2>/dev/full"), status, "{command}");
        assert_eq!(redirected(&place, command, "2>&-"), status, "{command}");
        let json = format!("{command} --json");
        assert_eq!(redirected(&place, &json, "2>/dev/full"), status, "{json}");
    }
    assert_eq!(redirected(&place, "run --bogus", "2>/dev/full"), 2);
    // Where the bundle cannot be kept, that is said on stderr, too.
    place.write("taken", "");
    let kept = "run short.json --seeds 1 --defect txn-two-revisions --out taken";
    assert_eq!(redirected(&place, kept, "2>/dev/full"), 1);
    let logged =
        format!("exec env RUST_LOG=debug {} replay short.json@0 2>/dev/full", env!("CARGO_BIN_EXE_revline"));
    let mut shell = Command::new("sh");
    shell.args(["-c", &logged]).current_dir(place.0.path()).stdout(Stdio::null());
    assert_eq!(shell.status().unwrap().code(), Some(0), "logs that go nowhere change nothing");
}

#[test]
fn a_report_that_is_lost_is_an_error_unless_something_is_wrong_anyway() {
    let place = place();
    for (command, status) in COMMANDS {
        let expected = if status == 0 { 2 } else { status };
        assert_eq!(redirected(&place, command, ">/dev/full"), expected, "{command}");
        assert_eq!(redirected(&place, command, ">/dev/full 2>/dev/full"), expected, "{command}");
        assert_eq!(redirected(&place, command, ">&-"), status, "{command}");
    }
    assert_eq!(redirected(&place, "list faults", ">/dev/full"), 2);
}

#[test]
fn a_reader_that_goes_away_changes_no_status() {
    let place = place();
    for (command, status) in COMMANDS {
        let mut child = spawn(&place, command);
        drop(child.stdout.take());
        assert_eq!(child.wait().unwrap().code(), Some(status), "{command}");
    }
}

fn spawn(place: &Place, arguments: &str) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_revline"));
    command.args(arguments.split_whitespace()).current_dir(place.0.path()).env_remove("RUST_LOG");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([format!("-{name}"), child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Waits until something is so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(120), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Its status, what it said, and how long it took from here.
fn ended(mut child: Child) -> (i32, String, Duration) {
    let began = Instant::now();
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    (child.wait().unwrap().code().expect("it ended by itself"), said, began.elapsed())
}

const SIGNALS: [(&str, i32); 2] = [("INT", 130), ("TERM", 143)];

#[test]
fn a_sweep_that_is_interrupted_says_what_it_knows_and_keeps_its_bundles() {
    for (name, status) in SIGNALS {
        let place = place();
        let sweep = "run short.json --seeds 1000000000 --jobs 2 --defect txn-two-revisions --json";
        let child = spawn(&place, sweep);
        let bundle = place.path("out/short-0.bundle.json");
        until("a first run failed", || bundle.is_file());
        signal(&child, name);
        let (ended, said, took) = ended(child);
        assert_eq!(ended, status, "{said}");
        assert!(took < Duration::from_secs(20), "{took:?}");
        let report: Value = serde_json::from_str(&said).unwrap();
        let runs = report["runs"].as_array().unwrap();
        assert!(!runs.is_empty());
        for run in runs {
            let kept = place.path(&format!("out/short-{}.bundle.json", run["seed"]));
            let bundle: Value = serde_json::from_str(&fs::read_to_string(kept).unwrap()).unwrap();
            assert_eq!(bundle["trace_hash"], run["trace_hash"]);
        }
    }
    let place = place();
    let child = spawn(&place, "run short.json --seeds 1000000000 --defect txn-two-revisions");
    until("a first run failed", || place.path("out/short-0.bundle.json").is_file());
    signal(&child, "INT");
    let (status, said, _) = ended(child);
    assert_eq!(status, 130);
    assert!(said.contains("result") && said.contains("FAILED   short@0"), "{said}");
}

#[test]
fn a_run_that_does_not_end_is_ended() {
    for (name, status) in SIGNALS {
        let place = place();
        let child = spawn(&place, "run long.json --seeds 3 --json");
        std::thread::sleep(Duration::from_millis(700));
        signal(&child, name);
        let (ended, said, took) = ended(child);
        assert_eq!(ended, status);
        assert!(took < Duration::from_secs(20), "{took:?}");
        let report: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(report["runs"].as_array().map(Vec::len), Some(0), "{said}");
    }
}

#[test]
fn other_commands_that_are_interrupted_end_and_leave_nothing_behind() {
    for (name, status) in SIGNALS {
        let place = place();
        let before = place.files();
        for command in [
            "hunt local-read-by-leader --scenario short.json --seeds 1000000000 --json",
            "replay long.json@0 --trace all.txt",
            "check -",
        ] {
            let child = spawn(&place, command);
            std::thread::sleep(Duration::from_millis(700));
            signal(&child, name);
            let (ended, said, _) = ended(child);
            assert_eq!(ended, status, "{command}: {said}");
        }
        assert_eq!(place.files(), before);
    }
}

#[test]
fn a_second_signal_ends_a_command_at_once() {
    let place = place();
    let child = spawn(&place, "replay long.json@0");
    std::thread::sleep(Duration::from_millis(700));
    signal(&child, "INT");
    std::thread::sleep(Duration::from_millis(200));
    signal(&child, "TERM");
    assert_eq!(ended(child).0, 143);
}

#[test]
fn a_trace_goes_through_links_and_into_devices_and_pipes() {
    let place = place();
    place.write("target.txt", "as it was");
    std::os::unix::fs::symlink("target.txt", place.path("link.txt")).unwrap();
    place.call("replay short.json@0 --trace link.txt").status(0);
    assert!(fs::symlink_metadata(place.path("link.txt")).unwrap().is_symlink());
    let whole = fs::read_to_string(place.path("target.txt")).unwrap();
    assert!(whole.lines().count() > 100);
    place.call("replay short.json@0 --trace /dev/null").status(0);
    let full = place.call("replay short.json@0 --trace /dev/full").status(2);
    assert!(full.stderr.contains("/dev/full"), "{full:?}");
    assert!(fs::metadata("/dev/full").is_ok() && !fs::metadata("/dev/null").unwrap().is_file());
    assert!(Command::new("mkfifo").arg(place.path("pipe")).status().unwrap().success());
    let child = spawn(&place, "replay short.json@0 --trace pipe");
    assert_eq!(fs::read_to_string(place.path("pipe")).unwrap(), whole);
    assert_eq!(ended(child).0, 0);
    assert_eq!(place.files(), ["link.txt", "long.json", "nothing.jsonl", "pipe", "short.json", "target.txt"]);
}
