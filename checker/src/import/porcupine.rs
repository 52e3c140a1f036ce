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

use super::edn;
use super::error::{ImportError, Problem, excerpt};
use super::fields::{Fields, Ignored};
use super::lines::Lines;
use super::pairing::{Pairing, Returned};
use crate::bytes::Bytes;
use crate::search::Call;
use crate::spec::append_kv::{AppendKvOp, AppendKvRet};
use clojure_reader::edn::Edn;
use std::io::BufRead;

/// Fields of an operation that are judged, and those that are known and are not.
const KNOWN: [&str; 8] = [":process", ":type", ":f", ":key", ":value", ":time", ":index", ":error"];

/// A log as it was read, and the fields that were passed over.
type Log = (Vec<Call<AppendKvOp, AppendKvRet>>, Ignored);

/// Reads a log; `ignore_unknown_fields`: they are passed over.
pub(super) fn read(
    reader: impl BufRead,
    name: &str,
    ignore_unknown_fields: bool,
) -> Result<Log, ImportError> {
    let mut lines = Lines::new(reader, name);
    let mut pairing = Pairing::new();
    let mut fields = Fields { ignore: ignore_unknown_fields, ..Fields::default() };
    while let Some((number, text)) = lines.next()? {
        Line::parse(text, &mut fields)
            .and_then(|line| line.take(&mut pairing, number))
            .map_err(|problem| lines.error(problem))?;
    }
    let calls = pairing.finish().map_err(|problem| lines.error_of_all(problem))?;
    Ok((calls, fields.ignored))
}

/// True if a line looks like one of these logs.
pub(super) fn is_line(line: &str) -> bool {
    line.strip_prefix('{').is_some_and(|rest| rest.trim_ascii_start().starts_with(':'))
}

struct Line {
    process: u64,
    kind: String,
    function: String,
    key: Bytes,
    /// `None` for nil.
    value: Option<Bytes>,
    /// A keyword: why there is no answer.
    reason: Option<String>,
}

impl Line {
    fn parse(text: &str, fields: &mut Fields) -> Result<Self, Problem> {
        let form = edn::read(text)?;
        let Edn::Map(map) = &form else { return Err(Problem::syntax("`{` at the beginning of a map", text)) };
        let (mut process, mut kind, mut function, mut key, mut value) = (None, None, None, None, None);
        let mut reason = None;
        for (name, given) in map {
            let Edn::Key(name) = name else {
                return Err(Problem::syntax("a key, such as `:process`", &name.to_string()));
            };
            let wrong = |expected| Err(Problem::syntax(expected, &format!(":{name} {given}")));
            match (*name, given) {
                ("process", Edn::Int(number)) if *number >= 0 => process = u64::try_from(*number).ok(),
                ("process", _) => return wrong("`:process` and a number"),
                ("type", Edn::Key(word)) => kind = Some((*word).to_owned()),
                ("type", _) => return wrong("`:type` and `:invoke`, `:ok`, `:fail` or `:info`"),
                ("f", Edn::Key(word)) => function = Some((*word).to_owned()),
                ("f", _) => return wrong("`:f` and `:get`, `:put` or `:append`"),
                ("key", Edn::Str(text)) => key = Some(edn::unescaped(text).into()),
                ("key", _) => return wrong("`:key` and a text"),
                ("value", Edn::Str(text)) => value = Some(Some(edn::unescaped(text).into())),
                ("value", Edn::Nil) => value = Some(None),
                ("value", Edn::Key(word)) => (value, reason) = (Some(None), Some((*word).to_owned())),
                ("value", _) => return wrong("`:value` and a text or `nil`"),
                ("time" | "index", Edn::Int(_)) => {}
                ("time" | "index", _) => return wrong("`:time` and `:index` with a number"),
                // Why there is no answer is not judged.
                ("error", _) => {}
                (other, _) => fields.unknown(format!(":{other}"), &KNOWN, 0)?,
            }
        }
        let missing = |expected| Problem::syntax(expected, text);
        Ok(Line {
            process: process.ok_or_else(|| missing("`:process` and a number"))?,
            kind: kind.ok_or_else(|| missing("`:type` and `:invoke`, `:ok`, `:fail` or `:info`"))?,
            function: function.ok_or_else(|| missing("`:f` and `:get`, `:put` or `:append`"))?,
            key: key.ok_or_else(|| missing("`:key` and a text"))?,
            value: value.ok_or_else(|| missing("`:value` and a text or `nil`"))?,
            reason,
        })
    }

    fn take(self, pairing: &mut Pairing<AppendKvOp, AppendKvRet>, number: u64) -> Result<(), Problem> {
        let process = self.process;
        // Only what has no answer has a reason for it.
        if let (Some(word), "invoke" | "ok") = (&self.reason, self.kind.as_str()) {
            return Err(Problem::syntax("`:value` and a text or `nil`", &format!(":{word}")));
        }
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

    /// True if the line is of another function or key than the operation.
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
            ("get", Some(value)) if self.kind == "invoke" && !value.is_empty() => {
                Err(Problem::syntax("`nil`: a get is invoked without a value", &value.to_string()))
            }
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
