//! The results in Markdown.

use crate::mutant::Identity;
use crate::results::Trial;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The counts of some mutants.
#[derive(Default)]
struct Counts {
    all: usize,
    by_guarantee: usize,
    by_mark: usize,
    by_unit_test: usize,
    alive: usize,
    never_reached: usize,
    pending: usize,
}

impl Counts {
    fn add(&mut self, trial: &Trial) {
        self.all += 1;
        if trial.seeds == 0 {
            self.pending += 1;
        } else if trial.seen.is_some() {
            self.by_guarantee += 1;
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
        let Counts { all, by_guarantee, by_mark, by_unit_test, alive, never_reached, pending } = self;
        let tried = all - pending;
        let share = (by_guarantee * 100).checked_div(tried).unwrap_or(0);
        format!(
            "| {name} | {tried} | {by_guarantee} | {share} % | {by_mark} | {by_unit_test} | {alive} | {never_reached} |\n"
        )
    }
}

/// The table by module, by guarantee, by rule, and the list of those alive.
pub fn markdown(trials: &[Trial]) -> String {
    let mut out = String::new();
    out += &table("module", trials, |trial| trial.mutant.module());
    out += &table("rule", trials, |trial| format!("{:?}", trial.mutant.kind).to_lowercase());
    let mut killers: BTreeMap<&str, usize> = BTreeMap::new();
    for seen in trials.iter().filter_map(|trial| trial.seen.as_ref()) {
        *killers.entry(&seen.kill.guarantee).or_default() += 1;
    }
    let mut killers: Vec<_> = killers.into_iter().collect();
    killers.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
    out += "\n| killed by | mutants |\n| --- | ---: |\n";
    killers.iter().for_each(|(name, count)| _ = writeln!(out, "| {name} | {count} |"));
    let mut runs: Vec<u64> =
        trials.iter().filter(|trial| trial.seen.is_some()).map(|trial| trial.runs).collect();
    runs.sort_unstable();
    if let Some(median) = runs.get(runs.len() / 2) {
        let _ =
            writeln!(out, "\nRuns until a mutant is killed: median {median}, most {}.", runs[runs.len() - 1]);
    }
    out += "\nAlive:\n\n";
    let mut alive: Vec<&Trial> =
        trials.iter().filter(|trial| trial.seen.is_none() && trial.seeds > 0).collect();
    alive.sort_by(|a, b| a.mutant.cmp(&b.mutant));
    for trial in alive {
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

fn table(title: &str, trials: &[Trial], group: impl Fn(&Trial) -> String) -> String {
    let (mut groups, mut all): (BTreeMap<String, Counts>, Counts) = Default::default();
    for trial in trials {
        groups.entry(group(trial)).or_default().add(trial);
        all.add(trial);
    }
    let mut out = format!(
        "\n| {title} | tried | killed by a guarantee | | by a mark only | by unit tests only | alive | never reached |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
    );
    groups.iter().for_each(|(name, counts)| out += &counts.row(name));
    out + &all.row("all")
}
