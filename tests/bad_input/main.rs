//! Scenarios and bundles that ask for what cannot be: each is refused within a second, with the file and the field, and
//! nothing is run or written. Both are held to the same rules.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test: a panic is its message, and it measures how long a refusal takes"
)]

mod place;

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

/// A value, its place in a scenario, and the field that the message names.
fn bad_scenarios() -> Vec<(&'static str, Value, &'static str)> {
    let mut all = vec![
        ("/name", json!(""), "`name`"),
        ("/name", json!("../../etc/passwd"), "`name`"),
        ("/name", json!("x".repeat(101)), "`name`"),
        ("/members", json!([]), "`members`"),
        ("/members", json!([3, 0]), "`members[1]`"),
        ("/members", json!([MOST]), "`members[0]`"),
        ("/duration_ms", json!(0), "`duration_ms`"),
        ("/duration_ms", json!(-1), "`duration_ms`"),
        ("/duration_ms", json!(1.5), "`duration_ms`"),
        ("/guarantees", json!(["durable", "no-such"]), "`guarantees[1]`"),
        ("/network/peers/loss", json!(1.0), "`network.peers.loss`"),
        ("/network/peers/loss", json!(-0.1), "`network.peers.loss`"),
        ("/network/clients/duplicate", json!(1.1), "`network.clients.duplicate`"),
        ("/network/peers/latency_us", json!([1000, 200]), "`network.peers.latency_us`"),
        ("/network/streams/stall_ms", json!(0), "`network.streams.stall_ms`"),
        ("/network/streams/queue_responses", json!(0), "`network.streams.queue_responses`"),
        ("/disk/zero_tail", json!(2), "`disk.zero_tail`"),
        ("/client/deadline_ms", json!(0), "`client.deadline_ms`"),
        ("/snapshot_every_entries", json!(0), "`snapshot_every_entries`"),
        ("/lease_checkpoint_every_ms", json!(0), "`lease_checkpoint_every_ms`"),
        ("/quota_bytes", json!(0), "`quota_bytes`"),
        (
            "/workload/writes",
            json!({ "put": 0, "delete": 0, "put_several": 0, "compare_and_swap": 0,
            "create": 0, "replace": 0, "get": 0 }),
            "`workload.writes`",
        ),
        ("/workload/writers", json!(4_294_967_296_u64), "`workload.writers`"),
        ("/workload/keys", json!(0), "`workload.keys`"),
        ("/workload/auth/users", json!(21), "`workload.auth.users`"),
        ("/workload/locks/names", json!(0), "`workload.locks.names`"),
        ("/workload/operator", json!({ "churn": 1, "pause_ms": [1, 2] }), "`workload.operator.pause_ms`"),
        ("/workload/operator", json!({ "restore": true }), "`workload.operator.restore`"),
        ("/workload/namespaces/0/prefix", json!("x".repeat(1_001)), "`workload.namespaces[0].prefix`"),
        ("/workload/namespaces", json!([{ "prefix": "", "by": "proxy" }]), "`workload.namespaces[0].prefix`"),
        ("/proxies/layers", json!(0), "`proxies.layers`"),
        ("/proxies/layers", json!(6), "`proxies.layers`"),
        ("/proxies/count", json!([2, 51]), "`proxies.count[1]`"),
        ("/faults/0/one_of", json!([]), "`faults[0].one_of`"),
        ("/faults/0/one_of/0", json!({ "kind": "split", "side": [] }), "`faults[0].one_of[0].side`"),
        ("/faults/0/one_of/0", json!({ "kind": "split", "side": ["leader", "leader"] }), "side[1]`"),
        ("/faults/0/one_of/0", json!({ "kind": "crash", "target": { "member": 4 } }), "one_of[0].target`"),
        ("/faults/0/one_of/0", json!({ "kind": "crash", "target": { "member": MOST } }), "one_of[0].target`"),
        ("/faults/0/one_of/0", json!({ "kind": "slow-disk", "target": "leader", "factor": 0 }), "factor`"),
        (
            "/faults/0/one_of/0",
            json!({ "kind": "slow-disk", "target": "leader", "factor": u32::MAX }),
            "factor`",
        ),
        ("/faults/0/one_of/0", json!({ "kind": "clock-drift", "target": "leader", "ppm": i64::MIN }), "ppm`"),
        ("/faults/0/one_of/0", json!({ "kind": "proxy-crash", "proxy": 0 }), "`faults[0].one_of[0]`"),
        ("/faults/0/one_of/0", json!({ "kind": "degrade", "link": { "latency_us": [9, 3] } }), "latency_us`"),
        ("/faults/0/one_of/0", json!({ "kind": "earthquake" }), "`faults[0].one_of[0]"),
        ("/about", nested(200), "`about`"),
    ];
    // Numbers that would overflow, be waited for, or fill the memory.
    for field in [
        "/duration_ms",
        "/recovery_ms",
        "/snapshot_every_entries",
        "/snapshot_keep_entries",
        "/lease_checkpoint_every_ms",
        "/quota_bytes",
        "/corruption_check_every_ms",
        "/network/streams/stall_ms",
        "/network/streams/queue_responses",
        "/cpu/per_message_us",
        "/cpu/per_reply_us",
        "/cpu/per_watch_response_us",
        "/client/deadline_ms",
    ] {
        all.push((field, json!(MOST), ""));
    }
    for field in [
        "/workload/writers",
        "/workload/readers_per_member",
        "/workload/watchers",
        "/workload/watch_all_percent",
        "/workload/watch_from_percent",
        "/workload/keys",
        "/workload/writes/put",
        "/workload/reads/get",
        "/workload/streams/clients",
        "/workload/streams/negative_percent",
        "/workload/streams/canceled_percent",
        "/workload/leases/users",
        "/workload/leases/revoked_percent",
        "/workload/locks/lockers",
        "/workload/locks/candidates",
        "/workload/locks/observers",
        "/workload/locks/names",
        "/workload/locks/by_service_percent",
        "/workload/locks/stall_percent",
        "/workload/operator/churn",
        "/workload/operator/save",
        "/workload/auth/users",
        "/workload/auth/from_key_percent",
        "/proxies/layers",
        "/proxies/clients_percent",
    ] {
        all.push((field, json!(u32::MAX), ""));
    }
    // Spans: at the end, at both ends, and the wrong way round.
    for field in [
        "/network/peers/latency_us",
        "/network/clients/latency_us",
        "/disk/sync_us",
        "/workload/pause_us",
        "/workload/reconnect_ms",
        "/workload/progress_ms",
        "/workload/streams/watches",
        "/workload/streams/start_revision",
        "/workload/streams/slow_ms",
        "/workload/leases/ttl_s",
        "/workload/leases/keys",
        "/workload/leases/kept_ms",
        "/workload/leases/keep_alive_ms",
        "/workload/leases/ask_ms",
        "/workload/locks/ttl_s",
        "/workload/locks/hold_ms",
        "/workload/locks/patience_ms",
        "/workload/locks/pause_ms",
        "/workload/locks/reconnect_ms",
        "/workload/operator/first_ms",
        "/workload/operator/pause_ms",
        "/workload/auth/pause_ms",
        "/proxies/count",
        "/faults/0/first_ms",
        "/faults/0/for_ms",
        "/faults/0/pause_ms",
    ] {
        all.extend([
            (field, json!([1, MOST]), ""),
            (field, json!([MOST, MOST]), ""),
            (field, json!([3, 2]), ""),
            (field, json!([1]), ""),
        ]);
    }
    // No time passes in between.
    for field in [
        "/workload/pause_us",
        "/workload/reconnect_ms",
        "/workload/progress_ms",
        "/workload/leases/keep_alive_ms",
        "/workload/leases/ask_ms",
        "/workload/locks/pause_ms",
        "/workload/operator/pause_ms",
        "/workload/auth/pause_ms",
        "/faults/0/pause_ms",
    ] {
        all.push((field, json!([0, 0]), ""));
    }
    all
}

/// Lists in lists.
fn nested(depth: usize) -> Value {
    (0..depth).fold(json!(0), |inner, _| json!([inner]))
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
fn scenarios_that_cannot_be_are_refused_with_the_field() {
    let place = Place::new();
    place.write("good.json", &scenario().to_string());
    place.call("run good.json --seeds 1").status(0);
    let files = bad_scenarios().into_iter().map(|(pointer, value, said)| {
        let mut bad = scenario();
        put(&mut bad, pointer, value);
        (bad, if said.is_empty() { format!("field `{}", field_of(pointer)) } else { said.to_owned() })
    });
    let wrong = not_refused(&place, "run bad.json --seeds 1", files);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn plans_too_large_for_memory_are_refused() {
    let place = Place::new();
    for (changes, field) in [
        (
            vec![("/duration_ms", json!(3_600_000)), ("/workload/pause_us", json!([0, 1]))],
            "workload.pause_us",
        ),
        (
            vec![
                ("/duration_ms", json!(3_600_000)),
                ("/workload/leases", json!({ "users": 100, "ask_ms": [0, 1], "ttl_s": [1, 1_000_000] })),
            ],
            "workload.leases.ask_ms",
        ),
        (
            vec![
                ("/duration_ms", json!(3_600_000)),
                ("/faults/0/for_ms", json!([0, 1])),
                ("/faults/0/pause_ms", json!([0, 1])),
            ],
            "faults",
        ),
    ] {
        let mut bad = scenario();
        for (pointer, value) in changes {
            put(&mut bad, pointer, value);
        }
        place.write("bad.json", &bad.to_string());
        refused_in_time(&place, "run bad.json --seeds 1", &["bad.json", &format!("`{field}`"), "in memory"]);
    }
}

/// A bundle of a run of everything that a plan can hold.
fn bundle(place: &Place) -> Value {
    let mut everything = scenario();
    put(&mut everything, "/duration_ms", json!(2_500));
    put(&mut everything, "/workload/streams/clients", json!(1));
    put(&mut everything, "/workload/leases/users", json!(1));
    put(&mut everything, "/workload/locks/lockers", json!(1));
    put(&mut everything, "/workload/locks/observers", json!(1));
    put(&mut everything, "/workload/operator", json!({ "churn": 1, "first_ms": [100, 100] }));
    put(&mut everything, "/proxies/count", json!([1, 1]));
    place.write("everything.json", &everything.to_string());
    place.call("run everything.json --seeds 1 --defect watch-batch-split").status(1);
    let text = std::fs::read_to_string(place.path("out/bounded-0.bundle.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The position of the first client whose name begins so.
fn client(bundle: &Value, name: &str) -> usize {
    let clients = bundle["plan"]["clients"].as_array().unwrap();
    clients.iter().position(|client| client["name"].as_str().unwrap().starts_with(name)).unwrap()
}

/// A value, its place in a bundle, and the field that the message names.
fn bad_bundles(bundle: &Value) -> Vec<(String, Value, String)> {
    let mut all: Vec<(String, Value, String)> = Vec::new();
    let mut add = |pointer: &str, value: Value| {
        all.push((pointer.to_owned(), value, format!("field `{}", field_of(pointer))));
    };
    for (pointer, value) in [
        ("/format", json!(2)),
        ("/digests", json!("&")),
        ("/trace_hash", json!("x")),
        ("/plan/scenario", json!("../x")),
        ("/plan/duration_ms", json!(0)),
        ("/plan/duration_ms", json!(MOST)),
        ("/plan/recovery_ms", json!(MOST)),
        ("/plan/guarantees", json!(["no-such"])),
        ("/plan/simulation/members", json!(0)),
        ("/plan/simulation/members", json!(MOST)),
        ("/plan/simulation/hash_every_revisions", json!(i64::MIN)),
        ("/plan/simulation/hash_every_revisions", json!(i64::MAX)),
        ("/plan/simulation/digest_every_entries", json!(MOST)),
        ("/plan/simulation/clock_offset_ms", json!(MOST)),
        ("/plan/simulation/snapshot_every_entries", json!(0)),
        ("/plan/simulation/lease_checkpoint_every_ms", json!(0)),
        ("/plan/simulation/quota_bytes", json!(0)),
        ("/plan/simulation/network/peers/latency_us", json!([1000, 200])),
        ("/plan/simulation/network/peers/loss", json!(1.0)),
        ("/plan/simulation/network/streams/stall_ms", json!(MOST)),
        ("/plan/simulation/network/streams/queue_responses", json!(0)),
        ("/plan/simulation/disk/sync_us", json!([0, MOST])),
        ("/plan/simulation/client/deadline_ms", json!(MOST)),
        ("/plan/simulation/proxies/0/endpoints", json!([])),
        ("/plan/simulation/proxies/0/endpoints", json!([99])),
        ("/plan/simulation/proxies/0/endpoints", json!([101])),
        ("/plan/simulation/proxies/0/namespace", json!("x".repeat(1_001))),
        ("/plan/clients/0/endpoints", json!([])),
        ("/plan/clients/0/endpoints", json!([999])),
        ("/plan/clients/0/endpoints", json!(vec![101; 1_001])),
        ("/plan/clients/0/first", json!(MOST)),
        ("/plan/clients/0/user", json!("nobody")),
        ("/plan/clients/0/namespace", json!("x".repeat(1_001))),
        ("/plan/clients/1/name", bundle["plan"]["clients"][0]["name"].clone()),
        ("/plan/clients/0/work/operations/0/at_us", json!(MOST)),
        ("/plan/clients/0/work/operations/0/do", json!({ "compact": { "behind": MOST } })),
        (
            "/plan/clients/0/work/operations/0/do",
            json!({ "list": { "serializable": false, "behind": MOST } }),
        ),
        ("/plan/clients/0/work/operations/0/do", json!({ "grant": { "lease": i64::MIN, "ttl_s": 1 } })),
        ("/plan/clients/0/work/operations/0/do", json!({ "grant": { "lease": 1, "ttl_s": i64::MAX } })),
        ("/plan/clients/0/work/operations/0/do", json!({ "put-several": { "keys": [], "value": "" } })),
        (
            "/plan/clients/0/work/operations/0/do",
            json!({ "put": { "key": "k", "value": "x".repeat(2_000_001) } }),
        ),
        ("/plan/faults/0/at_ms", json!(MOST)),
        ("/plan/faults/0/for_ms", json!(MOST)),
        ("/plan/faults/0/fault", json!({ "kind": "majorities-ring" })),
        ("/plan/faults/0/fault", json!({ "kind": "crash", "target": { "member": 1 } })),
        ("/plan/operator/0/at_ms", json!(MOST)),
        ("/plan/operator/0/do", json!({ "promote": { "member": 77 } })),
        ("/plan/restore", json!([1])),
        ("/plan/restore", json!([60, 60])),
        ("/plan/restore", json!([60])),
        ("/plan/auth", json!([{ "at_ms": MOST, "change": "enable" }])),
    ] {
        add(pointer, value);
    }
    for (name, work, value) in [
        ("watcher", "watch/start_revision", json!(i64::MIN)),
        ("watcher", "watch/reconnect_at_ms", json!([MOST])),
        ("watcher", "watch/progress_at_ms", json!([5, 4])),
        ("watch stream", "watch-stream/watches/0/watch_id", json!(-5)),
        ("watch stream", "watch-stream/watches/0/start_revision", json!(i64::MAX)),
        ("watch stream", "watch-stream/watches/0/cancel_at_ms", json!(MOST)),
        ("watch stream", "watch-stream/pauses_ms", json!([MOST])),
        ("observer", "observe/name", json!("x".repeat(1_001))),
        ("locker", "operations/0/do/lock/ttl_s", json!(-1)),
        ("locker", "operations/0/do/lock/patience_ms", json!(MOST)),
        ("locker", "operations/0/do/lock/hold_ms", json!(MOST)),
        ("locker", "operations/0/do/lock/stall_ms", json!(MOST)),
    ] {
        add(&format!("/plan/clients/{}/work/{work}", client(bundle, name)), value);
    }
    all.iter_mut().filter(|(pointer, ..)| pointer == "/format").for_each(|row| row.2 = "`format`".to_owned());
    let of_proxies = all.iter_mut().filter(|(pointer, ..)| pointer.starts_with("/plan/simulation/proxies"));
    of_proxies.for_each(|row| row.2 = "field `plan.simulation.proxies".to_owned());
    let of_lists =
        all.iter_mut().filter(|(pointer, value, _)| pointer == "/plan/restore" && *value == json!([60]));
    of_lists.for_each(|row| row.2 = "field `plan.restore`: nothing is saved".to_owned());
    all
}

#[test]
fn bundles_that_cannot_be_are_refused_with_the_field() {
    let place = Place::new();
    let good = bundle(&place);
    let files = bad_bundles(&good).into_iter().map(|(pointer, value, said)| {
        let mut bad = good.clone();
        put(&mut bad, &pointer, value);
        (bad, said)
    });
    let wrong = not_refused(&place, "replay bad.json", files);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let kept = json!({ "found": "x", "must_hold": ["durable"], "plan": good["plan"] });
    for (pointer, value, said) in [
        ("/must_hold", json!([]), "`must_hold`"),
        ("/must_hold", json!(["no-such"]), "`must_hold`"),
        ("/plan/recovery_ms", json!(MOST), "`plan.recovery_ms`"),
    ] {
        let mut bad = kept.clone();
        put(&mut bad, pointer, value);
        place.write("bad.json", &bad.to_string());
        refused_in_time(&place, "replay bad.json", &["bad.json", said]);
    }
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
