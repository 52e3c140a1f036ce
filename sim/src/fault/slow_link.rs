//! Links that lose, repeat, reorder and delay.

use super::{FaultId, Struck, Undo};
use crate::network::LinkConfig;
use crate::network::cuts::{self, Ways};
use crate::state::State;

pub(super) fn degrade(state: &mut State, fault: FaultId, link: LinkConfig) -> Struck {
    let members = state.member_nodes();
    let ways = cuts::one_way(&members, &members);
    for &(from, to) in &ways {
        state.network.link(from, to).degrade(fault, link);
    }
    Struck { victims: members, undo: Undo::Links(ways) }
}

pub(super) fn restore(state: &mut State, fault: FaultId, ways: &Ways) {
    for &(from, to) in ways {
        state.network.link(from, to).restore(fault);
    }
}
