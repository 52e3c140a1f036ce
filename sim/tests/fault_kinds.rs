//! The kinds of fault as files and documents have them.

#![allow(clippy::unwrap_used, reason = "a test: a panic is its message")]

use revline_sim::fault::{Fault, FaultKind, FieldText, KindText, kinds};
use serde_json::json;

const DOCUMENT: &str = include_str!("../../docs/faults.md");

fn row(kind: &KindText) -> String {
    let field = |FieldText { name, about }: &FieldText| format!("`{name}`: {about}");
    let fields: Vec<String> = kind.fields.iter().map(field).collect();
    format!("| `{}` | {} | {} | {} |\n", kind.name, kind.about, fields.join("<br>"), kind.cause)
}

#[test]
fn the_document_lists_every_kind_with_its_fields_and_its_cause() {
    let rows: String = kinds().iter().map(row).collect();
    let table = format!("| kind | what | fields | real-world cause |\n| --- | --- | --- | --- |\n{rows}");
    let shown = DOCUMENT.split("<!-- kinds -->\n").nth(1).unwrap().split("<!-- end of kinds -->").next();
    assert!(shown == Some(table.as_str()), "docs/faults.md should list\n{table}");
}

#[test]
fn every_kind_says_what_it_is_and_what_causes_it() {
    for KindText { name, about, cause, fields } in kinds() {
        assert!(!about.is_empty() && !cause.is_empty(), "{name}: {about:?}, {cause:?}");
        assert!(fields.iter().all(|field| !field.about.is_empty()), "{name}: {fields:?}");
    }
}

#[test]
fn a_fault_has_the_form_and_the_words_that_files_and_traces_rely_on() {
    let link = json!({ "latency_us": [1, 2], "loss": 0.5, "duplicate": 0.0, "reorder": 0.0 });
    let mut rough = link.clone();
    for (field, value) in
        [("corrupt", json!(0.25)), ("spike", json!(0.75)), ("burst", json!(9)), ("bytes_per_ms", json!(50))]
    {
        rough[field] = value;
    }
    let member = json!({ "member": 2 });
    for (form, words) in [
        (json!({ "kind": "isolate", "target": "leader", "clients": false }), "isolate the leader"),
        (json!({ "kind": "isolate", "target": member, "clients": true }), "isolate member 2, clients too"),
        (
            json!({ "kind": "split", "side": ["leader", { "follower": 1 }], "clients": true }),
            "split off the leader, follower 1, clients too",
        ),
        (json!({ "kind": "one-way", "target": "leader", "hears": "others" }), "nobody hears the leader"),
        (json!({ "kind": "one-way", "target": "leader", "hears": "nothing" }), "the leader hears nobody"),
        (json!({ "kind": "bridge", "target": member }), "two halves, bridged by member 2"),
        (json!({ "kind": "majorities-ring" }), "majorities ring"),
        (
            json!({ "kind": "degrade", "link": link }),
            "degrade links: 1..2 us, loss 50 %, duplicate 0 %, reorder 0 %",
        ),
        (json!({ "kind": "break-streams", "target": member }), "break the streams to member 2"),
        (json!({ "kind": "crash", "target": member }), "crash member 2"),
        (json!({ "kind": "crash-all" }), "crash all members"),
        (json!({ "kind": "pause", "target": member }), "pause member 2"),
        (json!({ "kind": "pause-client", "target": { "holder": 0 } }), "pause holder 0"),
        (json!({ "kind": "pause-client", "target": { "named": "writer 1" } }), "pause writer 1"),
        (
            json!({ "kind": "slow-disk", "target": member, "factor": 5 }),
            "slow down the disk of member 2 5 times",
        ),
        (
            json!({ "kind": "clock-drift", "target": member, "ppm": -7 }),
            "let the clock of member 2 drift by -7 ppm",
        ),
        (json!({ "kind": "transfer-leader", "to": member }), "transfer leadership to member 2"),
        (json!({ "kind": "proxy-crash", "proxy": 1 }), "crash proxy 1"),
        (json!({ "kind": "proxy-crash-all" }), "crash all proxies"),
        (json!({ "kind": "crash-process", "target": { "named": "api" } }), "kill api"),
        (json!({ "kind": "pause-process", "target": { "process": 1 } }), "pause process 1"),
        (json!({ "kind": "cut-process", "target": { "process": 0 } }), "cut off process 0"),
        (json!({ "kind": "proxy-pause", "proxy": 1 }), "pause proxy 1"),
        (json!({ "kind": "proxy-cut", "proxy": 1, "from": "both" }), "cut proxy 1 off from everybody"),
        (
            json!({ "kind": "clock-jump", "target": member, "ms": -7 }),
            "set the wall clock of member 2 by -7 ms",
        ),
        (
            json!({ "kind": "degrade", "link": rough }),
            "degrade links: 1..2 us, loss 50 %, duplicate 0 %, reorder 0 %, corrupt 25 %, spikes 75 %, bursts of 9, 50 B/ms",
        ),
        (
            json!({ "kind": "break-mid-frame", "target": member }),
            "break the streams to member 2 in the middle of a frame",
        ),
        (json!({ "kind": "disk-stall", "target": member }), "stall the disk of member 2"),
        (json!({ "kind": "old-disk", "target": member }), "set the disk of member 2 back"),
        (
            json!({ "kind": "failing-disk", "target": member, "works": ["sync"], "error": "io", "times": 1 }),
            "fail sync with EIO on the disk of member 2, 1 times",
        ),
        (
            json!({ "kind": "failing-disk", "target": member, "works": ["append", "replace"], "error": "no-space" }),
            "fail append and replace with ENOSPC on the disk of member 2",
        ),
        (
            json!({ "kind": "bit-rot", "target": member, "file": "wal", "read": false }),
            "rot a bit of the log of member 2",
        ),
        (
            json!({ "kind": "bit-rot", "target": member, "file": "snapshot", "read": true }),
            "misread a bit of the snapshot of member 2",
        ),
        (
            json!({ "kind": "misplaced-write", "target": member, "how": "swapped" }),
            "swap two writes in the log of member 2",
        ),
        (
            json!({ "kind": "crash-at", "target": member, "work": "sync", "after": 3, "takes_effect": true, "in_recovery": false }),
            "crash member 2 after sync 3 from now",
        ),
        (
            json!({ "kind": "failing-power", "after_ms": 20 }),
            "fail a sync of every member, and cut the power 20 ms later",
        ),
    ] {
        let text = form.to_string();
        let fault: Fault =
            serde_json::from_value(form.clone()).unwrap_or_else(|wrong| panic!("{text}: {wrong}"));
        assert_eq!(serde_json::to_value(&fault).unwrap(), form);
        assert_eq!(fault.to_string(), words);
        assert_eq!(fault.name(), form["kind"]);
        let mut more = form;
        more["more"] = json!(1);
        let refused = serde_json::from_value::<Fault>(more).unwrap_err().to_string();
        assert!(refused.contains("unknown field `more`"), "{text}: {refused}");
    }
}
