//! The mutant that is on, and the places that were reached.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

static CHOSEN: LazyLock<usize> =
    LazyLock::new(|| std::env::var("REVLINE_MUTANT").ok().and_then(|text| text.parse().ok()).unwrap_or(0));

static REACHED: [AtomicBool; COUNT] = [const { AtomicBool::new(false) }; COUNT];

/// Returns true if this mutant is on, and notes that it was asked for. Numbers begin at 1.
#[inline]
pub fn on(number: usize) -> bool {
    reach(number);
    is(number)
}

/// Returns true if this mutant is on.
#[inline]
pub fn is(number: usize) -> bool {
    *CHOSEN == number
}

/// Notes that this mutant would make a difference here.
#[inline]
pub fn reach(number: usize) {
    REACHED[number - 1].store(true, Relaxed);
}

/// The mutants that would have made a difference.
pub fn reached() -> Vec<usize> {
    (1..=COUNT).filter(|number| REACHED[number - 1].load(Relaxed)).collect()
}

/// Begins anew.
pub fn forget_reached() {
    REACHED.iter().for_each(|reached| reached.store(false, Relaxed));
}
