//! Elections without a failure.

use super::{Target, Undo};
use crate::machine_slot::Incoming;
use crate::state::State;
use revline_store::machine::{Call, ClientFrame, Input, SessionId};

/// The session of the operator who asks for a hand-over: no client's, so that the answer goes nowhere.
const OPERATOR: SessionId = 0;

pub(super) fn transfer(state: &mut State, to: Target) -> Undo {
    let target = state.resolve(to);
    if let Some(leader) = state.leader() {
        let request = Call::MoveLeader { target };
        let frame = ClientFrame::Call { call: 0, request, token: None };
        state.push_incoming(leader, Incoming::Step(Input::Client { session: OPERATOR, frame }));
    }
    Undo::Nothing
}
