//! The table of the documentation: every defect has its row, and what stands there still happens.

use revline_scenarios::plan::draw;
use revline_scenarios::{catalogue, execute};
use revline_store::defect::{Defect, Defects};
use std::collections::BTreeSet;

/// A row: which defect was found in which scenario under which seed, what it violated, and how small the run became.
struct Row {
    defect: Defect,
    scenario: String,
    seed: u64,
    violated: Vec<String>,
    events: u64,
}

fn table() -> Vec<Row> {
    let page = include_str!("../docs/defects.md");
    let (_, after) = page.split_once("<!-- revline hunt --markdown -->\n").expect("the table begins");
    let (table, _) = after.split_once("<!-- end -->").expect("the table ends");
    table.lines().skip(2).map(row).collect()
}

fn row(line: &str) -> Row {
    let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
    let [defect, scenario, seed, _, _, violated, _, after, _] = cells[..] else {
        panic!("nine columns: {line}")
    };
    Row {
        defect: defect.trim_matches('`').parse().expect(line),
        scenario: scenario.to_owned(),
        seed: seed.parse().expect(line),
        violated: violated.split(", ").map(str::to_owned).collect(),
        events: events(after),
    }
}

/// The sum of `4 operations, 1 fault`; `none` is 0.
fn events(cell: &str) -> u64 {
    let counts = cell.split(", ").filter(|part| *part != "none");
    counts.map(|part| part.split(' ').next().and_then(|count| count.parse::<u64>().ok()).expect(cell)).sum()
}

#[test]
fn every_defect_is_shown_by_few_events() {
    let mut rows = table();
    rows.sort_by_key(|row| row.events);
    assert!(rows[rows.len() / 2].events <= 8, "median");
    let large: Vec<Defect> = rows.iter().filter(|row| row.events > 20).map(|row| row.defect).collect();
    assert_eq!(large, [], "more than 20 events");
}

#[test]
fn every_defect_has_its_row() {
    let rows: Vec<Defect> = table().iter().map(|row| row.defect).collect();
    assert_eq!(rows, Defect::ALL.to_vec());
}

#[test]
fn every_defect_is_found_where_the_table_says() {
    for Row { defect, scenario, seed, violated, .. } in table() {
        let scenario = catalogue::find(&scenario).expect("a scenario of the catalogue");
        let outcome = execute(&draw(&scenario, seed, Defects::from(defect)), false).expect("no panic");
        let is_violated =
            |name: &str| outcome.verdicts.get(name).is_some_and(|verdict| verdict.is_violated());
        let wanted: BTreeSet<&str> =
            defect.description().guarantees.iter().copied().filter(|name| is_violated(name)).collect();
        let violated: BTreeSet<&str> = violated.iter().map(String::as_str).collect();
        assert!(!wanted.is_empty(), "{defect} in {}@{seed}", scenario.name);
        assert_eq!(wanted, violated, "{defect} in {}@{seed}", scenario.name);
        // It is the defect that does it: without it the same plan breaks nothing.
        let sound = execute(&draw(&scenario, seed, Defects::NONE), false).expect("no panic");
        assert!(!sound.verdicts.any_violated(), "{}@{seed} without {defect}", scenario.name);
    }
}
