//! The operations of a client.

use super::draw::draw_span;
use super::{Action, PlannedOperation};
use crate::operation::Draw;
use crate::operation::api::Features;
use crate::scenario::Scenario;
use revline_sim::entropy::Generator;

/// Calls `action` for each operation of a client, at times that a seed draws.
fn schedule(
    scenario: &Scenario,
    generator: &mut Generator,
    mut action: impl FnMut(&mut Generator, usize) -> Action,
) -> Vec<PlannedOperation> {
    let end_us = scenario.duration_ms * 1_000;
    let mut operations = Vec::new();
    let mut at_us = draw_span(generator, scenario.workload.pause_us);
    while at_us < end_us {
        let action = action(generator, operations.len());
        operations.push(PlannedOperation { at_us, action });
        at_us += draw_span(generator, scenario.workload.pause_us).max(1);
    }
    operations
}

/// Draws the operations of a writer. Values are unique: the writer's number and a count.
pub(super) fn writes(
    scenario: &Scenario,
    features: Features,
    generator: &mut Generator,
    writer: usize,
) -> Vec<PlannedOperation> {
    let rows = scenario.workload.writes.rows();
    schedule(scenario, generator, |generator, count| {
        let value = format!("{writer}-{count}");
        Draw::of_writer(scenario.workload.keys, features, value, generator).operation(&rows)
    })
}

/// Draws the operations of a reader.
pub(super) fn reads(
    scenario: &Scenario,
    features: Features,
    generator: &mut Generator,
) -> Vec<PlannedOperation> {
    let rows = scenario.workload.reads.rows();
    schedule(scenario, generator, |generator, _| {
        Draw::of_reader(scenario.workload.keys, features, generator).operation(&rows)
    })
}
