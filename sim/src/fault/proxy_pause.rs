//! Proxies that stand still.

use super::{Undo, process};
use crate::state::State;
use madsim::runtime::Handle;

pub(super) fn pause(state: &mut State, handle: &Handle, proxy: u32) -> Undo {
    match state.resolve_proxy(proxy) {
        Some(node) => process::pause(state, handle, node),
        None => Undo::Nothing,
    }
}
