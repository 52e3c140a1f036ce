//! Clients that stand still, and do not know it.

use super::{ClientTarget, Undo};
use crate::state::State;
use crate::trace::NodeName;
use madsim::runtime::Handle;

pub(super) fn pause(state: &mut State, handle: &Handle, target: ClientTarget) -> Undo {
    let Some(client) = resolve(state, target) else { return Undo::Nothing };
    state.pause_client(client, handle);
    Undo::ResumeClient(client)
}

pub(super) fn resume(state: &mut State, handle: &Handle, client: NodeName) {
    state.resume_client(client, handle);
}

/// The client a target means now, if there is one that goes on.
fn resolve(state: &State, target: ClientTarget) -> Option<NodeName> {
    let (mut candidates, position) = match target {
        ClientTarget::Holder(n) => (state.recorder.holders(), n as usize),
        ClientTarget::Client(n) => {
            let all = state.client_nodes();
            let client = all.get(n as usize % all.len().max(1)).copied();
            (client.into_iter().collect(), 0)
        }
    };
    candidates.retain(|&client| state.goes_on(client));
    let count = candidates.len().max(1);
    candidates.get(position % count).copied()
}
