//! Logs of Jepsen's tests of etcd: a register with read, write and compare-and-set.
//!
//! ```text
//! INFO  jepsen.util - 2   :invoke   :cas   [3 0]
//! INFO  jepsen.util - 2   :ok   :cas   [3 0]
//! INFO  jepsen.util - 4   :info   :write   :timed-out
//! ```
//!
//! Fields are separated by tabs or runs of spaces. `:ok` answers, a `:fail` did nothing, an `:info` may still
//! take effect. A `:fail :cas [3 0]` is an answer too: the value was not 3. A `:fail :read :timed-out` taught
//! nothing. Lines of other loggers are passed over.

use super::error::{ImportError, Problem, excerpt};
use super::lines::Lines;
use super::pairing::{Pairing, Returned};
use crate::search::Call;
use crate::spec::register::{RegisterOp, RegisterRet};
use std::io::BufRead;

/// The logger of the operations.
const LOGGER: &str = "jepsen.util";

/// Reads a log.
pub(super) fn read(
    reader: impl BufRead,
    name: &str,
) -> Result<Vec<Call<RegisterOp, RegisterRet>>, ImportError> {
    let mut lines = Lines::new(reader, name);
    let mut pairing = Pairing::new();
    while let Some((number, text)) = lines.next()? {
        take(&mut pairing, number, text).map_err(|problem| lines.error(problem))?;
    }
    pairing.finish().map_err(|problem| lines.error_of_all(problem))
}

/// True if a line tells of an operation.
pub(super) fn is_operation(line: &str) -> bool {
    matches!(message(line), Ok(Some(_)))
}

/// True if a line looks like one of these logs.
pub(super) fn is_line(line: &str) -> bool {
    message(line).is_ok() || line.split_ascii_whitespace().any(|field| field == ":invoke")
}

/// The text after `LEVEL  LOGGER - `, if the logger is Jepsen's.
fn message(line: &str) -> Result<Option<&str>, Problem> {
    let expected = "`LEVEL  logger - message`";
    let (head, message) = line.split_once(" - ").ok_or_else(|| Problem::syntax(expected, line))?;
    let mut head = head.split_ascii_whitespace();
    match (head.next(), head.next(), head.next()) {
        (Some(_), Some(LOGGER), None) => Ok(Some(message)),
        (Some(_), Some(_), _) => Ok(None),
        _ => Err(Problem::syntax(expected, line)),
    }
}

fn take(pairing: &mut Pairing<RegisterOp, RegisterRet>, number: u64, line: &str) -> Result<(), Problem> {
    let Some(message) = message(line)? else { return Ok(()) };
    let (process, rest) = field(message);
    let (kind, rest) = field(rest);
    let (function, value) = field(rest);
    let process =
        process.parse().map_err(|_| Problem::syntax("the number of a process, such as `0`", process))?;
    let function = Function::parse(function)?;
    match kind {
        ":invoke" => pairing.invoke(number, process, function.invoked(value)?),
        ":ok" => {
            let (op, ret) = function.answered(value)?;
            pairing.complete(number, process, |invoked| {
                same(function, op, invoked).map(|()| Returned::Answered(ret))
            })
        }
        ":fail" => {
            let op = function.failed(value)?;
            pairing.complete(number, process, |invoked| {
                same(function, op, invoked)?;
                Ok(match op {
                    Some(RegisterOp::Cas { .. }) => Returned::Answered(RegisterRet::Swapped(false)),
                    _ => Returned::Nothing,
                })
            })
        }
        ":info" => pairing
            .complete(number, process, |invoked| same(function, None, invoked).map(|()| Returned::Unknown)),
        other => Err(Problem::syntax("`:invoke`, `:ok`, `:fail` or `:info`", other)),
    }
}

/// The first field of a line, and the rest.
fn field(text: &str) -> (&str, &str) {
    let text = text.trim_ascii_start();
    let (field, rest) = text.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((text, ""));
    (field, rest.trim_ascii())
}

#[derive(Clone, Copy, PartialEq)]
enum Function {
    Read,
    Write,
    Cas,
}

impl Function {
    fn parse(text: &str) -> Result<Self, Problem> {
        match text {
            ":read" => Ok(Function::Read),
            ":write" => Ok(Function::Write),
            ":cas" => Ok(Function::Cas),
            other => Err(Problem::syntax("`:read`, `:write` or `:cas`", other)),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Function::Read => ":read",
            Function::Write => ":write",
            Function::Cas => ":cas",
        }
    }

    fn of(op: &RegisterOp) -> Self {
        match op {
            RegisterOp::Read => Function::Read,
            RegisterOp::Write(_) => Function::Write,
            RegisterOp::Cas { .. } => Function::Cas,
        }
    }

    /// The operation of an `:invoke`.
    fn invoked(self, value: &str) -> Result<RegisterOp, Problem> {
        match self {
            Function::Read if value == "nil" => Ok(RegisterOp::Read),
            Function::Read => Err(Problem::syntax("`nil`: a read is invoked without a value", value)),
            Function::Write => integer(value).map(RegisterOp::Write),
            Function::Cas => pair(value),
        }
    }

    /// The answer of an `:ok`, and its operation (a read could have been any).
    fn answered(self, value: &str) -> Result<(Option<RegisterOp>, RegisterRet), Problem> {
        Ok(match self {
            Function::Read if value == "nil" => (None, RegisterRet::Value(None)),
            Function::Read => (None, RegisterRet::Value(Some(integer(value)?))),
            Function::Write => (Some(self.invoked(value)?), RegisterRet::Written),
            Function::Cas => (Some(self.invoked(value)?), RegisterRet::Swapped(true)),
        })
    }

    /// The operation of a `:fail`. A reason, such as `:timed-out`, does not say.
    fn failed(self, value: &str) -> Result<Option<RegisterOp>, Problem> {
        match self {
            Function::Read => Ok(None),
            _ if value.starts_with(':') => Ok(None),
            Function::Write | Function::Cas => self.invoked(value).map(Some),
        }
    }
}

/// True if a line returns from what was invoked. The error is what it returns from.
fn same(function: Function, op: Option<RegisterOp>, invoked: &RegisterOp) -> Result<(), String> {
    match op {
        Some(op) if op != *invoked => Err(excerpt(&op.to_string())),
        None if function != Function::of(invoked) => Err(format!("a `{}`", function.name())),
        _ => Ok(()),
    }
}

fn integer(text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| Problem::syntax("an integer, such as `3`", text))
}

fn pair(text: &str) -> Result<RegisterOp, Problem> {
    let expected = "two integers, such as `[3 0]`";
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let mut numbers = inner.ok_or_else(|| Problem::syntax(expected, text))?.split_ascii_whitespace();
    let (Some(from), Some(to), None) = (numbers.next(), numbers.next(), numbers.next()) else {
        return Err(Problem::syntax(expected, text));
    };
    Ok(RegisterOp::Cas { from: integer(from)?, to: integer(to)? })
}
