//! A case: one guarantee in the runs of one scenario.

use super::text::printable;
use crate::RunReport;
use quick_xml::Writer;
use quick_xml::events::{BytesCData, Event};
use revline_checker::verdict::{Fingerprint, Verdict};
use revline_scenarios::known::KnownFailures;
use std::fmt::Write;
use std::io;

/// A case and what came of it.
pub(super) struct Case {
    pub name: String,
    pub outcome: Outcome,
}

/// The outcome of a case: with a message in one line, and the details.
pub(super) enum Outcome {
    Passed,
    Failed(String, String),
    Error(String, String),
    Skipped(String),
}

impl Case {
    /// The case that no run panics.
    pub fn of_panics(runs: &[&RunReport]) -> Case {
        let mut panics = Details::default();
        for run in runs {
            if let Some(panic) = &run.panic {
                panics.add(run, panic, panic);
            }
        }
        let outcome = panics.outcome(Outcome::Error).unwrap_or(Outcome::Passed);
        Case { name: "no run panics".to_owned(), outcome }
    }

    /// The case of a guarantee.
    pub fn of_guarantee(guarantee: &str, runs: &[&RunReport], known: &KnownFailures) -> Case {
        let (mut violated, mut unknown) = (Details::default(), Details::default());
        let (mut examined, mut reason, mut is_judged) = (0, None, false);
        for run in runs {
            let Some(verdict) = run.guarantees.get(guarantee) else { continue };
            is_judged = true;
            examined += verdict.examined();
            match verdict {
                Verdict::Violated { evidence, .. } => {
                    let kind = evidence.kind.clone();
                    match known.of(&Fingerprint { guarantee: guarantee.to_owned(), kind }) {
                        Some(known) => reason = Some(format!("known since {}: {}", known.date, known.reason)),
                        None => violated.add(run, &evidence.message, &evidence.to_string()),
                    }
                }
                Verdict::Unknown { why } => unknown.add(run, why, why),
                Verdict::Holds { .. } | Verdict::Vacuous => {}
            }
        }
        let bad = violated.outcome(Outcome::Failed).or_else(|| unknown.outcome(Outcome::Error));
        let outcome = bad.unwrap_or_else(|| match reason {
            Some(reason) => Outcome::Skipped(reason),
            None if !is_judged => Outcome::Skipped("it is not judged in this scenario".to_owned()),
            None if examined == 0 => Outcome::Skipped("nothing in any run exercised it".to_owned()),
            None => Outcome::Passed,
        });
        Case { name: guarantee.to_owned(), outcome }
    }

    /// Writes it, as a case of this suite.
    pub fn write(&self, writer: &mut Writer<Vec<u8>>, suite: &str) -> io::Result<()> {
        let (name, class) = (printable(&self.name), printable(&format!("revline.{suite}")));
        let element = writer.create_element("testcase");
        let element = element.with_attributes([("name", name.as_str()), ("classname", class.as_str())]);
        let (tag, message, details) = match &self.outcome {
            Outcome::Passed => return element.write_empty().map(drop),
            Outcome::Failed(message, details) => ("failure", message, details.as_str()),
            Outcome::Error(message, details) => ("error", message, details.as_str()),
            Outcome::Skipped(message) => ("skipped", message, ""),
        };
        let message = printable(message).replace('\n', " ");
        element.write_inner_content(|writer| {
            let element = writer.create_element(tag).with_attribute(("message", message.as_str()));
            match printable(details) {
                details if details.is_empty() => element.write_empty(),
                // Some readers lose escaped characters.
                details => element.write_inner_content(|writer| {
                    BytesCData::escaped(&details).try_for_each(|part| writer.write_event(Event::CData(part)))
                }),
            }
            .map(drop)
        })?;
        Ok(())
    }
}

/// The runs in which a case did not pass, in words.
#[derive(Default)]
struct Details {
    runs: u64,
    first: String,
    text: String,
}

impl Details {
    fn add(&mut self, run: &RunReport, message: &str, text: &str) {
        if self.runs == 0 {
            self.first = message.to_owned();
        }
        self.runs += 1;
        let replay = run.replay.as_deref().unwrap_or_default();
        let _ = write!(self.text, "{}: {text}\nreplay: {replay}\n\n", run.name());
    }

    fn outcome(self, of: fn(String, String) -> Outcome) -> Option<Outcome> {
        let message = match self.runs {
            0 => return None,
            1 => self.first,
            2 => format!("{} (and in another run)", self.first),
            runs => format!("{} (and in {} other runs)", self.first, runs - 1),
        };
        Some(of(message, self.text.trim_end().to_owned()))
    }
}
