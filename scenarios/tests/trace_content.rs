//! The trace hash covers what is sent and written: one byte of one value makes another run.

#![allow(clippy::unwrap_used, reason = "a test: a panic is its message")]

use revline_scenarios::operation::Put;
use revline_scenarios::plan::{Action, Plan, Work, draw};
use revline_scenarios::{catalogue, execute};
use revline_sim::trace::{Event, Fingerprint, Record};
use revline_store::defect::Defects;
use std::mem;

fn plan() -> Plan {
    draw(&catalogue::find("steady").unwrap(), 3, Defects::NONE)
}

/// The run, its hash, and whether it is the same but for fingerprints.
fn run(plan: &Plan) -> (u64, Vec<Record>) {
    let outcome = execute(plan, true).unwrap();
    (outcome.trace.hash(), outcome.trace.records().unwrap().to_vec())
}

/// The values that events have, where they have one.
fn told<T>(records: &[Record], of: impl Fn(Event) -> Option<T>) -> Vec<T> {
    records.iter().filter_map(|record| of(record.event)).collect()
}

/// The content of an event, of the kind that is asked for.
type ContentOf = fn(Event) -> Option<Fingerprint>;

/// The kinds of events whose content is compared.
const CONTENTS: [(&str, ContentOf); 4] = [
    ("frames sent", |event| match event {
        Event::FrameSend { content, .. } => Some(content),
        _ => None,
    }),
    ("frames delivered", |event| match event {
        Event::FrameDeliver { content, .. } => Some(content),
        _ => None,
    }),
    ("datagrams", |event| match event {
        Event::Send { content, .. } => Some(content),
        _ => None,
    }),
    ("appends", |event| match event {
        Event::DiskAppend { content, .. } => Some(content),
        _ => None,
    }),
];

fn appended_bytes(event: Event) -> Option<u64> {
    match event {
        Event::DiskAppend { bytes, .. } => Some(bytes),
        _ => None,
    }
}

fn crashed_log(event: Event) -> Option<Fingerprint> {
    match event {
        Event::Crash { log, .. } => Some(log),
        _ => None,
    }
}

/// The kind of message that was sent on a network.
fn message(event: Event) -> Option<&'static str> {
    match event {
        Event::Send { message, .. }
        | Event::Deliver { message, .. }
        | Event::Drop { message, .. }
        | Event::Duplicate { message, .. }
        | Event::FrameSend { message, .. }
        | Event::FrameDeliver { message, .. } => Some(message),
        _ => None,
    }
}

#[test]
fn one_byte_of_one_value_changes_the_hash_of_frames_of_messages_and_of_the_disk() {
    let original = plan();
    let (hash, records) = run(&original);
    // The first value, one in the middle, the last: its first byte, its last.
    for (nth, last_byte) in [(0, false), (0, true), (20, true), (usize::MAX, false)] {
        let mut changed = original.clone();
        let Work::Operations(operations) = &mut changed.clients[0].work else { panic!("a writer") };
        let mut values: Vec<&mut String> = operations
            .iter_mut()
            .filter_map(|operation| match &mut operation.action {
                Action::Put(Put { value, .. }) => Some(value),
                _ => None,
            })
            .collect();
        let at = nth.min(values.len() - 1);
        let value = &mut *values[at];
        let (length, byte) = (value.len(), if last_byte { value.len() - 1 } else { 0 });
        value.replace_range(byte..=byte, "x");
        assert_eq!(value.len(), length);
        let (other_hash, other) = run(&changed);
        assert_ne!(hash, other_hash);
        // Nothing else is another: not when, not how long.
        assert_eq!(records.len(), other.len());
        let shape = |record: &Record| {
            (record.at_ns, mem::discriminant(&record.event), record.node, message(record.event))
        };
        assert!(records.iter().map(shape).eq(other.iter().map(shape)));
        for (what, content) in CONTENTS {
            assert_ne!(told(&records, content), told(&other, content), "{what}");
        }
        assert_eq!(told(&records, appended_bytes), told(&other, appended_bytes));
    }
}

#[test]
fn what_a_crash_leaves_on_a_disk_counts_byte_by_byte() {
    let plan = draw(&catalogue::find("crash-restart").unwrap(), 1, Defects::NONE);
    let (hash, records) = run(&plan);
    let crashes = told(&records, crashed_log);
    assert!(!crashes.is_empty());
    let mut other = plan.clone();
    // The tail that a crash leaves is zeros, or is cut off.
    other.simulation.disk.zero_tail = revline_sim::entropy::Probability::percent(100);
    let (other_hash, other) = run(&other);
    assert_ne!(hash, other_hash);
    assert_ne!(crashes, told(&other, crashed_log));
}
