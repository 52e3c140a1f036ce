//! An order, replayed: the proof of a legal verdict.

use super::call::Call;
use stateright::semantics::SequentialSpec;
use thiserror::Error;

/// The reason that an order is no proof.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Flaw {
    /// An answered call is not in it.
    #[error("call {call} is missing from the order")]
    Missing {
        /// The call.
        call: usize,
    },
    /// A call is in it twice, or is not of this history.
    #[error("call {call} is in the order twice, or is not of this history")]
    Repeated {
        /// The call.
        call: usize,
    },
    /// Two calls are the wrong way round in time.
    #[error("call {call} comes too late in the order: it returned before an earlier one was invoked")]
    Time {
        /// The call that comes too late.
        call: usize,
    },
    /// The model answers otherwise.
    #[error("the model would answer call {call} differently")]
    Answer {
        /// The call.
        call: usize,
    },
}

/// Replays `order` from `init`: every answered call once, no call twice, in an order that time allows, and
/// every answer as the model gives it.
pub fn replay<S>(init: S, calls: &[Call<S::Op, S::Ret>], order: &[usize]) -> Result<(), Flaw>
where
    S: SequentialSpec,
{
    replay_part(init, calls, 0..calls.len(), order)
}

/// As [`replay`], where only the calls at the positions `part` need to be in the order.
pub(super) fn replay_part<S>(
    init: S,
    calls: &[Call<S::Op, S::Ret>],
    part: impl Iterator<Item = usize>,
    order: &[usize],
) -> Result<(), Flaw>
where
    S: SequentialSpec,
{
    let mut placed = std::collections::BTreeSet::new();
    let mut state = init;
    let mut latest_invoke = 0;
    for &at in order {
        let Some(call) = calls.get(at).filter(|_| placed.insert(at)) else {
            return Err(Flaw::Repeated { call: at });
        };
        latest_invoke = latest_invoke.max(call.invoke);
        match &call.ret {
            Some((returned, _)) if *returned < latest_invoke => return Err(Flaw::Time { call: at }),
            Some((_, ret)) if !state.is_valid_step(&call.op, ret) => return Err(Flaw::Answer { call: at }),
            Some(_) => {}
            None => drop(state.invoke(&call.op)),
        }
    }
    match part.into_iter().find(|at| calls[*at].ret.is_some() && !placed.contains(at)) {
        Some(call) => Err(Flaw::Missing { call }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stateright::semantics::register::{Register, RegisterOp::*, RegisterRet::*};

    fn calls() -> Vec<
        Call<
            stateright::semantics::register::RegisterOp<char>,
            stateright::semantics::register::RegisterRet<char>,
        >,
    > {
        vec![
            Call::answered(0, 0, Write('B'), 2, WriteOk),
            Call::answered(1, 3, Read, 4, ReadOk('C')),
            Call::unknown(2, 1, Write('C')),
        ]
    }

    #[test]
    fn the_right_order_stands() {
        assert_eq!(replay(Register('A'), &calls(), &[0, 2, 1]), Ok(()));
    }

    #[test]
    fn every_other_order_falls() {
        for (order, flaw) in [
            (&[0, 2][..], Flaw::Missing { call: 1 }),
            (&[0, 2, 1, 2], Flaw::Repeated { call: 2 }),
            (&[0, 2, 1, 3], Flaw::Repeated { call: 3 }),
            (&[2, 1, 0], Flaw::Time { call: 0 }),
            (&[0, 1], Flaw::Answer { call: 1 }),
        ] {
            assert_eq!(replay(Register('A'), &calls(), order), Err(flaw));
        }
    }
}
