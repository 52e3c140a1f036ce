//! The marks of a sweep: those there are, and those out of reach, with the reason.

pub use revline_sim::marks::{Marks, every};

/// Marks that no run of the catalogue reaches, and why: a mark, or the beginning of several before a `*`, or the end of several after
/// one.
const OUT_OF_REACH: &[(&str, &str)] = &[];

/// The reason for which no run reaches a mark.
pub fn reason_of(mark: &str) -> Option<&'static str> {
    let is_meant = |pattern: &str| match pattern.split_once('*') {
        None => pattern == mark,
        Some((begin, end)) => {
            mark.len() >= begin.len() + end.len() && mark.starts_with(begin) && mark.ends_with(end)
        }
    };
    OUT_OF_REACH.iter().find(|(pattern, _)| is_meant(pattern)).map(|(_, reason)| *reason)
}
