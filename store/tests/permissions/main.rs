//! Permissions against a reference that knows them key by key: random users, roles, grants, revokes and requests.
//!
//! Keys and ends are strings of one or two of the bytes `\0`, `a`, `b` and `\xff`, so that empty ranges, ends
//! `"\0"`, prefixes of `\xff` and permissions that only touch are frequent. Everything goes the way of a client:
//! through a member, its log, and its applied state.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test stops where it goes wrong")]

#[path = "../harness/mod.rs"]
mod harness;

mod draw;
mod fuzz;
mod reference;

use fuzz::Fuzz;
use revline_store::defect::{Defect, Defects};

const SEEDS: u64 = 50;
const REQUESTS_EACH: u64 = 2_000;

#[test]
fn no_request_is_judged_otherwise_than_key_by_key() {
    let (mut requests, mut allowed, mut cancelled) = (0, 0, 0);
    for seed in 0..SEEDS {
        let mut fuzz = Fuzz::new(seed, Defects::NONE);
        if let Err(wrong) = fuzz.run(REQUESTS_EACH) {
            panic!("seed {seed}: {wrong}");
        }
        requests += fuzz.requests;
        allowed += fuzz.allowed;
        cancelled += fuzz.watches_cancelled;
    }
    assert_eq!(requests, 100_000);
    // A check that always says the same would be seen, and a change that no watch notices.
    assert!((20_000..80_000).contains(&allowed), "{allowed} were allowed");
    assert!(cancelled > 1_000, "{cancelled} watches were cancelled");
}

#[test]
fn the_reference_sees_that_an_open_end_is_read_too_late() {
    let defects = Defect::OpenEndedRangePermission.into();
    assert!((0..3).all(|seed| Fuzz::new(seed, defects).run(REQUESTS_EACH).is_err()));
}
