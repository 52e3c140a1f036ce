//! The runs of a figure: each in a world of its own, on as many threads as wanted, and judged.

use super::Effort;
use crate::checker::judge::Judge;
use crate::scenarios::crew::{Proceed, work};
use crate::sim::{Run, SimulationConfig, World, simulate_by_world_clock};
use std::fmt;
use std::ops::Range;

/// A step of the runs of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many runs begin.
    Begin(u64),
    /// One of them ended.
    Ended,
}

/// The reason why there is no figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FigureError {
    /// The runs were ended early.
    Ended,
    /// A run panicked or violated a guarantee: a bug of revline.
    Broken(String),
}

impl fmt::Display for FigureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FigureError::Ended => f.write_str("ended before all runs were"),
            FigureError::Broken(what) => write!(f, "a run of the figure, a bug of revline: {what}"),
        }
    }
}

impl std::error::Error for FigureError {}

/// The runs of one figure.
pub(super) struct Runs<'a> {
    effort: &'a Effort,
    on_step: &'a mut dyn FnMut(Step) -> Proceed,
}

impl<'a> Runs<'a> {
    pub fn new(effort: &'a Effort, on_step: &'a mut dyn FnMut(Step) -> Proceed) -> Runs<'a> {
        Runs { effort, on_step }
    }

    /// The seeds of each point: so many as were asked for, or as the figure needs.
    pub fn seeds(&self, usual: u64, quick: u64) -> Range<u64> {
        0..self.effort.seeds.unwrap_or(if self.effort.is_quick { quick } else { usual })
    }

    /// One of two, by the effort.
    pub fn usual_or_quick<T>(&self, usual: T, quick: T) -> T {
        if self.effort.is_quick { quick } else { usual }
    }

    /// Makes a run for each, and returns what they measured, in the same order.
    pub fn each<I: Sync, T: Send>(
        &mut self,
        items: &[I],
        run: impl Fn(&I) -> Result<T, FigureError> + Sync,
    ) -> Result<Vec<T>, FigureError> {
        let on_step = &mut *self.on_step;
        if on_step(Step::Begin(items.len() as u64)) == Proceed::Stop {
            return Err(FigureError::Ended);
        }
        let mut done: Vec<Option<Result<T, FigureError>>> = items.iter().map(|_| None).collect();
        // However many were done by the time that it was heard of.
        let mut is_ended = false;
        work(
            self.effort.jobs,
            items.len() as u64,
            &|_| true,
            &|position| run(&items[position as usize]),
            &mut |position, measured| {
                let is_broken = measured.is_err();
                done[position as usize] = Some(measured);
                let proceed = if is_broken { Proceed::Stop } else { on_step(Step::Ended) };
                is_ended |= !is_broken && proceed == Proceed::Stop;
                proceed
            },
        );
        // What broke stands for all that was not begun after it.
        if let Some(at) = done.iter().position(|measured| matches!(measured, Some(Err(_)))) {
            done.drain(..at);
        } else if is_ended {
            return Err(FigureError::Ended);
        }
        done.into_iter().map(|measured| measured.unwrap_or(Err(FigureError::Ended))).collect()
    }
}

/// Runs a program in a world, and judges every guarantee.
pub(super) fn judged<T, P, F>(config: &SimulationConfig, program: P) -> Result<Run<T>, FigureError>
where
    T: Send,
    P: FnOnce(World) -> F + Send,
    F: Future<Output = T>,
{
    let run = simulate_by_world_clock(config, false, program);
    let run = run.map_err(|panicked| FigureError::Broken(panicked.to_string()))?;
    let verdicts = Judge::new(&run.history).run();
    match verdicts.violations().next() {
        Some((name, evidence)) => {
            Err(FigureError::Broken(format!("seed {} violates {name}: {evidence}", config.seed)))
        }
        None => Ok(run),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZero;

    fn effort(jobs: usize) -> Effort {
        Effort { seeds: None, is_quick: true, jobs: NonZero::new(jobs).unwrap() }
    }

    #[test]
    fn results_are_in_the_order_of_what_was_asked_for() {
        let items: Vec<u64> = (0..50).collect();
        let double = |item: &u64| Ok(item * 2);
        let doubled: Vec<u64> = items.iter().map(|item| item * 2).collect();
        for jobs in [1, 4] {
            let (effort, mut ended) = (effort(jobs), 0);
            let mut on_step = |step| {
                ended += u64::from(step == Step::Ended);
                Proceed::On
            };
            assert_eq!(Runs::new(&effort, &mut on_step).each(&items, double).unwrap(), doubled);
            assert_eq!(ended, 50);
        }
    }

    #[test]
    fn what_breaks_is_told_and_what_is_ended_early_is_no_figure() {
        let broken = || FigureError::Broken("it".to_owned());
        let fails = |item: &u64| if *item == 3 { Err(broken()) } else { Ok(()) };
        let effort = effort(1);
        let items: Vec<u64> = (0..5).collect();
        let mut on_step = |_| Proceed::On;
        assert_eq!(Runs::new(&effort, &mut on_step).each(&items, fails), Err(broken()));
        let mut on_step = |step| if step == Step::Ended { Proceed::Stop } else { Proceed::On };
        assert_eq!(Runs::new(&effort, &mut on_step).each(&items, |_| Ok(())), Err(FigureError::Ended));
    }
}
