//! Clients that stand still, and do not know it.

use super::{ClientTarget, FaultId, Struck, Undo};
use crate::state::State;
use crate::trace::NodeName;

pub(super) fn pause(state: &mut State, fault: FaultId, target: &ClientTarget) -> Struck {
    let Some(client) = resolve(state, target) else { return Struck::nobody() };
    state.pause_client(client, fault);
    Struck::one(client, Undo::ResumeClient(client))
}

pub(super) fn resume(state: &mut State, fault: FaultId, client: NodeName) {
    state.resume_client(client, fault);
}

/// The client a target means now, if there is one with a process.
fn resolve(state: &State, target: &ClientTarget) -> Option<NodeName> {
    let (mut candidates, position) = match target {
        ClientTarget::Holder(n) => {
            let mut holders = state.nodes_of(&state.recorder.holders());
            holders.retain(|&client| !state.is_paused(client));
            (holders, *n as usize)
        }
        ClientTarget::Client(n) => {
            let all = state.client_nodes();
            let client = all.get(*n as usize % all.len().max(1)).copied();
            (client.into_iter().collect(), 0)
        }
        ClientTarget::Named(name) => (vec![NodeName::client(name)], 0),
    };
    candidates.retain(|&client| state.has_process(client));
    let count = candidates.len().max(1);
    candidates.get(position % count).copied()
}
