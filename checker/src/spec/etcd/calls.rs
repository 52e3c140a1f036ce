//! The calls of a recorded history that linearizability is about.

use super::{Answer, Refusal, seen};
use crate::history::{History, Operation, Outcome, Request};
use crate::replay::odd_answers;
use crate::search::Call;
use std::collections::BTreeSet;

/// Calls, and where they come from.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    /// The calls.
    pub calls: Vec<Call<Request, Answer>>,
    /// By call: its position in [`History::operations`].
    pub operations: Vec<usize>,
}

impl Calls {
    /// The calls of a history: all operations but serializable reads, which promise less, and those that
    /// failed for reasons of their own: nothing happened, and nothing was learned. A write of unknown outcome
    /// that one of these calls saw is not optional: it is known when, by revision, it took effect.
    pub fn of(history: &History) -> Self {
        let mut calls = Calls::default();
        // What an answer says that carries no revision is set aside: its request may have taken effect.
        let odd = odd_answers(history).into_iter().filter(|odd| odd.newest.is_none());
        let odd: BTreeSet<usize> = odd.map(|odd| odd.operation).collect();
        for (at, operation) in history.operations.iter().enumerate() {
            let Operation { client, invoke_ns, return_ns, request, outcome, .. } = operation;
            let answer = match outcome {
                _ if request.is_serializable() => continue,
                Outcome::Ok(_) if odd.contains(&at) => None,
                Outcome::Ok(response) => Some(Answer::Given(response.clone())),
                Outcome::Failed(error) if Refusal::of(error).is_none() => continue,
                Outcome::Failed(error) => Some(Answer::Refused(error.clone())),
                Outcome::Unknown(_) => None,
            };
            calls.operations.push(at);
            calls.calls.push(Call {
                process: client.0.into(),
                invoke: *invoke_ns,
                op: request.clone(),
                // An answer without a time had come when the recording ended.
                ret: answer.map(|answer| (return_ns.unwrap_or(u64::MAX), answer)),
            });
        }
        seen::place(&mut calls.calls);
        calls
    }
}
