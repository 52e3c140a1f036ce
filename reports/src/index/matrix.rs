//! The table: a row for each guarantee, a column for each scenario, in blocks that are no wider than a screen or a sheet.

use crate::sweep::{GuaranteeTally, SweepReport, Tally, in_order};
use crate::terminal::short;
use serde::Serialize;

/// The most scenarios of a block.
const COLUMNS: usize = 14;

/// A part of the table.
#[derive(Debug, Serialize)]
pub(super) struct Block {
    heads: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    guarantee: String,
    cells: Vec<Cell>,
}

#[derive(Debug, Serialize)]
struct Cell {
    class: &'static str,
    text: String,
    /// The cell in words.
    title: String,
}

/// The table; all scenarios together are a column of the first block.
pub(super) fn blocks(report: &SweepReport, total: &Tally) -> Vec<Block> {
    let scenarios = report.by_scenario();
    let mut columns: Vec<(&str, &Tally)> = scenarios.iter().map(|(name, tally)| (*name, tally)).collect();
    if columns.len() > 1 {
        columns.insert(0, ("all", total));
    }
    let names = in_order(total.guarantees.keys().map(String::as_str));
    // Blocks of about the same size.
    let size = columns.len().div_ceil(columns.len().div_ceil(COLUMNS).max(1)).max(1);
    let block = |columns: &[(&str, &Tally)]| Block {
        heads: columns.iter().map(|(name, _)| (*name).to_owned()).collect(),
        rows: names
            .iter()
            .map(|name| Row {
                guarantee: (*name).to_owned(),
                cells: columns.iter().map(|(_, tally)| cell(tally.guarantees.get(*name))).collect(),
            })
            .collect(),
    };
    columns.chunks(size).map(block).collect()
}

fn cell(tally: Option<&GuaranteeTally>) -> Cell {
    let Some(tally) = tally else {
        return Cell { class: "none", text: String::new(), title: "not judged".to_owned() };
    };
    let GuaranteeTally { judged, violated, unknown, examined } = tally;
    let (class, text) = match tally {
        _ if *violated > 0 => ("violated", format!("FAIL {}", short(*violated))),
        _ if *unknown > 0 => ("unknown", format!("?{}", short(*unknown))),
        _ if *examined == 0 => ("vacuous", "-".to_owned()),
        _ => ("holds", short(*examined)),
    };
    let title = format!(
        "{judged} runs judged, {violated} violated, {unknown} undecided, {examined} observations examined"
    );
    Cell { class, text, title }
}
