//! Turns: whose plan an exploration makes next, one drawn afresh or one changed, and of which scenario.

use rand::seq::SliceRandom;
use revline_sim::entropy::{Generator, generator};

/// After so many runs of a way to make plans, older ones count half.
const REMEMBERED_RUNS: u64 = 64;

/// The most plans of a hundred that are drawn afresh, if no more are asked for.
const MOST_FRESH_PERCENT: u32 = 80;

/// The yield of one way to make plans: how many of its runs came to a rare mark, as of late.
#[derive(Clone, Copy, Debug, Default)]
struct Yield {
    runs: u64,
    rare: u64,
}

impl Yield {
    fn take(&mut self, is_rare: bool) {
        self.runs += 1;
        self.rare += u64::from(is_rare);
        if self.runs >= REMEMBERED_RUNS {
            self.runs /= 2;
            self.rare /= 2;
        }
    }

    /// The rare among a million runs, as if one of two more had been rare.
    fn per_million(self) -> u64 {
        (self.rare + 1) * 1_000_000 / (self.runs + 2)
    }
}

/// The yields of plans drawn afresh and of changed ones.
///
/// The better one has more turns: fresh plans in the beginning, later changed ones, and fresh ones again where changes come to
/// nothing new. (A two-armed bandit, by proportion.)
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Yields {
    fresh: Yield,
    changed: Yield,
}

impl Yields {
    /// Takes a run: was its plan changed, and did it come to a mark that few runs came to?
    pub fn take(&mut self, is_changed: bool, is_rare: bool) {
        if is_changed { &mut self.changed } else { &mut self.fresh }.take(is_rare);
    }

    /// The share of plans to draw afresh, in percent; never less than `least`.
    pub fn fresh_percent(&self, least: u32) -> u32 {
        let (fresh, changed) = (self.fresh.per_million(), self.changed.per_million());
        let share = (100 * fresh / (fresh + changed)) as u32;
        share.min(MOST_FRESH_PERCENT).max(least).min(100)
    }
}

/// The order in which scenarios are drawn afresh: each once in a round, the first round in their own order.
#[derive(Clone, Debug)]
pub(super) struct Rounds {
    generator: Generator,
    count: usize,
    /// The rest of the round, the next one last.
    rest: Vec<usize>,
}

impl Rounds {
    /// The rounds over so many scenarios.
    pub fn new(seed: u64, count: usize) -> Rounds {
        assert!(count > 0, "an exploration has a scenario");
        Rounds { generator: generator(seed, "rounds"), count, rest: (0..count).rev().collect() }
    }

    /// The position of the next scenario.
    pub fn next(&mut self) -> usize {
        if self.rest.is_empty() {
            self.rest.extend(0..self.count);
            self.rest.shuffle(&mut self.generator);
        }
        self.rest.pop().expect("a round has as many turns as there are scenarios")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_yields_more_has_more_turns() {
        let mut yields = Yields::default();
        assert_eq!(yields.fresh_percent(20), 50);
        for run in 0..50 {
            yields.take(false, run % 2 == 0);
            yields.take(true, false);
        }
        assert_eq!(yields.fresh_percent(20), 80, "some are changed, whatever they yield");
        assert_eq!(yields.fresh_percent(95), 95);
        assert_eq!(yields.fresh_percent(100), 100);
        for run in 0..500 {
            yields.take(false, false);
            yields.take(true, run % 2 == 0);
        }
        assert_eq!(yields.fresh_percent(20), 20, "what was long ago is forgotten");
        assert!(yields.fresh_percent(0) < 10);
    }

    #[test]
    fn each_scenario_has_one_turn_in_a_round() {
        let mut rounds = Rounds::new(3, 7);
        let turns: Vec<Vec<usize>> = (0..4).map(|_| (0..7).map(|_| rounds.next()).collect()).collect();
        assert_eq!(turns[0], [0, 1, 2, 3, 4, 5, 6]);
        for round in &turns {
            let mut sorted = round.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, turns[0]);
        }
        assert_ne!(turns[1], turns[2], "later rounds have an order of their own");
        let mut other = Rounds::new(4, 7);
        assert_ne!((0..28).map(|_| other.next()).collect::<Vec<_>>(), turns.concat());
    }
}
