//! Objects of one kind, each with a key (jepsen, `independent.clj`): calls on different ones have nothing to do with
//! each other.

use stateright::semantics::SequentialSpec;
use std::collections::BTreeMap;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

/// The name of an object; `None` where there is only one.
pub type Key = Option<Arc<str>>;

/// All objects. One that was never called is as new.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Each<S> {
    new: S,
    called: BTreeMap<Key, S>,
}

/// A call of one of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OfKey<Op> {
    /// The key.
    pub key: Key,
    /// The operation.
    pub op: Op,
}

impl<S> Each<S> {
    /// Objects that begin as `new`.
    pub fn new(new: S) -> Self {
        Each { new, called: BTreeMap::new() }
    }
}

impl<S: SequentialSpec + Clone> SequentialSpec for Each<S> {
    type Op = OfKey<S::Op>;
    type Ret = S::Ret;

    fn invoke(&mut self, op: &OfKey<S::Op>) -> S::Ret {
        self.called.entry(op.key.clone()).or_insert_with(|| self.new.clone()).invoke(&op.op)
    }
}

impl<Op: fmt::Display> fmt::Display for OfKey<Op> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            None => self.op.fmt(f),
            Some(key) => write!(f, "{} of {key}", self.op),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::register::{Register, RegisterOp, RegisterRet};
    use super::*;

    #[test]
    fn each_object_is_its_own() {
        let call = |key: &str, op: RegisterOp| OfKey { key: Some(key.into()), op };
        let history = [
            (call("a", RegisterOp::Write(1)), RegisterRet::Written),
            (call("b", RegisterOp::Read), RegisterRet::Value(Some(0))),
            (call("a", RegisterOp::Read), RegisterRet::Value(Some(1))),
        ];
        assert!(Each::new(Register(Some(0))).is_valid_history(history.clone()));
        assert!(!Each::new(Register(None)).is_valid_history(history));
        assert_eq!(call("a", RegisterOp::Write(1)).to_string(), "write 1 of a");
    }
}
