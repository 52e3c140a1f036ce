//! The results in Markdown.

use crate::mutant::Identity;
use crate::results::Trial;
use std::collections::BTreeMap;
use std::fmt::Write;

/// A mutant of the sample.
pub struct Row<'a> {
    /// Its trial.
    pub trial: Trial,
    /// The reason why it is no bug, if it was read and found to be none.
    pub no_bug: Option<&'a str>,
}

/// The counts of some mutants.
#[derive(Default)]
struct Counts {
    all: usize,
    no_bugs: usize,
    by_guarantee: usize,
    by_mark: usize,
    by_unit_test: usize,
    alive: usize,
    never_reached: usize,
    pending: usize,
}

impl Counts {
    fn add(&mut self, row: &Row<'_>) {
        let trial = &row.trial;
        self.all += 1;
        if trial.seeds == 0 {
            self.pending += 1;
        } else if trial.seen.is_some() {
            self.by_guarantee += 1;
        } else if row.no_bug.is_some() {
            self.no_bugs += 1;
            return;
        } else if !trial.marks_missed.is_empty() {
            self.by_mark += 1;
        } else if trial.unit_test.is_some() {
            self.by_unit_test += 1;
        } else {
            self.alive += 1;
        }
        if trial.seeds > 0 && trial.runs_reached == 0 {
            self.never_reached += 1;
        }
    }

    fn row(&self, name: &str) -> String {
        let Counts { all, no_bugs, by_guarantee, by_mark, by_unit_test, alive, never_reached, pending } =
            self;
        let tried = all - pending;
        let share = (by_guarantee * 100).checked_div(tried - no_bugs).unwrap_or(0);
        format!(
            "| {name} | {tried} | {no_bugs} | {by_guarantee} | {share} % | {by_mark} | {by_unit_test} | {alive} | {never_reached} |\n"
        )
    }
}

/// The table by module, by guarantee, by rule, and the list of those alive.
pub fn markdown(rows: &[Row<'_>]) -> String {
    let mut out = String::new();
    out += &table("module", rows, |trial| trial.mutant.module());
    out += &table("rule", rows, |trial| format!("{:?}", trial.mutant.kind).to_lowercase());
    let mut killers: BTreeMap<&str, usize> = BTreeMap::new();
    for seen in rows.iter().filter_map(|row| row.trial.seen.as_ref()) {
        *killers.entry(&seen.kill.guarantee).or_default() += 1;
    }
    let mut killers: Vec<_> = killers.into_iter().collect();
    killers.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
    out += "\n| killed by | mutants |\n| --- | ---: |\n";
    killers.iter().for_each(|(name, count)| _ = writeln!(out, "| {name} | {count} |"));
    let mut runs: Vec<u64> =
        rows.iter().filter(|row| row.trial.seen.is_some()).map(|row| row.trial.runs).collect();
    runs.sort_unstable();
    if let Some(median) = runs.get(runs.len() / 2) {
        let _ =
            writeln!(out, "\nRuns until a mutant is killed: median {median}, most {}.", runs[runs.len() - 1]);
    }
    out += "\nAlive:\n\n";
    let mut rows: Vec<&Row<'_>> = rows.iter().filter(|row| row.trial.seeds > 0).collect();
    rows.sort_by(|a, b| a.trial.mutant.cmp(&b.trial.mutant));
    let alive = rows.iter().filter(|row| row.trial.seen.is_none() && row.no_bug.is_none());
    for Row { trial, .. } in alive {
        let seeds = match trial.seeds_behind_proxies {
            0 => format!("{} seeds", trial.seeds),
            behind => format!("{} and {behind} seeds", trial.seeds),
        };
        let unit =
            trial.unit_test.as_ref().map(|name| format!(", fails the tests `{name}`")).unwrap_or_default();
        let missed: Vec<&str> = trial.marks_missed.iter().map(String::as_str).collect();
        let missed =
            if missed.is_empty() { String::new() } else { format!(", without {}", missed.join(", ")) };
        let _ = writeln!(
            out,
            "- {}; {seeds}, reached in {} of {} runs{missed}{unit}",
            line(&trial.mutant),
            trial.runs_reached,
            trial.runs
        );
    }
    let mut misread = rows.iter().filter(|row| row.trial.seen.is_some() && row.no_bug.is_some()).peekable();
    if misread.peek().is_some() {
        out += "\nSaid to be no bugs, and killed:\n\n";
        misread.for_each(|row| _ = writeln!(out, "- {}", line(&row.trial.mutant)));
    }
    out
}

/// A line for each mutant.
pub fn list<'a>(mutants: impl Iterator<Item = &'a Identity>) -> String {
    mutants.map(line).collect::<Vec<_>>().join("\n")
}

fn line(mutant: &Identity) -> String {
    let Identity { file, line, column, kind, original, mutated } = mutant;
    let kind = format!("{kind:?}").to_lowercase();
    format!("store/src/{file}:{line}:{column}: {kind}: `{}` → `{}`", short(original), short(mutated))
}

fn short(text: &str) -> String {
    match text.char_indices().nth(90) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn table(title: &str, rows: &[Row<'_>], group: impl Fn(&Trial) -> String) -> String {
    let (mut groups, mut all): (BTreeMap<String, Counts>, Counts) = Default::default();
    for row in rows {
        groups.entry(group(&row.trial)).or_default().add(row);
        all.add(row);
    }
    let mut out = format!(
        "\n| {title} | tried | no bug | killed by a guarantee | | by a mark only | by unit tests only | alive | never reached |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
    );
    groups.iter().for_each(|(name, counts)| out += &counts.row(name));
    out + &all.row("all")
}
