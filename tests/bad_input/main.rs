//! Scenarios and bundles that ask for what cannot be: each is refused within a second, with the file and the field, and
//! nothing is run or written. Both are held to the same rules.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test: a panic is its message, and it measures how long a refusal takes"
)]

mod bundles;
mod mistakes;
#[path = "../place/mod.rs"]
mod place;
mod scenarios;

use place::Place;
use serde_json::{Value, json};
use std::fs::File;
use std::time::{Duration, Instant};

/// The largest number that a file can hold.
const MOST: u64 = u64::MAX;

/// Puts a value at the end of a path, with all that is missing on the way.
fn put(document: &mut Value, pointer: &str, value: Value) {
    let mut place = document;
    for part in pointer.split('/').skip(1) {
        place = match part.parse::<usize>() {
            Ok(at) => &mut place.as_array_mut().unwrap()[at],
            Err(_) => {
                if place.is_null() {
                    *place = json!({});
                }
                place.as_object_mut().unwrap().entry(part).or_insert(Value::Null)
            }
        };
    }
    *place = value;
}

/// A scenario with something of everything.
fn scenario() -> Value {
    json!({
        "name": "bounded", "about": "something of everything", "members": [3], "duration_ms": 300,
        "workload": { "writers": 1, "readers_per_member": 1, "watchers": 1, "namespaces": [{ "prefix": "a/" }] },
        "faults": [{ "one_of": [{ "kind": "crash", "target": "leader" }] }]
    })
}

#[track_caller]
fn refused_in_time(place: &Place, command: &str, said: &[&str]) {
    let began = Instant::now();
    place.refuses(command, said);
    assert!(began.elapsed() < Duration::from_secs(1), "`{command}` took {:?}", began.elapsed());
}

/// Calls a command with each of these files, and says which are not refused in time with the file and the field.
fn not_refused(place: &Place, command: &str, files: impl Iterator<Item = (Value, String)>) -> Vec<String> {
    let before = place.files();
    let mut wrong = Vec::new();
    for (bad, said) in files {
        place.write("bad.json", &bad.to_string());
        let began = Instant::now();
        let ended = place.call(command);
        let took = began.elapsed();
        let is_refused = ended.status == 2 && ended.stdout.is_empty() && took < Duration::from_secs(1);
        if !is_refused || !ended.stderr.contains("bad.json") || !ended.stderr.contains(&said) {
            wrong.push(format!("{said} after {took:?}: {} {}", ended.status, ended.stderr));
        }
    }
    std::fs::remove_file(place.path("bad.json")).unwrap();
    assert_eq!(place.files(), before, "nothing is written");
    wrong
}

/// `/faults/0/for_ms` as messages name it: `faults[0].for_ms`.
fn field_of(pointer: &str) -> String {
    let mut field = String::new();
    for part in pointer.split('/').skip(1) {
        match part.parse::<usize>() {
            Ok(at) => field.push_str(&format!("[{at}]")),
            Err(_) if field.is_empty() => field.push_str(part),
            Err(_) => field.push_str(&format!(".{part}")),
        }
    }
    field
}

#[test]
fn files_that_are_none_are_refused_before_they_are_read() {
    let place = Place::new();
    let large = File::create(place.path("large.json")).unwrap();
    large.set_len(20 << 30).unwrap();
    for command in ["run", "replay"] {
        refused_in_time(&place, &format!("{command} large.json"), &["large.json", "too large"]);
        refused_in_time(&place, &format!("{command} ./"), &["./", "directory"]);
    }
    refused_in_time(&place, "run /dev/zero", &["/dev/zero", "too large"]);
    place.write("deep.json", &"[".repeat(100_000));
    place.write("text.json", &"x".repeat(100_000));
    std::fs::write(place.path("bytes.json"), [b'{', 0xff, 0xfe]).unwrap();
    for (file, said) in
        [("deep.json", "deep.json:1:"), ("text.json", "text.json:1:"), ("bytes.json", "UTF-8")]
    {
        refused_in_time(&place, &format!("run {file}"), &[file, said]);
        refused_in_time(&place, &format!("replay {file}"), &[file, said]);
    }
}

#[test]
fn numbers_on_the_command_line_are_bounded() {
    let place = Place::new();
    for (command, said) in [
        ("run steady --seeds 18446744073709551616", "--seeds"),
        ("run steady --seeds=-1", "--seeds"),
        ("run steady --seeds 18446744073709551615 --first-seed 1", "--first-seed"),
        ("run steady --first-seed 18446744073709551615", "--first-seed"),
        ("run steady --jobs 0", "--jobs"),
        ("run steady --jobs 1000000000", "--jobs"),
        ("run steady --shard 0/4", "--shard"),
        ("run steady --shard 18446744073709551616/18446744073709551616", "--shard"),
        ("hunt watch-batch-split --seeds 18446744073709551615 --first-seed 2", "--first-seed"),
        ("hunt watch-batch-split --jobs 1000000000", "--jobs"),
        ("replay steady@18446744073709551616", "no seed"),
        ("replay steady@-1", "no seed"),
        ("check --budget 0 x.log", "--budget"),
        ("check --budget 18446744073709551616 x.log", "--budget"),
    ] {
        refused_in_time(&place, command, &[said]);
    }
    let last = u64::MAX - 1;
    place.write("short.json", &scenario().to_string());
    place.call(&format!("run short.json --seeds 1 --first-seed {last}")).status(0);
    place.call("run short.json --seeds 1000000000 --shard 1000000000/1000000000").status(0);
    place.call(&format!("replay short.json@{}", u64::MAX)).status(0);
}
