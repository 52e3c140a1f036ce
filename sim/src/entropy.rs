//! The sources of random numbers: a generator per part, derived from (seed, name of the part).
//!
//! A part that draws more or fewer numbers leaves every other part as it was. That is what makes a plan
//! with one event taken out comparable to the plan it came from.

pub use rand::Rng;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use std::fmt;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// The generator of one part.
pub type Generator = Xoshiro256PlusPlus;

/// The generator of the part `name` under `seed`.
pub fn generator(seed: u64, name: &str) -> Generator {
    Generator::seed_from_u64(xxh3_64_with_seed(name.as_bytes(), seed))
}

/// Another seed from some moment on: the run is the same until then, and may go another way from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reseed {
    /// The moment, in nanoseconds of simulated time.
    pub at_ns: u64,
    /// The seed from then on.
    pub seed: u64,
}

/// The seeds of a world: one from its beginning, and maybe another from some moment on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seeds {
    first: u64,
    later: Option<Reseed>,
}

impl Seeds {
    /// The seed of the beginning, and the one that follows it.
    pub fn new(first: u64, later: Option<Reseed>) -> Seeds {
        Seeds { first, later }
    }

    /// The seed at a moment.
    pub fn at(self, now_ns: u64) -> u64 {
        self.later.filter(|later| now_ns >= later.at_ns).map_or(self.first, |later| later.seed)
    }
}

impl From<u64> for Seeds {
    fn from(first: u64) -> Seeds {
        Seeds::new(first, None)
    }
}

/// The random numbers of one part, drawn by the moment and not by what was drawn before: a part that did one thing less goes on as it did.
#[derive(Debug)]
pub(crate) struct Draws {
    /// The seeds of this part.
    seeds: Seeds,
    now_ns: u64,
    /// The number of draws at this moment.
    count: u64,
}

impl Draws {
    /// The random numbers of the part `name` under `seed`.
    pub fn new(seeds: impl Into<Seeds>, name: &str) -> Draws {
        let of_part = |seed| xxh3_64_with_seed(name.as_bytes(), seed);
        let Seeds { first, later } = seeds.into();
        let later = later.map(|Reseed { at_ns, seed }| Reseed { at_ns, seed: of_part(seed) });
        Draws { seeds: Seeds::new(of_part(first), later), now_ns: 0, count: 0 }
    }

    /// The next generator of this moment.
    pub fn at(&mut self, now_ns: u64) -> Generator {
        self.count = if now_ns == self.now_ns { self.count + 1 } else { 0 };
        self.now_ns = now_ns;
        let moment = [now_ns, self.count].map(u64::to_le_bytes);
        Generator::seed_from_u64(xxh3_64_with_seed(moment.as_flattened(), self.seeds.at(now_ns)))
    }
}

/// A probability, from 0 (never) to 1 (always).
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Probability(#[schemars(range(min = 0.0, max = 1.0))] f64);

impl Probability {
    /// Never.
    pub(crate) const NEVER: Probability = Probability(0.0);

    /// `value`, or `None` if it is not between 0 and 1.
    pub fn new(value: f64) -> Option<Probability> {
        (0.0..=1.0).contains(&value).then_some(Probability(value))
    }

    /// `percent` of a hundred. Panics over 100.
    pub const fn percent(percent: u32) -> Probability {
        assert!(percent <= 100);
        Probability(percent as f64 / 100.0)
    }

    /// The number between 0 and 1.
    pub fn get(self) -> f64 {
        self.0
    }

    /// The higher of two.
    #[must_use]
    pub fn max(self, other: Probability) -> Probability {
        if other.0 > self.0 { other } else { self }
    }

    /// Decides if it happens this time. Draws no number if it never does.
    pub(crate) fn happens(self, generator: &mut Generator) -> bool {
        self.0 > 0.0 && generator.gen_bool(self.0)
    }
}

impl fmt::Display for Probability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", self.0 * 100.0)
    }
}

impl<'de> Deserialize<'de> for Probability {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = f64::deserialize(deserializer)?;
        Probability::new(value)
            .ok_or_else(|| D::Error::custom(format!("a probability lies between 0 and 1, not at {value}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_has_a_generator_of_its_own() {
        let draw = |seed, name| generator(seed, name).r#gen::<u64>();
        assert_eq!(draw(1, "a"), draw(1, "a"));
        assert_ne!(draw(1, "a"), draw(1, "b"));
        assert_ne!(draw(1, "a"), draw(2, "a"));
    }

    #[test]
    fn what_is_drawn_at_a_moment_does_not_depend_on_what_was_drawn_before() {
        let drawn = |moments: &[u64]| -> Vec<u64> {
            let mut draws = Draws::new(1, "a");
            moments.iter().map(|&at_ns| draws.at(at_ns).r#gen::<u64>()).collect()
        };
        let all = drawn(&[5, 7, 7, 9]);
        assert_eq!(drawn(&[7, 7, 9]), all[1..]);
        assert_eq!(drawn(&[5, 9]), [all[0], all[3]]);
        assert_ne!(all[1], all[2], "two things at one moment are drawn apart");
    }

    #[test]
    fn another_seed_from_a_moment_on_changes_what_is_drawn_from_there() {
        let drawn = |seeds: Seeds| [3, 5, 7].map(|at_ns| Draws::new(seeds, "a").at(at_ns).r#gen::<u64>());
        let (plain, other) = (drawn(1.into()), drawn(2.into()));
        let switched = drawn(Seeds::new(1, Some(Reseed { at_ns: 5, seed: 2 })));
        assert_eq!(switched, [plain[0], other[1], other[2]]);
    }

    #[test]
    fn the_numbers_of_a_seed_are_part_of_the_contract() {
        let mut generator = generator(7, "pinned");
        let drawn: Vec<u32> = (0..3).map(|_| generator.gen_range(0..1000)).collect();
        assert_eq!(drawn, PINNED);
    }

    /// Changing these breaks every bundle ever written.
    const PINNED: [u32; 3] = [846, 943, 783];

    #[test]
    fn a_probability_lies_between_0_and_1() {
        assert!(serde_json::from_str::<Probability>("0.5").is_ok());
        for bad in ["-0.1", "1.1", "\"x\"", "null"] {
            assert!(serde_json::from_str::<Probability>(bad).is_err(), "{bad}");
        }
    }
}
