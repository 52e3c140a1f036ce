//! The defects that were hunted: for people, and as the table of the documentation.

use crate::number::grouped;
use crate::terminal::duration;
use comfy_table::{Table, presets};
use revline_scenarios::hunt::Hunted;
use std::fmt::Write;

/// The heads of the columns.
const COLUMNS: [&str; 6] = ["defect", "scenario", "seed", "runs", "simulated", "violated"];

/// A table, and how many were found.
pub fn text(hunted: &[Hunted]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(COLUMNS);
    for one in hunted {
        table.add_row(row(one));
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
    let mut text = format!("| {} |\n|{}\n", COLUMNS.join(" | "), " --- |".repeat(COLUMNS.len()));
    for one in hunted {
        let [defect, rest @ ..] = row(one);
        let _ = writeln!(text, "| `{defect}` | {} |", rest.join(" | "));
    }
    text
}

fn row(hunted: &Hunted) -> [String; COLUMNS.len()] {
    let (scenario, seed, violated) = match &hunted.found {
        Some(found) => (found.scenario.clone(), found.seed.to_string(), found.guarantees.join(", ")),
        None => ("-".to_owned(), "-".to_owned(), format!("MISSED: {}", hunted.wanted.join(", "))),
    };
    let runs = grouped(hunted.runs);
    [hunted.defect.to_string(), scenario, seed, runs, duration(hunted.simulated_ms), violated]
}
