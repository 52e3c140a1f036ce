//! Elections without a failure.

use super::{Struck, Target};
use crate::machine_slot::Incoming;
use crate::state::{State, node_of};
use revline_store::machine::{Call, ClientFrame, Input, SessionId};

/// The session of the operator who asks for a hand-over: no client's, so that the answer goes nowhere.
const OPERATOR: SessionId = 0;

pub(super) fn transfer(state: &mut State, to: Target) -> Struck {
    let target = state.resolve(to);
    let Some(leader) = state.leader() else { return Struck::nobody() };
    let request = Call::MoveLeader { target };
    let frame = ClientFrame::Call { call: 0, request, token: None };
    state.push_incoming(leader, Incoming::Step(Input::Client { session: OPERATOR, frame }));
    Struck::passing(node_of(target))
}
