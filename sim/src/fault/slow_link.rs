//! Links that lose, repeat, reorder and delay.

use super::Undo;
use crate::network::LinkConfig;
use crate::network::cuts::{self, Ways};
use crate::state::State;

pub(super) fn degrade(state: &mut State, link: LinkConfig) -> Undo {
    let members = state.member_nodes();
    let ways = cuts::one_way(&members, &members);
    for &(from, to) in &ways {
        state.network.link(from, to).degrade(link);
    }
    Undo::Links(ways)
}

pub(super) fn restore(state: &mut State, ways: &Ways) {
    for &(from, to) in ways {
        state.network.link(from, to).restore();
    }
}
