//! The marks that the runs of a sweep reached.

use revline_scenarios::marks::{Marks, every, reason_of};
use serde::Serialize;
use std::collections::BTreeMap;

/// For each mark, the number of runs that reached it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkTally {
    /// By position in the list of all marks.
    runs: Vec<u64>,
}

impl Default for MarkTally {
    fn default() -> Self {
        MarkTally { runs: vec![0; every().len()] }
    }
}

impl MarkTally {
    /// Counts a run that reached these.
    pub(super) fn add(&mut self, marks: Option<Marks>) {
        marks.iter().flat_map(Marks::positions).for_each(|position| self.runs[position] += 1);
    }

    /// Counts the runs of another tally.
    #[cfg(feature = "folder")]
    pub(crate) fn merge(&mut self, other: &MarkTally) {
        self.runs.iter_mut().zip(&other.runs).for_each(|(own, more)| *own = own.saturating_add(*more));
    }

    /// Counts the runs of a document: those that reached each mark, by its name. Returns the first name that is no mark's.
    #[cfg(feature = "folder")]
    pub(crate) fn add_runs(&mut self, runs: &BTreeMap<String, u64>) -> Result<(), String> {
        for (mark, count) in runs {
            let Some(position) = every().iter().position(|own| own == mark) else { return Err(mark.clone()) };
            self.runs[position] = self.runs[position].saturating_add(*count);
        }
        Ok(())
    }

    /// The marks that some run reached, each with the number of runs.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let by_mark = every().iter().map(String::as_str).zip(self.runs.iter().copied());
        by_mark.filter(|(_, runs)| *runs > 0)
    }

    /// The number of marks that some run reached.
    pub fn reached(&self) -> usize {
        self.runs.iter().filter(|runs| **runs > 0).count()
    }

    /// The marks that no run reached, of those that a run can reach.
    pub fn never(&self) -> impl Iterator<Item = &'static str> {
        let marks = every().iter().zip(&self.runs);
        marks.filter(|(mark, runs)| **runs == 0 && reason_of(mark).is_none()).map(|(mark, _)| mark.as_str())
    }

    /// The form in `--json`.
    pub(crate) fn document(&self) -> MarksDocument {
        MarksDocument { reached: self.reached(), never: self.never().collect(), runs: self.runs().collect() }
    }
}

/// The marks in a document.
#[derive(Debug, Serialize)]
pub(crate) struct MarksDocument {
    /// The number of marks reached.
    reached: usize,
    /// Those that no run reached, of those that a run can reach.
    never: Vec<&'static str>,
    /// The number of runs that reached each.
    runs: BTreeMap<&'static str, u64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RunReport;
    use revline_scenarios::catalogue;
    use revline_scenarios::plan::draw;
    use revline_scenarios::sweep::run_one;
    use std::time::Duration;

    #[test]
    fn a_tally_counts_runs_and_names_the_marks_of_none() {
        let mut scenario = catalogue::find("steady").expect("it is in the catalogue");
        scenario.duration_ms = 500;
        let mut tally = MarkTally::default();
        let marks = |tally: &MarkTally| (tally.reached(), tally.never().count());
        let (_, can_be) = marks(&tally);
        for seed in 0..2 {
            let plan = draw(&scenario, seed, Default::default());
            tally.add(RunReport::of(&run_one(plan, &|| Duration::ZERO)).marks);
        }
        let (reached, never) = marks(&tally);
        assert!(reached > 100 && reached + never == can_be, "{reached} and {never} of {can_be}");
        let document = tally.document();
        assert_eq!(document.runs["PutRequest.lease zero"], 2);
        assert!(document.never.contains(&"RangeRequest.limit negative"));
        assert!(!document.never.contains(&"Call.call zero"), "none can reach it");
    }
}
