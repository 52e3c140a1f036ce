//! The report of a sweep as JUnit's XML, which CI systems show: a suite for each scenario, a case for each guarantee.
//!
//! A violation is a failure; a run that stayed undecided, panicked or is missing an error; a case that nothing exercised, or that is known,
//! is skipped: it did not pass.

mod case;
mod text;

use crate::RunReport;
use crate::sweep::plan::Ended;
use crate::sweep::{SweepReport, in_order};
use case::{Case, Outcome};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, Event};
use revline_scenarios::hunt::Hunted;
use std::io;
use text::printable;

/// A suite: the cases of one scenario, those of the sweep itself, or those of a hunt.
struct Suite {
    name: String,
    wall_ms: f64,
    properties: Vec<(&'static str, String)>,
    cases: Vec<Case>,
}

/// The document of a report.
pub fn junit(report: &SweepReport) -> String {
    let suite = |name: &str, runs: &[&RunReport], cases| Suite {
        name: name.to_owned(),
        wall_ms: runs.iter().fold(0.0, |sum, run| sum + run.wall_ms),
        properties: properties(report, runs.len()),
        cases,
    };
    let mut suites = vec![suite("sweep", &[], vec![completeness(report)])];
    let total = report.total();
    let guarantees = in_order(total.guarantees.keys().map(String::as_str));
    for (name, _) in report.by_scenario() {
        let runs: Vec<&RunReport> = report.runs.iter().filter(|run| run.scenario == name).collect();
        let known = &report.plan.known;
        let judged = guarantees.iter().map(|guarantee| Case::of_guarantee(guarantee, &runs, known));
        suites.push(suite(name, &runs, std::iter::once(Case::of_panics(&runs)).chain(judged).collect()));
    }
    document(&suites)
}

/// The document of a hunt: a case for each defect, which fails if it was missed.
pub fn hunt(version: &str, hunted: &[Hunted]) -> String {
    let case = |Hunted { defect, found, wanted, runs, .. }: &Hunted| {
        let missed = || format!("MISSED: in {runs} runs, none of these was violated: {}", wanted.join(", "));
        let outcome = match found {
            Some(_) => Outcome::Passed,
            None => Outcome::Failed(missed(), String::new()),
        };
        Case { name: defect.to_string(), outcome }
    };
    document(&[Suite {
        name: "hunt".to_owned(),
        wall_ms: 0.0,
        properties: vec![("version", version.to_owned())],
        cases: hunted.iter().map(case).collect(),
    }])
}

fn document(suites: &[Suite]) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 1);
    write(&mut writer, suites).expect("memory takes all");
    let mut text = String::from_utf8(writer.into_inner()).expect("text was written");
    text.push('\n');
    text
}

/// The case that all runs of the plan were made.
fn completeness(report: &SweepReport) -> Case {
    let made = report.runs.len();
    let planned = report.plan.runs.map_or("no end of".to_owned(), |runs| runs.to_string());
    let said = |why: &str| format!("{made} runs were made, the plan has {planned} runs: {why}");
    let outcome = if !report.missing_shards.is_empty() {
        let missing: Vec<String> = report.missing_shards.iter().map(u64::to_string).collect();
        Outcome::Error(said(&format!("parts are missing: {}", missing.join(", "))), String::new())
    } else {
        match report.ended {
            Ended::Complete => Outcome::Passed,
            Ended::Time => Outcome::Skipped(said("its time was up")),
            Ended::Failures => Outcome::Skipped(said("it stopped after failing runs")),
            Ended::Interrupted => Outcome::Error(said("it was interrupted"), String::new()),
        }
    };
    Case { name: "every run of the plan".to_owned(), outcome }
}

fn write(writer: &mut Writer<Vec<u8>>, suites: &[Suite]) -> io::Result<()> {
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let counts = counts(suites.iter().flat_map(|suite| &suite.cases));
    let suites_element = writer.create_element("testsuites").with_attribute(("name", "revline"));
    let element = with_counts(suites_element, &counts);
    element.write_inner_content(|writer| suites.iter().try_for_each(|suite| suite.write(writer)))?;
    Ok(())
}

/// The attributes that count cases.
fn counts<'a>(cases: impl Iterator<Item = &'a Case>) -> [(&'static str, String); 4] {
    let mut counts = [("tests", 0), ("failures", 0), ("errors", 0), ("skipped", 0)];
    for case in cases {
        counts[0].1 += 1;
        match case.outcome {
            Outcome::Passed => {}
            Outcome::Failed(..) => counts[1].1 += 1,
            Outcome::Error(..) => counts[2].1 += 1,
            Outcome::Skipped(_) => counts[3].1 += 1,
        }
    }
    counts.map(|(name, count): (_, u64)| (name, count.to_string()))
}

type Element<'a> = quick_xml::writer::ElementWriter<'a, Vec<u8>>;

fn with_counts<'a>(element: Element<'a>, counts: &[(&'static str, String)]) -> Element<'a> {
    element.with_attributes(counts.iter().map(|(name, count)| (*name, count.as_str())))
}

impl Suite {
    fn write(&self, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        let counts = counts(self.cases.iter());
        let element =
            writer.create_element("testsuite").with_attribute(("name", printable(&self.name).as_str()));
        let element = with_counts(element, &counts);
        let element = element.with_attribute(("time", format!("{:.3}", self.wall_ms / 1e3).as_str()));
        element.write_inner_content(|writer| {
            writer.create_element("properties").write_inner_content(|writer| {
                self.properties.iter().try_for_each(|(name, value)| {
                    let value = printable(value);
                    let attributes = [("name", *name), ("value", value.as_str())];
                    writer.create_element("property").with_attributes(attributes).write_empty().map(drop)
                })
            })?;
            self.cases.iter().try_for_each(|case| case.write(writer, &self.name))
        })?;
        Ok(())
    }
}

/// Facts about the sweep, and the number of a suite's runs.
fn properties(report: &SweepReport, runs: usize) -> Vec<(&'static str, String)> {
    let plan = &report.plan;
    let mut properties = vec![
        ("version", report.version.clone()),
        ("first-seed", plan.first_seed.to_string()),
        ("seeds", plan.seeds.map_or("no end".to_owned(), |seeds| seeds.to_string())),
        ("shard", plan.shard.to_string()),
        ("runs", runs.to_string()),
    ];
    if !plan.defects.is_empty() {
        properties.push(("rules switched off", plan.defects.join(", ")));
    }
    if plan.behind_proxies {
        properties.push(("behind-proxies", "true".to_owned()));
    }
    properties
}
