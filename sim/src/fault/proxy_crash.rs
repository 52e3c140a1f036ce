//! Proxies that crash, and come back with nothing.

use super::{FaultId, Struck, process};
use crate::state::State;
use madsim::runtime::Handle;

pub(super) fn crash(state: &mut State, handle: &Handle, fault: FaultId, proxy: u32) -> Struck {
    match state.resolve_proxy(proxy) {
        Some(node) => process::crash(state, handle, fault, &[node]),
        None => Struck::nobody(),
    }
}

pub(super) fn crash_all(state: &mut State, handle: &Handle, fault: FaultId) -> Struck {
    let all = state.proxy_nodes();
    process::crash(state, handle, fault, &all)
}
