//! The values of arguments: each that is wrong is told what would be right.

use crate::cli::near_miss::near_miss;
use clap::ValueEnum;
use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use revline_reports::trace::{BadKeyPattern, KeyPattern};
use revline_scenarios::shard::Shard;
use revline_store::defect::Defect;
use std::ffi::OsStr;
use std::num::NonZero;
use std::ops::RangeInclusive;
use std::time::Duration;

/// The forms of annotations, as the command line names them.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Annotations {
    /// Workflow commands of GitHub Actions
    Github,
}

/// The name of a defect. Completions have all of them, messages the nearest.
#[derive(Clone)]
pub struct DefectName;

impl TypedValueParser for DefectName {
    type Value = Defect;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Defect, clap::Error> {
        StringValueParser::new().try_map(|name| defect(&name)).parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(defect_names().map(PossibleValue::new)))
    }
}

fn defect_names() -> impl Iterator<Item = &'static str> {
    Defect::ALL.iter().map(|defect| defect.description().name)
}

fn defect(name: &str) -> Result<Defect, String> {
    name.parse().map_err(|_| {
        let meant = near_miss(name, defect_names());
        let meant = meant.map(|name| format!("did you mean `{name}`? ")).unwrap_or_default();
        format!("there is no such defect; {meant}`revline list defects` shows all")
    })
}

/// A whole number within a range.
fn number(text: &str, range: RangeInclusive<u64>) -> Result<u64, String> {
    let number = text.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| match (*range.start(), *range.end()) {
        (least, u64::MAX) => format!("expected a whole number from {least} to 2^64 - 1"),
        (least, most) => format!("expected a whole number from {least} to {most}"),
    })
}

/// Any whole number.
pub fn from_0(text: &str) -> Result<u64, String> {
    number(text, 0..=u64::MAX)
}

/// A whole number, 1 at least.
pub fn from_1(text: &str) -> Result<u64, String> {
    number(text, 1..=u64::MAX)
}

/// A whole number that is not 0.
pub fn nonzero(text: &str) -> Result<NonZero<u64>, String> {
    number(text, 1..=u64::MAX).map(|number| NonZero::new(number).unwrap_or(NonZero::<u64>::MIN))
}

/// A share in percent.
pub fn percent(text: &str) -> Result<u32, String> {
    number(text, 0..=100).map(|number| number as u32)
}

/// A time, as in `90s`.
pub fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|_| "expected a time, as in `90s` or `10m`".to_owned())
}

/// A simulated time in milliseconds, as traces show it, in nanoseconds.
pub fn milliseconds(text: &str) -> Result<u64, String> {
    let wrong = || "expected milliseconds, as in `1500` or `3762.349311`".to_owned();
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    if !is_number(whole) || !is_number(part) || part.len() > 6 {
        return Err(wrong());
    }
    let part: u64 = format!("{part:0<6}").parse().map_err(|_| wrong())?;
    let whole: u64 = whole.parse().map_err(|_| wrong())?;
    whole.checked_mul(1_000_000).and_then(|whole| whole.checked_add(part)).ok_or_else(wrong)
}

/// A key, or all with a prefix.
pub fn key_pattern(text: &str) -> Result<KeyPattern, String> {
    text.parse().map_err(|error: BadKeyPattern| error.to_string())
}

/// The most runs at once: each takes a thread, and the memory of a whole cluster.
const MAX_JOBS: usize = 1_024;

/// A number of runs at once.
pub fn jobs(text: &str) -> Result<NonZero<usize>, String> {
    let jobs = text.parse::<NonZero<usize>>().ok().filter(|jobs| jobs.get() <= MAX_JOBS);
    jobs.ok_or_else(|| {
        format!(
            "expected a whole number from 1 to {MAX_JOBS}: each run takes a thread, and the memory of a whole cluster"
        )
    })
}

/// A part of a sweep, as in `1/4`.
pub fn shard(text: &str) -> Result<Shard, String> {
    let part = text.split_once('/').and_then(|(index, of)| Some((index.parse().ok()?, of.parse().ok()?)));
    let (index, of) = part.ok_or("expected K/N, as in 1/4")?;
    Shard::new(index, of).ok_or_else(|| format!("there is no part {index} of {of}: K is 1 to N"))
}
