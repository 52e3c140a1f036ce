//! Detection: how many seeds it takes until each defect is detected.

use super::runs::{FigureError, Runs};
use crate::reports::figure::{Axis, Figure, Look, Panel, Series, Table};
use crate::scenarios::catalogue;
use crate::scenarios::crew::Proceed;
use crate::scenarios::hunt::Hunt;
use crate::store::defect::Defect;
use std::num::NonZero;
use std::time::Duration;

/// The hunts for each defect, one after another: each begins behind the seed with which the one before it ended.
const HUNTS: usize = 3;

/// The table of the documentation, which says in which scenario a defect was found.
const DEFECTS_PAGE: &str = include_str!("../../docs/defects.md");

/// The hunts for one defect.
#[derive(Clone, Debug)]
struct Hunted {
    defect: Defect,
    scenario: String,
    /// The seeds of each hunt that found it.
    seeds: Vec<u64>,
    /// Seeds after the last of them, in vain.
    in_vain: u64,
}

pub(super) fn draw(runs: &mut Runs<'_>) -> Result<Figure, FigureError> {
    let defects: Vec<Defect> = Defect::ALL.iter().copied().step_by(runs.usual_or_quick(1, 12)).collect();
    let most = runs.seeds(100, 4).end;
    let mut hunted = runs.each(&defects, |&defect| hunt(defect, most))?;
    hunted.sort_by_key(|one| (one.seeds.iter().sum::<u64>() + one.in_vain, one.defect.to_string()));
    let mut table = Table::new(["defect", "scenario", "hunt", "seeds", "detected"]);
    let (mut first, mut later, mut missed) = (Vec::new(), Vec::new(), Vec::new());
    for (at, one) in hunted.iter().enumerate() {
        let row = at as f64;
        for (number, &seeds) in (1..).zip(&one.seeds) {
            table.push([
                one.defect.to_string(),
                one.scenario.clone(),
                number.to_string(),
                seeds.to_string(),
                "yes".to_owned(),
            ]);
            if number == 1 { &mut first } else { &mut later }.push((seeds as f64, row));
        }
        if one.seeds.len() < HUNTS {
            let number = one.seeds.len() + 1;
            table.push([
                one.defect.to_string(),
                one.scenario.clone(),
                number.to_string(),
                one.in_vain.to_string(),
                "no".to_owned(),
            ]);
            if one.seeds.is_empty() {
                missed.push((one.in_vain as f64, row));
            }
        }
    }
    let names = hunted.iter().map(|one| format!("{} ({})", one.defect, one.scenario)).collect();
    Ok(Figure {
        title: "Detection: seeds until a planned defect is detected".to_owned(),
        caption: format!(
            "Each defect is a rule of the store that is switched off. It is hunted in one scenario, that in which the hunt through the whole \
             catalogue found it first (in brackets; docs/defects.md), because a hunt through all takes hours. A hunt runs seed after seed until a \
             guarantee is violated that the defect must violate; the next begins at the seed after that. {HUNTS} hunts for each defect, seeds 0 to {} \
             for all of them together: a mark that is missing needed more.",
            most.saturating_sub(1)
        ),
        panels: vec![Panel {
            title: String::new(),
            x: Axis::log("seeds until it is detected"),
            y: Axis::names("", names),
            series: vec![
                Series::line("first hunt", first).look(Look::Marks),
                Series::line("second and third hunt", later).look(Look::Marks),
                Series::line("not detected with so many seeds", missed).look(Look::Marks),
            ],
        }],
        table,
    })
}

/// Hunts a defect again and again, with so many seeds at most.
fn hunt(defect: Defect, most: u64) -> Result<Hunted, FigureError> {
    let lost =
        || FigureError::Broken(format!("docs/defects.md: `{defect}` has no scenario of the catalogue"));
    let name = scenario_of(defect, DEFECTS_PAGE).ok_or_else(lost)?;
    let scenario = catalogue::find(name).ok_or_else(lost)?;
    let mut hunted = Hunted { defect, scenario: name.to_owned(), seeds: Vec::new(), in_vain: 0 };
    let mut next = 0;
    while next < most && hunted.seeds.len() < HUNTS {
        let hunt = Hunt {
            defect,
            scenarios: vec![scenario.clone()],
            first_seed: next,
            seeds: most - next,
            jobs: NonZero::<usize>::MIN,
        };
        let (found, _) = hunt.run(&|| Duration::ZERO, &mut |_| Proceed::On);
        match found.found {
            Some(found) => {
                hunted.seeds.push(found.seed + 1 - next);
                next = found.seed + 1;
            }
            None => {
                hunted.in_vain = most - next;
                next = most;
            }
        }
    }
    Ok(hunted)
}

/// The scenario in the row of a defect.
fn scenario_of(defect: Defect, page: &str) -> Option<&str> {
    let begin = format!("| `{defect}` | ");
    page.lines().find_map(|line| line.strip_prefix(&begin)?.split(" | ").next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_defect_has_its_scenario() {
        for &defect in Defect::ALL {
            let name = scenario_of(defect, DEFECTS_PAGE).unwrap();
            assert!(catalogue::find(name).is_some(), "{defect}: {name}");
        }
        assert_eq!(scenario_of(Defect::WatchBatchSplit, "| `watch-batch-split-2` | steady | 0 |"), None);
    }
}
