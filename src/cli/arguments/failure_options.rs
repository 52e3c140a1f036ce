//! The options for failing runs, of every command that makes many.

use super::values::{Annotations, nonzero};
use crate::cli::status::Unusable;
use clap::Args;
use revline_scenarios::known::KnownFailures;
use std::num::NonZero;
use std::path::PathBuf;

/// The treatment of failing runs.
#[derive(Debug, Args)]
pub struct FailureOptions {
    /// Stop after N failing runs
    #[arg(long, value_name = "N", default_value = "20", value_parser = nonzero, allow_negative_numbers = true, conflicts_with = "fail_fast")]
    pub max_failures: NonZero<u64>,
    /// Stop after the first failing run
    #[arg(long)]
    pub fail_fast: bool,
    /// Folder for the report, and the bundles of failing runs
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub out: PathBuf,
    /// Known violations: a run without others does not count as failed
    #[arg(long, value_name = "FILE")]
    pub known: Option<PathBuf>,
    /// Shrink the smallest run of each group of failures
    #[arg(long)]
    pub shrink: bool,
    /// Write no page (HTML) beside each bundle
    #[arg(long)]
    pub no_page: bool,
    /// Tell a CI system of failures, on stderr; FORM is `github`
    #[arg(long, value_name = "FORM", value_enum, hide_possible_values = true)]
    pub annotations: Option<Annotations>,
}

impl FailureOptions {
    /// The number of failing runs after which no other begins.
    pub fn most(&self) -> u64 {
        if self.fail_fast { 1 } else { self.max_failures.get() }
    }

    /// The violations that are known.
    pub fn known(&self) -> Result<KnownFailures, Unusable> {
        Ok(self.known.as_deref().map(KnownFailures::read).transpose()?.unwrap_or_default())
    }
}
