//! The operations of a client.

use super::draw::draw_span;
use super::{Action, FIRST_KEY, PlannedOperation};
use crate::scenario::{Scenario, Workload};
use rand::Rng;
use rand::seq::SliceRandom;
use revline_sim::entropy::Generator;

pub(super) fn key(number: u32) -> String {
    format!("{FIRST_KEY}{number}")
}

fn any_key(workload: &Workload, generator: &mut Generator) -> String {
    key(generator.gen_range(0..workload.keys))
}

fn several_keys(workload: &Workload, generator: &mut Generator) -> Vec<String> {
    let wanted = generator.gen_range(2..=4).min(workload.keys as usize);
    let mut numbers = rand::seq::index::sample(generator, workload.keys as usize, wanted).into_vec();
    numbers.sort_unstable();
    numbers.into_iter().map(|number| key(number as u32)).collect()
}

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

#[derive(Clone, Copy)]
enum Write {
    Put,
    Delete,
    PutSeveral,
    CompareAndSwap,
    Create,
    Replace,
    Get,
    Compact,
    CompactNewest,
    LookBack,
    ListFrom,
    SerializableListFrom,
    DeleteFrom,
    CompareFrom,
}

/// Draws an operation of a writer. Values are unique: the writer's number and a count.
pub(super) fn writes(scenario: &Scenario, generator: &mut Generator, writer: usize) -> Vec<PlannedOperation> {
    let workload = &scenario.workload;
    let mix = &workload.writes;
    let weights = [
        (Write::Put, mix.put),
        (Write::Delete, mix.delete),
        (Write::PutSeveral, mix.put_several),
        (Write::CompareAndSwap, mix.compare_and_swap),
        (Write::Create, mix.create),
        (Write::Replace, mix.replace),
        (Write::Get, mix.get),
        (Write::Compact, mix.compact),
        (Write::CompactNewest, mix.compact_newest),
        (Write::LookBack, mix.look_back),
        (Write::ListFrom, mix.list_from),
        (Write::SerializableListFrom, mix.serializable_list_from),
        (Write::DeleteFrom, mix.delete_from),
        (Write::CompareFrom, mix.compare_from),
    ];
    schedule(scenario, generator, |generator, count| {
        let value = format!("{writer}-{count}");
        let key = any_key(workload, generator);
        match pick(&weights, generator) {
            Write::Put => Action::Put { key, value },
            Write::Delete => Action::Delete { key },
            Write::PutSeveral => Action::PutSeveral { keys: several_keys(workload, generator), value },
            Write::CompareAndSwap => Action::CompareAndSwap { key, value },
            Write::Create => Action::Create { key, value },
            Write::Replace if workload.keys > 1 => {
                let keys = several_keys(workload, generator);
                Action::Replace { from: keys[0].clone(), to: keys[1].clone(), value }
            }
            Write::Replace => Action::Put { key, value },
            Write::Get => Action::Get { key, serializable: false },
            Write::ListFrom => Action::ListFrom { key, serializable: false },
            Write::SerializableListFrom => Action::ListFrom { key, serializable: true },
            Write::DeleteFrom => Action::DeleteFrom { key },
            Write::CompareFrom => Action::CompareFrom { key, value },
            Write::Compact => Action::Compact { behind: generator.gen_range(5..100) },
            Write::CompactNewest => Action::Compact { behind: 0 },
            Write::LookBack => Action::LookBack { key, value, behind: generator.gen_range(0..100) },
        }
    })
}

#[derive(Clone, Copy)]
enum Read {
    Get,
    List,
    SerializableGet,
    SerializableList,
    Several,
    HistoricalList,
    ListFrom,
    SerializableListFrom,
}

/// Draws an operation of a reader.
pub(super) fn reads(scenario: &Scenario, generator: &mut Generator) -> Vec<PlannedOperation> {
    let workload = &scenario.workload;
    let mix = &workload.reads;
    let weights = [
        (Read::Get, mix.get),
        (Read::List, mix.list),
        (Read::SerializableGet, mix.serializable_get),
        (Read::SerializableList, mix.serializable_list),
        (Read::Several, mix.read_several),
        (Read::HistoricalList, mix.historical_list),
        (Read::ListFrom, mix.list_from),
        (Read::SerializableListFrom, mix.serializable_list_from),
    ];
    schedule(scenario, generator, |generator, _| match pick(&weights, generator) {
        Read::Get => Action::Get { key: any_key(workload, generator), serializable: false },
        Read::List => Action::List { serializable: false, behind: 0 },
        Read::SerializableGet => Action::Get { key: any_key(workload, generator), serializable: true },
        Read::SerializableList => Action::List { serializable: true, behind: 0 },
        Read::ListFrom => Action::ListFrom { key: any_key(workload, generator), serializable: false },
        Read::SerializableListFrom => {
            Action::ListFrom { key: any_key(workload, generator), serializable: true }
        }
        Read::Several => Action::ReadSeveral {
            keys: several_keys(workload, generator),
            serializable: generator.gen_bool(0.3),
        },
        Read::HistoricalList => {
            Action::List { serializable: generator.gen_bool(0.5), behind: generator.gen_range(1..60) }
        }
    })
}

fn pick<T: Copy>(weights: &[(T, u32)], generator: &mut Generator) -> T {
    weights
        .choose_weighted(generator, |(_, weight)| *weight)
        .expect("a checked workload has a weight over 0")
        .0
}
