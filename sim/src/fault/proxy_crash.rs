//! Proxies that crash, and come back with nothing.

use super::{Undo, process};
use crate::state::State;
use madsim::runtime::Handle;

pub(super) fn crash(state: &mut State, handle: &Handle, proxy: u32) -> Undo {
    match state.resolve_proxy(proxy) {
        Some(node) => process::crash(state, handle, &[node]),
        None => Undo::Nothing,
    }
}

pub(super) fn crash_all(state: &mut State, handle: &Handle) -> Undo {
    let all = state.proxy_nodes();
    process::crash(state, handle, &all)
}
