//! String keys with get, put and append, as in porcupine's key-value tests (anishathalye/porcupine,
//! `porcupine_test.go`, `kvModel`), where they come from the labs of MIT 6.824.

use crate::bytes::Bytes;
use serde::{Deserialize, Serialize};
use stateright::semantics::SequentialSpec;
use std::collections::BTreeMap;
use std::fmt;

/// The keys that are not empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AppendKv(BTreeMap<Bytes, Bytes>);

/// The operations of an [`AppendKv`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppendKvOp {
    /// Read a key. One that was never written is empty.
    Get {
        /// The key.
        key: Bytes,
    },
    /// Replace the value of a key.
    Put {
        /// The key.
        key: Bytes,
        /// Its new value.
        value: Bytes,
    },
    /// Write at the end of the value of a key.
    Append {
        /// The key.
        key: Bytes,
        /// The text appended.
        value: Bytes,
    },
}

/// The answers of an [`AppendKv`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppendKvRet {
    /// The value read.
    Value(Bytes),
    /// It was written.
    Written,
}

impl AppendKvOp {
    /// The one key it is about: calls on different keys have nothing to do with each other.
    pub fn key(&self) -> &Bytes {
        match self {
            AppendKvOp::Get { key } | AppendKvOp::Put { key, .. } | AppendKvOp::Append { key, .. } => key,
        }
    }
}

impl AppendKv {
    /// True if a call changes nothing, however it was answered.
    pub fn is_read(op: &AppendKvOp, _: Option<&AppendKvRet>) -> bool {
        match op {
            AppendKvOp::Get { .. } => true,
            AppendKvOp::Put { .. } => false,
            AppendKvOp::Append { value, .. } => value.is_empty(),
        }
    }

    /// The bytes that the keys hold.
    pub fn heap_bytes(&self) -> usize {
        let of_one = |(key, value): (&Bytes, &Bytes)| {
            2 * size_of::<Bytes>() + key.as_slice().len() + value.as_slice().len()
        };
        self.0.iter().map(of_one).sum()
    }

    /// True if some of `writes` can make of this what answers `op` with `ret`: a value is read that begins with what
    /// is there and goes on with something appended, or begins with something put.
    pub fn may_lead(
        &self,
        op: &AppendKvOp,
        ret: &AppendKvRet,
        writes: &mut dyn Iterator<Item = &AppendKvOp>,
    ) -> bool {
        let (AppendKvOp::Get { key }, AppendKvRet::Value(value)) = (op, ret) else { return true };
        let missing = value.as_slice().strip_prefix(self.get(key));
        if missing.is_some_and(<[u8]>::is_empty) {
            return true;
        }
        let mut writes = writes;
        Iterator::any(&mut writes, |write| match write {
            AppendKvOp::Put { key: other, value: put } => {
                other == key && value.as_slice().starts_with(put.as_slice())
            }
            AppendKvOp::Append { key: other, value: piece } => {
                let is_next = |missing: &[u8]| !piece.is_empty() && missing.starts_with(piece.as_slice());
                other == key && missing.is_some_and(is_next)
            }
            AppendKvOp::Get { .. } => false,
        })
    }

    fn get(&self, key: &Bytes) -> &[u8] {
        self.0.get(key).map_or(&[], Bytes::as_slice)
    }

    fn set(&mut self, key: &Bytes, value: Bytes) {
        if value.is_empty() {
            self.0.remove(key);
        } else {
            self.0.insert(key.clone(), value);
        }
    }
}

impl SequentialSpec for AppendKv {
    type Op = AppendKvOp;
    type Ret = AppendKvRet;

    fn invoke(&mut self, op: &AppendKvOp) -> AppendKvRet {
        match op {
            AppendKvOp::Get { key } => AppendKvRet::Value(self.get(key).into()),
            AppendKvOp::Put { key, value } => {
                self.set(key, value.clone());
                AppendKvRet::Written
            }
            AppendKvOp::Append { key, value } => {
                let value = [self.get(key), value.as_slice()].concat();
                self.set(key, value.into());
                AppendKvRet::Written
            }
        }
    }

    fn is_valid_step(&mut self, op: &AppendKvOp, ret: &AppendKvRet) -> bool {
        match (op, ret) {
            (AppendKvOp::Get { key }, AppendKvRet::Value(value)) => self.get(key) == value.as_slice(),
            (AppendKvOp::Get { .. }, _) | (_, AppendKvRet::Value(_)) => false,
            (op, AppendKvRet::Written) => self.invoke(op) == AppendKvRet::Written,
        }
    }
}

impl fmt::Display for AppendKvOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AppendKvOp::Get { key } => write!(f, "get {key}"),
            AppendKvOp::Put { key, value } => write!(f, "put {key} {value:?}"),
            AppendKvOp::Append { key, value } => write!(f, "append {key} {value:?}"),
        }
    }
}

impl fmt::Display for AppendKvRet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AppendKvRet::Value(value) => write!(f, "{value:?}"),
            AppendKvRet::Written => f.write_str("ok"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(key: &str) -> AppendKvOp {
        AppendKvOp::Get { key: key.into() }
    }

    fn put(key: &str, value: &str) -> AppendKvOp {
        AppendKvOp::Put { key: key.into(), value: value.into() }
    }

    fn append(key: &str, value: &str) -> AppendKvOp {
        AppendKvOp::Append { key: key.into(), value: value.into() }
    }

    fn value(value: &str) -> AppendKvRet {
        AppendKvRet::Value(value.into())
    }

    #[test]
    fn a_key_holds_what_was_put_and_appended_since() {
        assert!(AppendKv::default().is_valid_history([
            (get("a"), value("")),
            (append("a", "x"), AppendKvRet::Written),
            (append("b", "y"), AppendKvRet::Written),
            (append("a", "z"), AppendKvRet::Written),
            (get("a"), value("xz")),
            (put("a", "w"), AppendKvRet::Written),
            (get("a"), value("w")),
            (get("b"), value("y")),
        ]));
    }

    #[test]
    fn nothing_else_is_answered() {
        let written = || (append("a", "x"), AppendKvRet::Written);
        for wrong in [
            (get("a"), value("")),
            (get("b"), value("x")),
            (get("a"), AppendKvRet::Written),
            (put("a", "y"), value("x")),
        ] {
            assert!(!AppendKv::default().is_valid_history([written(), wrong]));
        }
    }

    #[test]
    fn an_emptied_key_is_as_if_it_had_never_been() {
        let mut kv = AppendKv::default();
        kv.invoke(&put("a", "x"));
        kv.invoke(&put("a", ""));
        assert_eq!(kv, AppendKv::default());
    }
}
