//! Proxies that crash, and come back with nothing.

use super::{FaultId, Struck, process};
use crate::state::State;

pub(super) fn crash(state: &mut State, fault: FaultId, proxy: u32) -> Struck {
    match state.resolve_proxy(proxy) {
        Some(node) => process::crash(state, fault, &[node]),
        None => Struck::nobody(),
    }
}

pub(super) fn crash_all(state: &mut State, fault: FaultId) -> Struck {
    let all = state.proxy_nodes();
    process::crash(state, fault, &all)
}
