//! The trace hash covers what is sent and written: one byte of one value makes another run.

#![allow(clippy::unwrap_used, reason = "a test: a panic is its message")]

use revline_scenarios::plan::{Action, Plan, Work, draw};
use revline_scenarios::{catalogue, execute};
use revline_sim::trace::{Kind, Record};
use revline_store::defect::Defects;

fn plan() -> Plan {
    draw(&catalogue::find("steady").unwrap(), 3, Defects::NONE)
}

/// The run, its hash, and whether it is the same but for fingerprints.
fn run(plan: &Plan) -> (u64, Vec<Record>) {
    let outcome = execute(plan, true).unwrap();
    (outcome.trace.hash(), outcome.trace.records().unwrap().to_vec())
}

/// The fingerprints of everything of one kind.
fn fingerprints(records: &[Record], kind: Kind, argument: usize) -> Vec<u64> {
    records.iter().filter(|record| record.kind == kind).map(|record| record.arguments[argument]).collect()
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
                Action::Put { value, .. } => Some(value),
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
        let shape = |record: &Record| (record.at_ns, record.kind, record.node, record.message);
        assert!(records.iter().map(shape).eq(other.iter().map(shape)));
        for (kind, argument) in
            [(Kind::FrameSend, 2), (Kind::FrameDeliver, 2), (Kind::Send, 1), (Kind::DiskAppend, 2)]
        {
            assert_ne!(
                fingerprints(&records, kind, argument),
                fingerprints(&other, kind, argument),
                "{kind:?}"
            );
        }
        assert_eq!(fingerprints(&records, Kind::DiskAppend, 1), fingerprints(&other, Kind::DiskAppend, 1));
    }
}

#[test]
fn what_a_crash_leaves_on_a_disk_counts_byte_by_byte() {
    let plan = draw(&catalogue::find("crash-restart").unwrap(), 1, Defects::NONE);
    let (hash, records) = run(&plan);
    let crashes = fingerprints(&records, Kind::Crash, 1);
    assert!(!crashes.is_empty());
    let mut other = plan.clone();
    // The tail that a crash leaves is zeros, or is cut off.
    other.simulation.disk.zero_tail = revline_sim::entropy::Probability::percent(100);
    let (other_hash, other) = run(&other);
    assert_ne!(hash, other_hash);
    assert_ne!(crashes, fingerprints(&other, Kind::Crash, 1));
}
