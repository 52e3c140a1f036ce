//! Jepsen's `history.edn`: registers with compare-and-set, and mutexes, one or one for each key.
//!
//! ```text
//! {:process 0, :type :invoke, :f :read, :value nil, :time 1, :index 0}
//! #jepsen.history.Op{:index 1, :time 2, :type :ok, :process 0, :f :read, :value 3}
//! {:process 1, :type :invoke, :f :cas, :value [7 [3 0]]}
//! ```
//!
//! One operation to a line, or all in one vector; jepsen.history's record is a map with a tag. The history is in order:
//! `:time` and `:index` say no more. An `:ok` answers, a `:fail` did nothing and says nothing of what was there, an
//! `:info` may still take effect. Processes that are keywords (`:nemesis`) are no clients and are passed over. With
//! independent keys, each value is `[k v]`.

use super::Imported;
use super::edn::{self, Maps};
use super::error::{ImportError, Problem, excerpt};
use super::fields::{Fields, Ignored};
use super::pairing::{Pairing, Returned};
use crate::spec::mutex::{MutexOp, MutexRet};
use crate::spec::of_key::{Key, OfKey};
use crate::spec::register::{RegisterOp, RegisterRet};
use clojure_reader::edn::Edn;
use std::io::{BufRead, Read};
use std::sync::Arc;

/// The longest history that is read.
const LONGEST_BYTES: u64 = 1 << 30;

/// Fields of an operation that are judged, and those that are known and are not.
const KNOWN: [&str; 16] = [
    "process",
    "type",
    "f",
    "value", // These say no more than the order does.
    "time",
    "index", // Why an operation failed; that it did is in its type.
    "error",
    "exception",
    "debug", // Where and how it was asked.
    "node",
    "link",
    "final?",
    "generator",
    "clock-offsets",
    "thread",
    "process-name",
];

/// A value as EDN writes it: equal values have equal texts.
type Form = Arc<str>;

/// True if a text looks like an operation of these histories: not porcupine's, whose operations have a key.
pub(super) fn is_operation(text: &str) -> bool {
    let mut maps = Maps::new(text);
    let Ok(Some((_, map))) = maps.next() else { return false };
    matches!(edn::read(map), Ok(form) if fields_of(&form).is_some_and(|fields| {
        fields.iter().any(|(name, _)| *name == "process") && fields.iter().all(|(name, _)| *name != "key")
    }))
}

/// Reads a history; `ignore_unknown_fields`: they are passed over, and returned.
pub(super) fn read(
    reader: impl BufRead,
    name: &str,
    ignore_unknown_fields: bool,
) -> Result<(Imported, Ignored), ImportError> {
    let error = |line: u64, problem| ImportError { name: name.to_owned(), line, problem };
    let mut bytes = Vec::new();
    reader.take(LONGEST_BYTES + 1).read_to_end(&mut bytes).map_err(|io| error(0, io.into()))?;
    if bytes.len() as u64 > LONGEST_BYTES {
        return Err(error(0, Problem::LongHistory { limit: LONGEST_BYTES }));
    }
    let text = std::str::from_utf8(&bytes).map_err(|utf8| {
        let line = 1 + bytes[..utf8.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() as u64;
        let before = bytes[..utf8.valid_up_to()].rsplit(|byte| *byte == b'\n').next().map_or(0, <[u8]>::len);
        error(line, Problem::NotText { at: before + 1 })
    })?;
    let mut fields = Fields { ignore: ignore_unknown_fields, ..Fields::default() };
    let mut steps = Vec::new();
    let mut maps = Maps::new(text);
    while let Some((line, map)) = maps.next().map_err(|(line, problem)| error(line, problem))? {
        let form = edn::read(map).map_err(|problem| error(line, problem))?;
        let step = Step::of(&form, &mut fields).map_err(|problem| error(line, problem))?;
        steps.extend(step.map(|step| (line, step)));
    }
    let imported = Workload::of(&steps)
        .and_then(|workload| workload.calls(&steps))
        .map_err(|(line, problem)| error(line, problem))?;
    Ok((imported, fields.ignored))
}

/// The fields of a map, which may have a tag; `None` if it is none.
fn fields_of<'f, 'e>(form: &'f Edn<'e>) -> Option<Vec<(&'f str, &'f Edn<'e>)>> {
    let form = if let Edn::Tagged(_, form) = form { form } else { form };
    let Edn::Map(map) = form else { return None };
    map.iter()
        .map(|(name, value)| if let Edn::Key(name) = name { Some((*name, value)) } else { None })
        .collect()
}

/// A line of the history: a client's step.
struct Step {
    process: u64,
    kind: Kind,
    function: String,
    value: Value,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Invoke,
    Ok,
    Fail,
    Info,
}

/// A value, as far as operations are made of it.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Nil,
    /// Two values in a vector.
    Pair(Box<Value>, Box<Value>),
    /// Anything else.
    Other(Form),
}

impl Value {
    fn of(form: &Edn<'_>) -> Self {
        match form {
            Edn::Nil => Value::Nil,
            Edn::Vector(items) => match &items[..] {
                [one, two] => Value::Pair(Box::new(Value::of(one)), Box::new(Value::of(two))),
                _ => Value::Other(form.to_string().into()),
            },
            _ => Value::Other(form.to_string().into()),
        }
    }

    fn form(&self) -> Form {
        match self {
            Value::Nil => "nil".into(),
            Value::Pair(one, two) => format!("[{} {}]", one.form(), two.form()).into(),
            Value::Other(form) => form.clone(),
        }
    }

    /// True if it can be the reason why an operation has no answer.
    fn is_reason(&self) -> bool {
        match self {
            Value::Nil => true,
            Value::Pair(..) => false,
            Value::Other(form) => form.starts_with([':', '"']),
        }
    }
}

impl Step {
    /// The step of an operation; `None` for one of a process that is no client.
    fn of(form: &Edn<'_>, fields: &mut Fields) -> Result<Option<Step>, Problem> {
        let whole = || form.to_string();
        let given = fields_of(form).ok_or_else(|| {
            Problem::syntax("a map with keywords, such as `{:process 0, :type :invoke ...}`", &whole())
        })?;
        let find = |name: &str| given.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
        let needed = |name: &str, expected| find(name).ok_or_else(|| Problem::syntax(expected, &whole()));
        let expected = "`:process` and a number, or a keyword such as `:nemesis`";
        let process = match needed("process", expected)? {
            Edn::Int(process) => u64::try_from(*process).map_err(|_| Problem::syntax(expected, &whole()))?,
            // It is no client, and changes nothing that clients see.
            Edn::Key(_) => return Ok(None),
            other => return Err(Problem::syntax(expected, &other.to_string())),
        };
        for (name, _) in given.iter().filter(|(name, _)| !KNOWN.contains(name)) {
            fields.unknown(
                format!(":{name}"),
                &KNOWN.map(|known| format!(":{known}")).each_ref().map(String::as_str),
                0,
            )?;
        }
        for name in ["time", "index"] {
            if let Some(other) = find(name).filter(|value| !matches!(value, Edn::Int(_))) {
                return Err(Problem::syntax(
                    "`:time` and `:index` with a number",
                    &format!(":{name} {other}"),
                ));
            }
        }
        let expected = "`:type` and `:invoke`, `:ok`, `:fail` or `:info`";
        let kind = match needed("type", expected)? {
            Edn::Key("invoke") => Kind::Invoke,
            Edn::Key("ok") => Kind::Ok,
            Edn::Key("fail") => Kind::Fail,
            Edn::Key("info") => Kind::Info,
            other => return Err(Problem::syntax(expected, &other.to_string())),
        };
        let expected = "`:f` and a keyword, such as `:read`";
        let function = match needed("f", expected)? {
            Edn::Key(function) => (*function).to_owned(),
            other => return Err(Problem::syntax(expected, &other.to_string())),
        };
        let value = find("value").ok_or_else(|| Problem::syntax("`:value`, which may be `nil`", &whole()))?;
        let step = Step { process, kind, function, value: Value::of(value) };
        if step.function == "txn" {
            return Err(Problem::Workload { found: elle(value).to_owned() });
        }
        Ok(Some(step))
    }
}

/// The workload that a txn of elle's belongs to.
fn elle(value: &Edn<'_>) -> &'static str {
    let Edn::Vector(steps) = value else { return "`:txn`" };
    let function = |step: &Edn<'_>| match step {
        Edn::Vector(step) => match step.first() {
            Some(Edn::Key(function)) => Some((*function).to_owned()),
            _ => None,
        },
        _ => None,
    };
    let functions: Vec<String> = steps.iter().filter_map(function).collect();
    if functions.iter().any(|function| function == "append") {
        "`:txn` of elle's list-append"
    } else if functions.iter().any(|function| function == "w") {
        "`:txn` of elle's rw-register"
    } else {
        "`:txn` of elle's list-append or rw-register"
    }
}

/// A problem with its line.
type AtLine = (u64, Problem);

/// The subject of the operations.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Workload {
    is_mutex: bool,
    /// True if every value is a key and a value.
    has_keys: bool,
    /// True if each operation is on a line of its own.
    by_line: bool,
}

impl Workload {
    fn of(steps: &[(u64, Step)]) -> Result<Self, AtLine> {
        let is_mutex = |step: &Step| matches!(step.function.as_str(), "acquire" | "release");
        for (line, step) in steps {
            if !is_mutex(step) && !matches!(step.function.as_str(), "read" | "write" | "cas") {
                return Err((*line, Problem::Workload { found: format!("`:{}`", step.function) }));
            }
        }
        let invoked = || steps.iter().filter(|(_, step)| step.kind == Kind::Invoke);
        let is_pair = |value: &Value| matches!(value, Value::Pair(..));
        let of_read = invoked().find(|(_, step)| step.function == "read" || is_mutex(step));
        let of_cas = invoked().find(|(_, step)| step.function == "cas");
        let has_keys = match (of_read, of_cas) {
            (Some((_, step)), _) => is_pair(&step.value),
            (None, Some((_, step))) => matches!(&step.value, Value::Pair(_, values) if is_pair(values)),
            (None, None) => invoked().next().is_some() && invoked().all(|(_, step)| is_pair(&step.value)),
        };
        let by_line = steps.windows(2).all(|pair| pair[0].0 < pair[1].0);
        Ok(Workload { is_mutex: steps.first().is_some_and(|(_, step)| is_mutex(step)), has_keys, by_line })
    }

    fn calls(&self, steps: &[(u64, Step)]) -> Result<Imported, AtLine> {
        match self.is_mutex {
            true => Ok(Imported::Mutexes(self.paired(steps, Workload::mutex)?)),
            false => Ok(Imported::Registers(self.paired(steps, Workload::register)?)),
        }
    }

    fn paired<Op, Ret>(
        &self,
        steps: &[(u64, Step)],
        read: impl Fn(&Step, &Value) -> Result<(Op, Ret), Problem>,
    ) -> Result<Vec<crate::search::Call<OfKey<Op>, Ret>>, AtLine>
    where
        Op: std::fmt::Display + PartialEq,
    {
        let mut pairing = Pairing::new();
        for (at, (line, step)) in steps.iter().enumerate() {
            let number = if self.by_line { *line } else { at as u64 + 1 };
            let problem = |problem| match self.by_line {
                true => (*line, problem),
                false => (*line, Problem::Entry { entry: number, problem: Box::new(problem) }),
            };
            self.take(&mut pairing, number, step, &read).map_err(problem)?;
        }
        pairing.finish().map_err(|problem| (0, problem))
    }

    fn take<Op, Ret>(
        &self,
        pairing: &mut Pairing<OfKey<Op>, Ret>,
        number: u64,
        step: &Step,
        read: &impl Fn(&Step, &Value) -> Result<(Op, Ret), Problem>,
    ) -> Result<(), Problem>
    where
        Op: std::fmt::Display + PartialEq,
    {
        let is_reason = step.value.is_reason() && matches!(step.kind, Kind::Fail | Kind::Info);
        if is_reason {
            return pairing.complete(number, step.process, |invoked| {
                let is_other = !invoked.op.to_string().starts_with(step.function.as_str());
                match (is_other, step.kind) {
                    (true, _) => Err(format!("a `:{}`", step.function)),
                    (false, Kind::Fail) => Ok(Returned::Nothing),
                    (false, _) => Ok(Returned::Unknown),
                }
            });
        }
        let (key, value) = self.keyed(step)?;
        let (op, ret) = read(step, value)?;
        let op = OfKey { key, op };
        if step.kind == Kind::Invoke {
            return pairing.invoke(number, step.process, op);
        }
        pairing.complete(number, step.process, |invoked| match step.kind {
            _ if op != *invoked => Err(excerpt(&op.to_string())),
            Kind::Fail => Ok(Returned::Nothing),
            Kind::Info => Ok(Returned::Unknown),
            Kind::Ok | Kind::Invoke => Ok(Returned::Answered(ret)),
        })
    }

    /// The key of an operation, and the rest of its value.
    fn keyed<'s>(&self, step: &'s Step) -> Result<(Key, &'s Value), Problem> {
        match &step.value {
            value if !self.has_keys => Ok((None, value)),
            Value::Pair(key, value) if **key != Value::Nil => Ok((Some(key.form()), value)),
            Value::Pair(..) => {
                Err(Problem::Workload { found: "values with versions, `[nil v]`,".to_owned() })
            }
            other => {
                let expected = "a key and a value, such as `[7 nil]`: the first operation has both";
                Err(Problem::syntax(expected, &other.form()))
            }
        }
    }

    /// An operation of a register, and its answer if this is one.
    fn register(step: &Step, value: &Value) -> Result<(RegisterOp<Form>, RegisterRet<Form>), Problem> {
        Ok(match (step.function.as_str(), value) {
            ("read", value) => {
                let is_asked = step.kind != Kind::Ok;
                if is_asked && *value != Value::Nil {
                    let expected = match value {
                        Value::Pair(..) => {
                            return Err(Problem::Workload { found: format!("a read of `{}`", value.form()) });
                        }
                        _ => "`nil`: a read is invoked without a value",
                    };
                    return Err(Problem::syntax(expected, &value.form()));
                }
                (RegisterOp::Read, RegisterRet::Value(Some(value.form())))
            }
            ("write", value) => (RegisterOp::Write(value.form()), RegisterRet::Written),
            ("cas", Value::Pair(from, to)) => {
                (RegisterOp::Cas { from: from.form(), to: to.form() }, RegisterRet::Swapped(true))
            }
            ("cas", other) => {
                return Err(Problem::syntax("the old and the new value, such as `[3 0]`", &other.form()));
            }
            (other, _) => return Err(Problem::syntax("`:read`, `:write` or `:cas`", &format!(":{other}"))),
        })
    }

    /// An operation of a mutex. What it is answered beside that it was is not judged.
    fn mutex(step: &Step, value: &Value) -> Result<(MutexOp, MutexRet), Problem> {
        if step.kind == Kind::Invoke && *value != Value::Nil {
            return Err(Problem::syntax("`nil`: a mutex is asked without a value", &value.form()));
        }
        match step.function.as_str() {
            "acquire" => Ok((MutexOp::Acquire, MutexRet(true))),
            "release" => Ok((MutexOp::Release, MutexRet(true))),
            other => Err(Problem::syntax("`:acquire` or `:release`", &format!(":{other}"))),
        }
    }
}
