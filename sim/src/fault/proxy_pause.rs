//! Proxies that stand still.

use super::{FaultId, Struck, process};
use crate::state::State;
use madsim::runtime::Handle;

pub(super) fn pause(state: &mut State, handle: &Handle, fault: FaultId, proxy: u32) -> Struck {
    match state.resolve_proxy(proxy) {
        Some(node) => process::pause(state, handle, fault, node),
        None => Struck::nobody(),
    }
}
