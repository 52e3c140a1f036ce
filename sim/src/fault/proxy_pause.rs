//! Proxies that stand still.

use super::{FaultId, Struck, process};
use crate::state::State;

pub(super) fn pause(state: &mut State, fault: FaultId, proxy: u32) -> Struck {
    match state.resolve_proxy(proxy) {
        Some(node) => process::pause(state, fault, node),
        None => Struck::nobody(),
    }
}
