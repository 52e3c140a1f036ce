//! Invocations and returns, paired by process.

use super::error::{Problem, excerpt};
use crate::search::Call;
use std::collections::BTreeMap;
use std::fmt::Display;

/// The end of an operation.
pub(super) enum Returned<Ret> {
    /// It was answered.
    Answered(Ret),
    /// It did nothing and taught nothing: as if it had never been.
    Nothing,
    /// It may have happened, or may still happen.
    Unknown,
}

/// Collects calls from the lines of a log, in order.
pub(super) struct Pairing<Op, Ret> {
    calls: Vec<Call<Op, Ret>>,
    /// By process: its open call and the line of its invocation.
    open: BTreeMap<u64, OpenCall<Op>>,
}

struct OpenCall<Op> {
    line: u64,
    op: Op,
}

impl<Op: Display, Ret> Pairing<Op, Ret> {
    pub fn new() -> Self {
        Pairing { calls: Vec::new(), open: BTreeMap::new() }
    }

    /// A process invokes an operation.
    pub fn invoke(&mut self, line: u64, process: u64, op: Op) -> Result<(), Problem> {
        match self.open.insert(process, OpenCall { line, op }) {
            Some(open) => Err(Problem::StillOpen { process, open: open.line }),
            None => Ok(()),
        }
    }

    /// A process returns. `outcome` says of the operation it invoked what the line makes of it, or what the
    /// line returns from, if that is another operation.
    pub fn complete(
        &mut self,
        line: u64,
        process: u64,
        outcome: impl FnOnce(&Op) -> Result<Returned<Ret>, String>,
    ) -> Result<(), Problem> {
        let Some(OpenCall { line: invoke, op }) = self.open.remove(&process) else {
            return Err(Problem::NotInvoked { process });
        };
        let ret = match outcome(&op) {
            Ok(Returned::Answered(ret)) => Some((line, ret)),
            Ok(Returned::Unknown) => None,
            Ok(Returned::Nothing) => return Ok(()),
            Err(returned) => {
                let invoked = excerpt(&op.to_string());
                return Err(Problem::OtherOperation { process, returned, invoked, open: invoke });
            }
        };
        self.calls.push(Call { process, invoke, op, ret });
        Ok(())
    }

    /// The calls in order of invocation. What is still open has an unknown outcome.
    pub fn finish(mut self) -> Result<Vec<Call<Op, Ret>>, Problem> {
        for (process, OpenCall { line, op }) in self.open {
            self.calls.push(Call::unknown(process, line, op));
        }
        if self.calls.is_empty() {
            return Err(Problem::Empty);
        }
        self.calls.sort_by_key(|call| call.invoke);
        Ok(self.calls)
    }
}
