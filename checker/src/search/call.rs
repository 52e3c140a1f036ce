//! One call of a concurrent object.

/// A call: process, operation, times and answer.
///
/// Times are ranks or clock readings, whatever the recorder has; only their order counts. A call that
/// returns at `t` and one that is invoked at `t` are concurrent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call<Op, Ret> {
    /// The process.
    pub process: u64,
    /// The time of the invocation.
    pub invoke: u64,
    /// The operation.
    pub op: Op,
    /// The time of the answer, and the answer. `None` if the outcome is unknown: the call may take effect
    /// once, at any time after its invocation, or never.
    pub ret: Option<(u64, Ret)>,
}

impl<Op, Ret> Call<Op, Ret> {
    /// A call that was answered.
    pub fn answered(process: u64, invoke: u64, op: Op, returned: u64, ret: Ret) -> Self {
        Call { process, invoke, op, ret: Some((returned, ret)) }
    }

    /// A call whose outcome is unknown.
    pub fn unknown(process: u64, invoke: u64, op: Op) -> Self {
        Call { process, invoke, op, ret: None }
    }

    /// The time of the answer.
    pub fn returned(&self) -> Option<u64> {
        self.ret.as_ref().map(|(at, _)| *at)
    }
}
