//! A mutual exclusion lock that everybody may release, as in Jepsen's tests (knossos, `model.clj`, `mutex`).

use stateright::semantics::SequentialSpec;
use std::fmt;

/// The lock: free until it is first acquired.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Mutex {
    is_held: bool,
}

/// The operations of a [`Mutex`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MutexOp {
    /// Take it.
    Acquire,
    /// Give it back.
    Release,
}

/// True if a [`Mutex`] was free to be taken, or held to be given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MutexRet(pub bool);

impl Mutex {
    /// True if a call changes nothing, if it was answered with `ret`.
    pub fn is_read(_: &MutexOp, ret: Option<&MutexRet>) -> bool {
        ret == Some(&MutexRet(false))
    }
}

impl SequentialSpec for Mutex {
    type Op = MutexOp;
    type Ret = MutexRet;

    fn invoke(&mut self, op: &MutexOp) -> MutexRet {
        let held = *op == MutexOp::Acquire;
        let is_possible = self.is_held != held;
        self.is_held = held;
        MutexRet(is_possible)
    }
}

impl fmt::Display for MutexOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MutexOp::Acquire => "acquire",
            MutexOp::Release => "release",
        })
    }
}

impl fmt::Display for MutexRet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 { "ok" } else { "failed" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_held_by_one_at_a_time() {
        let (acquire, release) = (MutexOp::Acquire, MutexOp::Release);
        let (yes, no) = (MutexRet(true), MutexRet(false));
        assert!(Mutex::default().is_valid_history([(acquire, yes), (release, yes), (acquire, yes)]));
        assert!(Mutex::default().is_valid_history([(release, no), (acquire, yes), (acquire, no)]));
        for history in [[(acquire, yes), (acquire, yes)], [(release, yes), (acquire, yes)]] {
            assert!(!Mutex::default().is_valid_history(history), "{history:?}");
        }
    }
}
