//! The exit status.

use revline_checker::verdict::Verdicts;
use std::error::Error;
use std::fmt;
use std::process::ExitCode;

/// The exit status of a command that did its work. Bad usage and bad input are an [`Unusable`] instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// All hold.
    Holds,
    /// A guarantee that is undecided.
    Undecided,
    /// A violation, or a run that is not as it was recorded.
    Violated,
}

impl Status {
    /// The status that verdicts lead to.
    pub fn of(verdicts: &Verdicts) -> Status {
        if verdicts.any_violated() {
            Status::Violated
        } else if verdicts.any_unknown() {
            Status::Undecided
        } else {
            Status::Holds
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> ExitCode {
        ExitCode::from(match status {
            Status::Holds => 0,
            Status::Violated => 1,
            Status::Undecided => 3,
        })
    }
}

/// The error of a command whose arguments or input cannot be used. Exit status 2.
#[derive(Debug)]
pub struct Unusable(String);

impl Unusable {
    /// An error for this reason, which names the place and what would be right.
    pub fn new(reason: impl Into<String>) -> Unusable {
        Unusable(reason.into())
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: Error> From<E> for Unusable {
    fn from(error: E) -> Unusable {
        Unusable(error.to_string())
    }
}
