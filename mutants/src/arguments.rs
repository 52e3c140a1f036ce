//! The command line.

use clap::Parser;
use std::num::NonZero;
use std::path::PathBuf;

/// Put many small bugs into the store, one at a time, and look which the guarantees see
#[derive(Debug, Parser)]
#[command(name = "revline-mutants")]
pub struct Arguments {
    /// The number of mutants to try, drawn from all
    #[arg(long, default_value_t = 150)]
    pub sample: usize,
    /// The seed of the sample
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The seeds of each scenario of the catalogue
    #[arg(long, default_value_t = 60)]
    pub seeds: u64,
    /// Draw only from files whose path from `store/src` begins so
    #[arg(long, default_value = "")]
    pub only: String,
    /// Sweep all mutants behind proxies as well, not only those of `proxy`
    #[arg(long)]
    pub behind_proxies: bool,
    /// Try those that lived again: the catalogue or a guarantee has changed
    #[arg(long)]
    pub again: bool,
    /// Try those that live against the store's own tests
    #[arg(long)]
    pub unit_tests: bool,
    /// Stop when this many seconds have passed; the same command goes on
    #[arg(long, value_name = "SECONDS")]
    pub time_limit: Option<u64>,
    /// The number of mutants to try at once
    #[arg(long, default_value = "1")]
    pub jobs: NonZero<usize>,
    /// A run that takes longer, in seconds, hangs
    #[arg(long, default_value_t = 60)]
    pub hang: u64,
    /// The root of the workspace
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/.."))]
    pub root: PathBuf,
    /// The file of results [default: target/mutants/results.jsonl in the workspace]
    #[arg(long, value_name = "FILE")]
    pub results: Option<PathBuf>,
    /// Build with the mutants, list them, and try none
    #[arg(long)]
    pub list: bool,
    /// Show the table of what was tried, and try no more
    #[arg(long)]
    pub table: bool,
}
