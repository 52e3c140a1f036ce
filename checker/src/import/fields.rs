//! Fields that a form does not have: refused with their place, or passed over and counted.

use super::error::Problem;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Error, Value};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Unknown fields that were passed over, by where they stand, each with how often it came.
pub type Ignored = BTreeMap<String, u64>;

/// The treatment of unknown fields, and those met so far.
#[derive(Debug, Default)]
pub(super) struct Fields {
    /// True if unknown fields are passed over.
    pub(super) ignore: bool,
    pub(super) ignored: Ignored,
}

/// A problem in a JSON object, with the line of the object that it is on, counted from 1.
pub(super) type InObject = (u64, Problem);

/// A field that was not known where it stood.
#[derive(Debug)]
struct Unknown {
    path: String,
    known: &'static [&'static str],
}

impl Fields {
    /// Passes over a field, if that is what is done; otherwise it is the problem. The column is 0 where it is not
    /// known.
    pub(super) fn unknown(&mut self, path: String, known: &[&str], column: usize) -> Result<(), Problem> {
        if !self.ignore {
            let at = if column > 0 { format!(", at column {column}") } else { String::new() };
            return Err(Problem::UnknownField { field: path, known: list(known), at });
        }
        *self.ignored.entry(path).or_default() += 1;
        Ok(())
    }

    /// Reads one JSON object.
    pub(super) fn read<T: DeserializeOwned>(&mut self, object: &[u8]) -> Result<T, InObject> {
        let error = match serde_json::from_slice(object) {
            Ok(read) => return Ok(read),
            Err(error) => error,
        };
        let line = error.line().max(1) as u64;
        let Ok(value) = serde_json::from_slice::<Value>(object) else {
            return Err((line, Problem::json(&error, None)));
        };
        let unknown = RefCell::new(Vec::new());
        let known = Known { value: &value, path: String::new(), unknown: &unknown };
        match serde_path_to_error::deserialize::<_, T>(known) {
            // What was wrong with it were fields alone.
            Ok(read) if !unknown.borrow().is_empty() => {
                for Unknown { path, known } in unknown.into_inner() {
                    self.unknown(path, known, error.column()).map_err(|problem| (line, problem))?;
                }
                Ok(read)
            }
            Err(wrong) if self.ignore => {
                let path = wrong.path().to_string();
                Err((line, Problem::json(wrong.inner(), Some(path).filter(|path| path != "."))))
            }
            _ => Err((line, Problem::json(&error, path_of_error::<T>(object)))),
        }
    }
}

/// The path to the value of a wrong kind in an object.
fn path_of_error<T: DeserializeOwned>(object: &[u8]) -> Option<String> {
    let read: Result<T, _> =
        serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_slice(object));
    read.err().map(|error| error.path().to_string()).filter(|path| path != ".")
}

fn list(known: &[&str]) -> String {
    known.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ")
}

/// A value of which only the fields are shown that its reader knows.
struct Known<'v> {
    value: &'v Value,
    path: String,
    unknown: &'v RefCell<Vec<Unknown>>,
}

impl<'v> Known<'v> {
    fn within(&self, value: &'v Value, name: &str) -> Known<'v> {
        let mut path = self.path.clone();
        if !name.is_empty() {
            let dot = if path.is_empty() { "" } else { "." };
            let _ = write!(path, "{dot}{name}");
        }
        Known { value, path, unknown: self.unknown }
    }
}

impl<'de> Deserializer<'de> for Known<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value {
            Value::Array(values) => visitor.visit_seq(KnownSeq { of: &self, rest: values.iter() }),
            value => value.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let Value::Object(object) = self.value else {
            return self.value.deserialize_struct(name, fields, visitor);
        };
        let mut known = Vec::new();
        for (field, value) in object {
            match fields.contains(&field.as_str()) {
                true => known.push((field.as_str(), value)),
                false => {
                    let path = self.within(self.value, field).path;
                    self.unknown.borrow_mut().push(Unknown { path, known: fields });
                }
            }
        }
        visitor.visit_map(KnownMap { of: &self, rest: known.into_iter(), value: None })
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// The elements of a list.
struct KnownSeq<'a, 'v> {
    of: &'a Known<'v>,
    rest: std::slice::Iter<'v, Value>,
}

impl<'v> SeqAccess<'v> for KnownSeq<'_, 'v> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'v>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let next = self.rest.next();
        next.map(|value| seed.deserialize(self.of.within(value, ""))).transpose()
    }
}

/// The fields of an object that are known.
struct KnownMap<'a, 'v> {
    of: &'a Known<'v>,
    rest: std::vec::IntoIter<(&'v str, &'v Value)>,
    value: Option<(&'v str, &'v Value)>,
}

impl<'v> MapAccess<'v> for KnownMap<'_, 'v> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'v>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        self.value = self.rest.next();
        self.value.map(|(field, _)| seed.deserialize(StrDeserializer::new(field))).transpose()
    }

    fn next_value_seed<T: DeserializeSeed<'v>>(&mut self, seed: T) -> Result<T::Value, Error> {
        let (field, value) = self.value.take().ok_or_else(|| Error::custom("a value without a field"))?;
        seed.deserialize(self.of.within(value, field))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        a: i64,
        #[serde(default)]
        list: Vec<Inner>,
        one: Option<Inner>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        b: String,
    }

    fn inner(b: &str) -> Inner {
        Inner { b: b.into() }
    }

    #[test]
    fn an_unknown_field_is_the_problem_or_is_counted() {
        let text = br#"{"a": 1, "list": [{"b": "x", "c": 1},
            {"b": "y", "c": {}}], "d": [], "one": {"b": "z", "a": null}}"#;
        let (line, problem) = Fields::default().read::<Outer>(text).unwrap_err();
        assert_eq!(line, 1);
        let message = problem.to_string();
        assert!(
            message.starts_with("unknown field `d`") || message.starts_with("unknown field `list.c`"),
            "{message}"
        );
        assert!(message.contains("--ignore-unknown-fields"), "{message}");
        let mut fields = Fields { ignore: true, ..Fields::default() };
        let read: Outer = fields.read(text).unwrap();
        assert_eq!(read, Outer { a: 1, list: vec![inner("x"), inner("y")], one: Some(inner("z")) });
        let counts: Vec<_> = fields.ignored.iter().map(|(path, count)| (path.as_str(), *count)).collect();
        assert_eq!(counts, [("d", 1), ("list.c", 2), ("one.a", 1)]);
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_never_passed_over() {
        for ignore in [false, true] {
            let mut fields = Fields { ignore, ..Fields::default() };
            for (text, said) in [
                (&br#"{"a": "1"}"#[..], "`a`: invalid type: string"),
                (br#"{"a": 1, "list": [{"b": "x"}, {"b": 7}]}"#, "`list[1].b`: invalid type: integer `7`"),
                (br#"{"a": 1, "one": []}"#, "invalid"),
                (br#"{"list": []}"#, "missing field `a`"),
                (br#"{"a": 1, "a": 2}"#, "duplicate field `a`"),
                (br#"{"a": 1, "one": {"b": true}, "d": 1}"#, "`one.b`: invalid type: boolean"),
            ] {
                let (_, problem) = fields.read::<Outer>(text).unwrap_err();
                assert!(problem.to_string().contains(said), "{problem}");
            }
        }
    }
}
