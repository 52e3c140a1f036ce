//! Mutation of the store: many small bugs in one binary, each of which a guarantee should see.
//!
//! A copy of the workspace is made in which the store has [mutants](find) beside the original text, [switched](rewrite)
//! by an environment variable. A [sample] of them is swept over the catalogue, one process for each.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::disallowed_macros,
    reason = "a tool for people: it reads files and the clock, and starts processes"
)]

mod arguments;
mod build;
mod find;
mod mutant;
mod no_bugs;
mod pool;
mod reach;
mod results;
mod rewrite;
mod runner;
mod sample;
mod table;
mod trial;
mod unit_tests;
mod workshop;

use arguments::Arguments;
use clap::Parser;
use std::process::ExitCode;

/// An error: a place and a reason.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {why}")]
pub struct Failure {
    place: String,
    why: String,
}

impl Failure {
    fn at(place: impl std::fmt::Display, why: impl std::fmt::Display) -> Failure {
        Failure { place: place.to_string(), why: why.to_string() }
    }
}

fn main() -> ExitCode {
    match trial::run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(2)
        }
    }
}
