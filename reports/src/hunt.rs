//! The defects that were hunted: for people, and as the table of the documentation.

use crate::number::grouped;
use crate::terminal::duration;
use comfy_table::{Table, presets};
use revline_scenarios::hunt::Hunted;
use revline_scenarios::shrink::PlanSize;
use std::fmt::Write;

/// The heads of the columns; the last three only where runs were shrunk.
const COLUMNS: [&str; 9] =
    ["defect", "scenario", "seed", "runs", "simulated", "violated", "before", "after", "shrunk in"];

/// The number of columns of a table.
fn width(hunted: &[Hunted]) -> usize {
    if hunted.iter().any(|one| one.shrunk.is_some()) { COLUMNS.len() } else { COLUMNS.len() - 3 }
}

/// A table, and how many were found.
pub fn text(hunted: &[Hunted]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let width = width(hunted);
    table.set_header(&COLUMNS[..width]);
    for one in hunted {
        table.add_row(&row(one)[..width]);
    }
    let found = hunted.iter().filter(|hunted| hunted.found.is_some()).count();
    let mut text: String = table.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    let panicked: u64 = hunted.iter().map(|hunted| hunted.panicked).sum();
    if panicked > 0 {
        let _ = writeln!(text, "{} runs panicked: what a defect did there was not judged", grouped(panicked));
    }
    let _ = writeln!(text, "{found} of {} found", hunted.len());
    text
}

/// The same as a table in Markdown.
pub fn markdown(hunted: &[Hunted]) -> String {
    let width = width(hunted);
    let mut text = format!("| {} |\n|{}\n", COLUMNS[..width].join(" | "), " --- |".repeat(width));
    for one in hunted {
        let row = row(one);
        let _ = writeln!(text, "| `{}` | {} |", row[0], row[1..width].join(" | "));
    }
    text
}

fn row(hunted: &Hunted) -> [String; COLUMNS.len()] {
    let (scenario, seed, violated) = match &hunted.found {
        Some(found) => (found.scenario.clone(), found.seed.to_string(), found.guarantees.join(", ")),
        None => ("-".to_owned(), "-".to_owned(), format!("MISSED: {}", hunted.wanted.join(", "))),
    };
    let runs = grouped(hunted.runs);
    let [before, after, wall] = match &hunted.shrunk {
        Some(shrunk) => [events(&shrunk.before), events(&shrunk.after), duration(shrunk.wall_ms)],
        None => ["-", "-", "-"].map(str::to_owned),
    };
    let simulated = duration(hunted.simulated_ms);
    [hunted.defect.to_string(), scenario, seed, runs, simulated, violated, before, after, wall]
}

/// The events of a plan, kind by kind.
fn events(size: &PlanSize) -> String {
    let kinds = [
        (size.operations, "operation"),
        (size.watches, "watch"),
        (size.faults, "fault"),
        (size.steps, "step"),
        (size.changes, "change"),
    ];
    let some = kinds.into_iter().filter(|(count, _)| *count > 0);
    let words: Vec<String> = some
        .map(|(count, kind)| match (count, kind) {
            (1, kind) => format!("1 {kind}"),
            (count, "watch") => format!("{} watches", grouped(count)),
            (count, kind) => format!("{} {kind}s", grouped(count)),
        })
        .collect();
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}
