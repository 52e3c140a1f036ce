//! The choices of an operation: what a seed draws its keys and values from.

use super::api::{Feature, Features};
use crate::keys::key;
use rand::Rng;
use rand::seq::SliceRandom;
use revline_sim::entropy::Generator;

/// The choices of one operation.
pub(crate) struct Draw<'a> {
    /// The number of keys that clients share.
    pub(super) keys: u32,
    /// The random numbers of the client.
    pub(super) generator: &'a mut Generator,
    /// The features of requests that the run has.
    pub(super) features: Features,
    key: Option<String>,
    value: String,
}

impl<'a> Draw<'a> {
    /// For a writer: its key is drawn before its kind. No other operation has its value.
    pub fn of_writer(keys: u32, features: Features, value: String, generator: &'a mut Generator) -> Self {
        let key = Some(any_key(keys, generator));
        Draw { keys, generator, features, key, value }
    }

    /// For a reader, which writes no value.
    pub fn of_reader(keys: u32, features: Features, generator: &'a mut Generator) -> Self {
        Draw { keys, generator, features, key: None, value: String::new() }
    }

    /// Draws a row by its weight, and an operation as the row says.
    pub fn operation<A>(&mut self, rows: &[Weighted<A>]) -> A {
        let row = rows.choose_weighted(self.generator, |row| row.weight);
        (row.expect("a checked workload has a weight over 0").draw)(self)
    }

    /// Returns true for four requests of ten in a run with the feature.
    pub(super) fn often(&mut self, feature: Feature) -> bool {
        self.features.has(feature) && self.generator.gen_bool(0.4)
    }

    /// Returns true for three requests of a hundred in a run with the feature.
    pub(super) fn seldom(&mut self, feature: Feature) -> bool {
        self.features.has(feature) && self.generator.gen_bool(0.03)
    }

    /// Any of the keys.
    pub(super) fn key(&mut self) -> String {
        self.key.take().unwrap_or_else(|| any_key(self.keys, self.generator))
    }

    /// Two to four of the keys, as far as there are so many, in order.
    pub(super) fn several_keys(&mut self) -> Vec<String> {
        let wanted = self.generator.gen_range(2..=4).min(self.keys as usize);
        let mut numbers = rand::seq::index::sample(self.generator, self.keys as usize, wanted).into_vec();
        numbers.sort_unstable();
        numbers.into_iter().map(|number| key(number as u32)).collect()
    }

    /// The value of a write.
    pub(super) fn value(&self) -> String {
        self.value.clone()
    }
}

fn any_key(keys: u32, generator: &mut Generator) -> String {
    key(generator.gen_range(0..keys))
}

/// A row of a mix: an operation by weight.
pub(crate) struct Weighted<A> {
    /// The name of the row in files.
    pub name: &'static str,
    /// Its weight among all of the mix.
    pub weight: u32,
    /// Draws the operation.
    pub(super) draw: fn(&mut Draw<'_>) -> A,
}
