//! The environment variables that steer tests: their seeds, and the random parts that they keep.

use crate::sim::Parts;
use std::env;
use std::fs;
use std::ops::Range;
use std::path::Path;

/// The random parts of the world that the environment keeps: all, or those that `REVLINE_PARTS` lists.
pub(super) fn parts_to_keep() -> Parts {
    let Some(file) = env::var_os("REVLINE_PARTS") else { return Parts::default() };
    let text = fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("REVLINE_PARTS: {}: {error}", Path::new(&file).display()));
    Parts::only(text.lines().map(str::to_owned))
}

/// The seeds to run: those of the test, unless the environment overrides them. One seed has logs.
pub(super) fn seeds(of_test: &Range<u64>) -> Range<u64> {
    let number = |name: &str| {
        let value = env::var(name).ok()?;
        Some(value.parse::<u64>().unwrap_or_else(|_| panic!("{name} is `{value}`; a number was expected")))
    };
    match (number("REVLINE_SEED"), number("REVLINE_SEEDS")) {
        (Some(seed), _) => {
            crate::log::init(Some("info")).unwrap_or_else(|wrong| panic!("{wrong}"));
            seeds_from(seed, 1)
        }
        (None, Some(count)) => seeds_from(of_test.start, count),
        (None, None) => of_test.clone(),
    }
}

fn seeds_from(first: u64, count: u64) -> Range<u64> {
    let end = first.checked_add(count);
    first
        ..end.unwrap_or_else(|| {
            panic!("there are no {count} seeds from {first}: the last is {}", u64::MAX - 1)
        })
}
