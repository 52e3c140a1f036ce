//! The table: a row for each guarantee, a column for each scenario, and one for all of them.

use super::look::Look;
use super::number::{duration, short};
use crate::sweep::{GuaranteeTally, SweepReport, Tally, in_order};
use comfy_table::{CellAlignment, LineStyle, Table, presets};

/// Between two columns.
const GAP: u16 = 2;

/// The line below the head.
const RULE: char = '─';

/// One column: its head, and the tally it shows.
struct Column<'a> {
    head: String,
    tally: &'a Tally,
}

/// The table, in as many blocks as the width asks for, and what its signs mean.
pub fn matrix(report: &SweepReport, total: &Tally, look: Look) -> String {
    let scenarios = report.by_scenario();
    let names = in_order(total.guarantees.keys().map(String::as_str));
    let rows: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut columns: Vec<Column<'_>> =
        scenarios.iter().map(|(name, tally)| Column { head: broken_name(name), tally }).collect();
    if scenarios.len() > 1 {
        columns.push(Column { head: "all".to_owned(), tally: total });
    }
    let mut text = String::new();
    for block in blocks(&columns, &rows, look.width) {
        // Painted when it is laid out: a colour has no width.
        let mut is_below_head = false;
        for row in table(block, &rows).lines() {
            text.push_str(&if is_below_head { look.row(row) } else { row.to_owned() });
            text.push('\n');
            is_below_head |= row.starts_with(RULE);
        }
        text.push('\n');
    }
    text.push_str(&legend(report, total));
    text
}

/// A name as a head: its words, in as few lines as are no wider than the longest of them.
fn broken_name(name: &str) -> String {
    let longest = name.split('-').map(str::len).max().unwrap_or(0);
    let mut lines: Vec<String> = Vec::new();
    for word in name.split('-') {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= longest => {
                line.push('-');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

fn table(columns: &[Column<'_>], rows: &[String]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING.header_separator(LineStyle::none().fill(RULE).junction(RULE)));
    table.set_header(std::iter::once(String::new()).chain(columns.iter().map(|column| column.head.clone())));
    for name in rows {
        let cells = columns.iter().map(|column| cell(column.tally.guarantees.get(name)));
        table.add_row(std::iter::once(name.clone()).chain(cells));
    }
    table.add_row([""]);
    for (name, fact) in FACTS {
        table.add_row(
            std::iter::once((*name).to_owned()).chain(columns.iter().map(|column| fact(column.tally))),
        );
    }
    for (at, column) in table.column_iter_mut().enumerate() {
        // One of the gap is the junction of the line below the head.
        let gap = if at == 0 { 0 } else { GAP - 1 };
        column.set_padding((gap, 0));
        column.set_cell_alignment(if at == 0 { CellAlignment::Left } else { CellAlignment::Right });
    }
    table.trim_fmt()
}

/// A row of the lower part: its name, and what it shows of a tally.
type Fact = (&'static str, fn(&Tally) -> String);

/// The rows about the runs themselves.
const FACTS: &[Fact] = &[
    ("runs", |tally| short(tally.runs)),
    ("operations", |tally| short(tally.operations)),
    ("of unknown outcome", |tally| short(tally.unknown_operations)),
    ("simulated time", |tally| duration(tally.simulated_ms)),
];

/// The cell of a guarantee.
fn cell(tally: Option<&GuaranteeTally>) -> String {
    match tally {
        None => String::new(),
        Some(tally) if tally.violated > 0 => format!("FAIL {}", short(tally.violated)),
        Some(tally) if tally.unknown > 0 => format!("?{}", short(tally.unknown)),
        Some(tally) if tally.examined == 0 => "-".to_owned(),
        Some(tally) => short(tally.examined),
    }
}

/// The legend of the signs that the table uses.
fn legend(report: &SweepReport, total: &Tally) -> String {
    let any = |sign: fn(&GuaranteeTally) -> bool| total.guarantees.values().any(sign);
    let mut parts = vec!["a number: it holds, after so many observations"];
    if any(|tally| tally.violated > 0) {
        parts.push("FAIL n: violated in n runs");
    }
    if any(|tally| tally.unknown > 0) {
        parts.push("?n: undecided in n runs");
    }
    if report.by_scenario().iter().any(|(_, tally)| tally.vacuous().next().is_some()) {
        parts.push("-: nothing to examine");
    }
    format!("{}\n", parts.join("; "))
}

/// The columns in blocks of about the same size, none wider than `width` where that can be.
fn blocks<'c, 't>(
    columns: &'c [Column<'t>],
    rows: &[String],
    width: usize,
) -> impl Iterator<Item = &'c [Column<'t>]> {
    let facts = FACTS.iter().map(|(name, _)| name.len());
    let first = rows.iter().map(String::len).chain(facts).max().unwrap_or(0);
    let widths: Vec<usize> =
        columns.iter().map(|column| usize::from(GAP) + column_width(column, rows)).collect();
    let fits = |size: usize| widths.chunks(size).all(|block| first + block.iter().sum::<usize>() <= width);
    let fewest = (1..=columns.len()).find(|count| fits(columns.len().div_ceil(*count)));
    columns.chunks(columns.len().div_ceil(fewest.unwrap_or(columns.len()).max(1)).max(1))
}

fn column_width(column: &Column<'_>, rows: &[String]) -> usize {
    let head = column.head.lines().map(str::len);
    let cells = rows.iter().map(|name| cell(column.tally.guarantees.get(name)).len());
    let facts = FACTS.iter().map(|(_, fact)| fact(column.tally).len());
    head.chain(cells).chain(facts).max().unwrap_or(0)
}
