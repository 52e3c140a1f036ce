//! Porcupine's logs of a key-value store with get, put and append.
//!
//! ```text
//! {:process 0, :type :invoke, :f :append, :key "0", :value "x 0 0 y"}
//! {:process 0, :type :ok, :f :append, :key "0", :value "x 0 0 y"}
//! {:process 1, :type :invoke, :f :get, :key "0", :value nil}
//! {:process 1, :type :ok, :f :get, :key "0", :value "x 0 0 y"}
//! ```
//!
//! As in Jepsen, a `:fail` did nothing and an `:info` may still take effect.

use super::edn::{self, Value};
use super::error::{ImportError, Problem, excerpt};
use super::lines::Lines;
use super::pairing::{Pairing, Returned};
use crate::bytes::Bytes;
use crate::linearizability::Call;
use crate::spec::append_kv::{AppendKvOp, AppendKvRet};
use std::io::BufRead;

/// Reads a log.
pub(super) fn read(
    reader: impl BufRead,
    name: &str,
) -> Result<Vec<Call<AppendKvOp, AppendKvRet>>, ImportError> {
    let mut lines = Lines::new(reader, name);
    let mut pairing = Pairing::new();
    while let Some((number, text)) = lines.next()? {
        Line::parse(text)
            .and_then(|line| line.take(&mut pairing, number))
            .map_err(|problem| lines.error(problem))?;
    }
    pairing.finish().map_err(|problem| lines.error_of_all(problem))
}

/// Whether a line looks like one of these logs.
pub(super) fn is_line(line: &str) -> bool {
    line.strip_prefix('{').is_some_and(|rest| rest.trim_ascii_start().starts_with(':'))
}

struct Line {
    process: u64,
    kind: String,
    function: String,
    key: Bytes,
    value: Option<Bytes>,
}

impl Line {
    fn parse(text: &str) -> Result<Self, Problem> {
        let (mut process, mut kind, mut function, mut key, mut value) = (None, None, None, None, None);
        for (name, given) in edn::map(text)? {
            match (name.as_str(), given) {
                ("process", Value::Integer(number)) => process = u64::try_from(number).ok(),
                ("type", Value::Keyword(word)) => kind = Some(word),
                ("f", Value::Keyword(word)) => function = Some(word),
                ("key", Value::Text(text)) => key = Some(text.into()),
                ("value", Value::Text(text)) => value = Some(Some(text.into())),
                ("value", Value::Nil) => value = Some(None),
                ("value", Value::Keyword(_)) => value = Some(None),
                ("process" | "type" | "f" | "key" | "value", _) => {}
                // Jepsen adds `:time`, `:index`, `:error` and others.
                _ => {}
            }
        }
        let missing = |expected| Problem::syntax(expected, text);
        Ok(Line {
            process: process.ok_or_else(|| missing("`:process` and a number"))?,
            kind: kind.ok_or_else(|| missing("`:type` and `:invoke`, `:ok`, `:fail` or `:info`"))?,
            function: function.ok_or_else(|| missing("`:f` and `:get`, `:put` or `:append`"))?,
            key: key.ok_or_else(|| missing("`:key` and a text"))?,
            value: value.ok_or_else(|| missing("`:value` and a text or `nil`"))?,
        })
    }

    fn take(self, pairing: &mut Pairing<AppendKvOp, AppendKvRet>, number: u64) -> Result<(), Problem> {
        let process = self.process;
        match self.kind.as_str() {
            "invoke" => pairing.invoke(number, process, self.invoked()?),
            "ok" => {
                let ret = match (self.is_get(), &self.value) {
                    (true, Some(value)) => AppendKvRet::Value(value.clone()),
                    // Nothing was ever written there.
                    (true, None) => AppendKvRet::Value(Bytes::default()),
                    (false, _) => AppendKvRet::Written,
                };
                let op = self.invoked()?;
                pairing
                    .complete(number, process, |invoked| same(&op, invoked).map(|()| Returned::Answered(ret)))
            }
            "fail" | "info" => {
                self.check_function()?;
                let failed = self.kind == "fail";
                pairing.complete(number, process, |invoked| {
                    if self.is_other(invoked) {
                        return Err(format!("a `:{}` of another key or kind", self.function));
                    }
                    Ok(if failed { Returned::Nothing } else { Returned::Unknown })
                })
            }
            other => Err(Problem::syntax("`:type` and `:invoke`, `:ok`, `:fail` or `:info`", other)),
        }
    }

    fn is_get(&self) -> bool {
        self.function == "get"
    }

    fn check_function(&self) -> Result<(), Problem> {
        match self.function.as_str() {
            "get" | "put" | "append" => Ok(()),
            other => Err(Problem::syntax("`:f` and `:get`, `:put` or `:append`", other)),
        }
    }

    /// Whether the line is of another function or key than the operation.
    fn is_other(&self, op: &AppendKvOp) -> bool {
        let function = match op {
            AppendKvOp::Get { .. } => "get",
            AppendKvOp::Put { .. } => "put",
            AppendKvOp::Append { .. } => "append",
        };
        self.function != function || self.key != *op.key()
    }

    fn invoked(&self) -> Result<AppendKvOp, Problem> {
        self.check_function()?;
        let key = self.key.clone();
        match (self.function.as_str(), self.value.clone()) {
            ("get", _) => Ok(AppendKvOp::Get { key }),
            ("put", Some(value)) => Ok(AppendKvOp::Put { key, value }),
            ("append", Some(value)) => Ok(AppendKvOp::Append { key, value }),
            _ => Err(Problem::syntax("`:value` and a text: the operation writes", "nil")),
        }
    }
}

fn same(op: &AppendKvOp, invoked: &AppendKvOp) -> Result<(), String> {
    if op == invoked { Ok(()) } else { Err(excerpt(&op.to_string())) }
}
