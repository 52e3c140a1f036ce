//! A register with compare-and-set, as in Jepsen's tests of etcd (jepsen-io/etcd, `register.clj`; knossos,
//! `model.clj`, `cas-register`).

use serde::{Deserialize, Serialize};
use stateright::semantics::SequentialSpec;
use std::fmt;

/// The register: nil until it is first written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Register<V = i64>(pub Option<V>);

/// The operations of a [`Register`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegisterOp<V = i64> {
    /// Read the value.
    Read,
    /// Write a value.
    Write(V),
    /// Write `to`, if the value is `from`.
    Cas {
        /// The value it must have.
        from: V,
        /// The value it gets.
        to: V,
    },
}

/// The answers of a [`Register`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegisterRet<V = i64> {
    /// The value read.
    Value(Option<V>),
    /// It was written.
    Written,
    /// True if the compare-and-set took place.
    Swapped(bool),
}

impl<V: PartialEq> Register<V> {
    /// True if a call changes no register, if it was answered with `ret`.
    pub fn is_read(op: &RegisterOp<V>, ret: Option<&RegisterRet<V>>) -> bool {
        match op {
            RegisterOp::Read => true,
            RegisterOp::Write(_) => false,
            RegisterOp::Cas { from, to } => from == to || ret == Some(&RegisterRet::Swapped(false)),
        }
    }
}

impl<V: Clone + PartialEq> SequentialSpec for Register<V> {
    type Op = RegisterOp<V>;
    type Ret = RegisterRet<V>;

    fn invoke(&mut self, op: &RegisterOp<V>) -> RegisterRet<V> {
        match op {
            RegisterOp::Read => RegisterRet::Value(self.0.clone()),
            RegisterOp::Write(value) => {
                self.0 = Some(value.clone());
                RegisterRet::Written
            }
            RegisterOp::Cas { from, to } => {
                let swapped = self.0.as_ref() == Some(from);
                if swapped {
                    self.0 = Some(to.clone());
                }
                RegisterRet::Swapped(swapped)
            }
        }
    }
}

impl<V: fmt::Display> fmt::Display for RegisterOp<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RegisterOp::Read => f.write_str("read"),
            RegisterOp::Write(value) => write!(f, "write {value}"),
            RegisterOp::Cas { from, to } => write!(f, "cas {from} -> {to}"),
        }
    }
}

impl<V: fmt::Display> fmt::Display for RegisterRet<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RegisterRet::Value(None) => f.write_str("nil"),
            RegisterRet::Value(Some(value)) => write!(f, "{value}"),
            RegisterRet::Written | RegisterRet::Swapped(true) => f.write_str("ok"),
            RegisterRet::Swapped(false) => f.write_str("failed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RegisterOp::*;
    use super::RegisterRet::*;
    use super::*;

    #[test]
    fn a_register_is_nil_then_what_was_written_or_swapped_last() {
        let history = [
            (Read, Value(None)),
            (Cas { from: 0, to: 1 }, Swapped(false)),
            (Write(3), Written),
            (Cas { from: 2, to: 1 }, Swapped(false)),
            (Read, Value(Some(3))),
            (Cas { from: 3, to: 1 }, Swapped(true)),
            (Read, Value(Some(1))),
        ];
        assert!(Register::default().is_valid_history(history));
    }

    #[test]
    fn nothing_else_is_answered() {
        for (op, ret) in [
            (Read, Value(Some(0))),
            (Read, Written),
            (Write(1), Value(Some(1))),
            (Cas { from: 0, to: 1 }, Swapped(true)),
        ] {
            assert!(!Register::default().is_valid_history([(op, ret)]), "{op} -> {ret}");
        }
    }

    #[test]
    fn a_read_leaves_every_register_as_it_was() {
        let ops = [Read, Write(1), Cas { from: 1, to: 2 }, Cas { from: 1, to: 1 }];
        for value in [None, Some(0), Some(1), Some(2)] {
            for op in ops {
                let mut register = Register(value);
                let ret = register.invoke(&op);
                if Register::is_read(&op, Some(&ret)) || Register::is_read(&op, None) {
                    assert_eq!(register, Register(value), "{op} -> {ret}");
                }
            }
        }
        assert!(!Register::is_read(&Cas { from: 1, to: 2 }, None), "it may have been swapped");
    }
}
