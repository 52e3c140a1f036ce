//! The rules for scenarios and for plans, written once: what a scenario may not ask for, no plan from a file may either.
//!
//! Every number has a [`Bound`] with the reason for it. With them no arithmetic on what a file says can overflow, and no
//! run needs more time or memory than a machine has.

pub(crate) mod limits;
mod requests;
mod world;

pub(crate) use requests::{bytes, lease_id, several, texts};
pub(crate) use revline_sim::bound::{Bound, require};
pub(crate) use world::WorldRules;

pub use revline_sim::bound::Impossible;

use crate::span::Span;
use revline_checker::guarantee::GUARANTEES;
use revline_sim::{MAX_MEMBERS, Prefix};

/// Refuses a name that is no slug: it becomes the name of files.
pub(crate) fn slug(name: &str, field: &str) -> Result<(), Impossible> {
    let of_slug = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    require(
        !name.is_empty() && name.chars().all(of_slug),
        field,
        "a name is made of lower-case letters, digits and dashes",
    )?;
    limits::SCENARIO_NAME_BYTES.check(name.len() as u64, field)
}

/// Refuses a size that no cluster has.
pub(crate) fn members(members: u64, field: impl Into<String>) -> Result<(), Impossible> {
    require(
        (1..=MAX_MEMBERS).contains(&members),
        field,
        format!("a cluster has 1 to {MAX_MEMBERS} members, not {members}"),
    )
}

/// Refuses a share of a hundred above all.
pub(crate) fn percent(percent: u32, field: impl Into<String>) -> Result<(), Impossible> {
    require(percent <= 100, field, format!("at most 100, not {percent}: it is a share of a hundred"))
}

/// Refuses guarantees that do not exist.
pub(crate) fn guarantees(names: &[String], field: &str) -> Result<(), Impossible> {
    for (at, name) in names.iter().enumerate() {
        let known = || GUARANTEES.iter().map(|guarantee| guarantee.name);
        require(
            known().any(|guarantee| guarantee == name),
            format!("{field}[{at}]"),
            format!(
                "there is no guarantee `{}`; there are {}",
                short(name),
                known().collect::<Vec<_>>().join(", ")
            ),
        )?;
    }
    Ok(())
}

/// Refuses the prefix of a namespace that is too long.
pub(crate) fn prefix(prefix: &Prefix, field: impl Into<String>) -> Result<(), Impossible> {
    limits::PREFIX_BYTES.check(prefix.0.len() as u64, field)
}

/// Refuses times that go back.
pub(crate) fn in_order(times: impl Iterator<Item = u64>, field: &str) -> Result<(), Impossible> {
    let mut last = 0;
    for (at, time) in times.enumerate() {
        require(
            time >= last,
            format!("{field}[{at}]"),
            format!("not in order of time: {time} comes after {last}"),
        )?;
        last = time;
    }
    Ok(())
}

/// The middle of a span, at least 1: what is drawn from it takes so long on average.
pub(crate) fn mean(span: Span) -> u64 {
    (span.0.saturating_add(span.1) / 2).max(1)
}

/// The beginning of a text from a file, for messages.
pub(crate) fn short(text: &str) -> String {
    const SHOWN: usize = 40;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
