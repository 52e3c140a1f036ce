//! Scenarios that ask for what cannot be.

use super::*;

/// A value, its place in a scenario, and the field that the message names.
fn bad_scenarios() -> Vec<(&'static str, Value, &'static str)> {
    let mut all = vec![
        ("/name", json!(""), "`name`"),
        ("/name", json!("../../etc/passwd"), "`name`"),
        ("/name", json!("x".repeat(101)), "`name`"),
        ("/workload", json!([7, 0, 0]), "`workload`: an array where an object is expected"),
        ("/faults", json!([{ "one_of": [["crash", "leader"]] }]), "`faults[0].one_of[0]`"),
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
        ("/watch_progress_every_ms", json!(0), "`watch_progress_every_ms`"),
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
        ("/faults/0/one_of/0", json!({ "kind": "clock-jump", "target": "leader", "ms": 0 }), "ms`"),
        (
            "/faults/0/one_of/0",
            json!({ "kind": "failing-disk", "target": "leader", "works": [], "error": "io" }),
            "works`",
        ),
        (
            "/faults/0/one_of/0",
            json!({ "kind": "failing-disk", "target": "leader", "works": ["sync"], "error": "io", "times": 0 }),
            "times`",
        ),
        ("/faults/0/one_of/0", json!({ "kind": "crash-at", "target": "leader", "after": 1_001 }), "after`"),
        ("/faults/0/one_of/0", json!({ "kind": "failing-power", "after_ms": 60_001 }), "after_ms`"),
        ("/faults/0/one_of/0", json!({ "kind": "degrade", "link": { "burst": 0 } }), "burst`"),
        ("/faults/0/one_of/0", json!({ "kind": "degrade", "link": { "bytes_per_ms": 3 } }), "bytes_per_ms`"),
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
