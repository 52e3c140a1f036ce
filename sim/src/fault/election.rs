//! Elections without a failure.

use super::{Struck, Target};
use crate::due::Told;
use crate::state::{State, node_of};
use revline_store::frame::{Call, ClientFrame, SessionId};

/// The session of the operator who asks for a hand-over: no client's, so that the answer goes nowhere.
const OPERATOR: SessionId = 0;

pub(super) fn transfer(state: &mut State, to: Target) -> Struck {
    let target = state.resolve(to);
    let Some(leader) = state.leader() else { return Struck::nobody() };
    let request = Call::MoveLeader { target };
    let frame = ClientFrame::Call { call: 0, request, token: None };
    state.tell_soon(node_of(leader), Told::Client { stream: OPERATOR, frame });
    Struck::passing(node_of(target))
}
