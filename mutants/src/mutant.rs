//! A mutant: one small change of the store's source.

use serde::{Deserialize, Serialize};
use std::ops::Range;

/// The rule by which a place was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Another operator: `<=` for `<`, `||` for `&&`, `-` for `+`.
    Operator,
    /// A condition of an `if`, a `while` or a guard that is always true, or never.
    Condition,
    /// A number one more or one less, `true` for `false`.
    Constant,
    /// A statement left out: an assignment, a call whose value is not used.
    Statement,
    /// A check left out: a call that is there for its error, `check()?;`.
    Check,
    /// A function that returns a default at once.
    Body,
    /// An arm of a match left out, so that the wildcard takes its cases.
    Arm,
    /// `min` or `max` left out.
    Bound,
    /// `None` for `Some(x)`.
    Option,
    /// A field that is set in a struct with a base left out.
    Field,
}

/// The identity of a mutant, the same in every build of the same source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Identity {
    /// The file, from `store/src`.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// The rule.
    pub kind: Kind,
    /// The text there, on one line.
    pub original: String,
    /// The text instead.
    pub mutated: String,
}

/// A mutant and the edit that makes it.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// Its identity.
    pub identity: Identity,
    /// The bytes of the file that it concerns.
    pub range: Range<usize>,
    /// The way in which it is switched.
    pub switch: Switch,
    /// The case in which it makes a difference where it is reached.
    pub differs: Differs,
}

/// The way in which a mutant is written beside the original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Switch {
    /// An expression, and this one instead of it.
    Value(String),
    /// A statement, which is left out.
    LeftOut,
    /// This is inserted; `ON` stands for the question whether the mutant is on.
    Inserted(String),
}

/// The case in which a mutant makes a difference where it is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Differs {
    /// Perhaps always.
    Always,
    /// If the original is true.
    IfTrue,
    /// If the original is false.
    IfFalse,
    /// If the sides of the original comparison, which are these bytes, are equal.
    IfEqual {
        /// The left side.
        left: Range<usize>,
        /// The operator.
        operator: &'static str,
        /// The right side.
        right: Range<usize>,
    },
}

impl Identity {
    /// The part of the store it lies in: `mvcc`, `member/services`.
    pub fn module(&self) -> String {
        let parts: Vec<&str> = self.file.split('/').collect();
        match parts.as_slice() {
            ["member", part, _, ..] => format!("member/{part}"),
            [first, _, ..] => (*first).to_owned(),
            _ => self.file.trim_end_matches(".rs").to_owned(),
        }
    }
}
