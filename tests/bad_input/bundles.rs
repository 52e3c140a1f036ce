//! Bundles that ask for what cannot be.

use super::*;

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
        ("/plan/simulation/quota_bytes", json!("big")),
        ("/plan/simulation/snapshot_every_entries", json!(-1)),
        ("/plan/simulation/hash_every_revisions", json!([])),
        ("/plan/simulation/seed", json!(7)),
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
        ("watch stream", "watch-stream/watches/0/watch_id", json!(-1)),
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
