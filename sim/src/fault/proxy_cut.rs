//! Proxies that are cut off from one side or from both.

use super::{Struck, partition};
use crate::network::cuts;
use crate::state::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// From whom a proxy is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProxySide {
    /// From members, and from the proxies it uses.
    Servers,
    /// From clients, and from the proxies that use it.
    Clients,
    /// From everybody.
    Both,
}

impl fmt::Display for ProxySide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ProxySide::Servers => "its servers",
            ProxySide::Clients => "its clients",
            ProxySide::Both => "everybody",
        })
    }
}

pub(super) fn cut(state: &mut State, proxy: u32, from: ProxySide) -> Struck {
    let Some(node) = state.resolve_proxy(proxy) else { return Struck::nobody() };
    // Proxies use those that were there before them.
    let (before, after): (Vec<_>, Vec<_>) =
        state.proxy_nodes().into_iter().filter(|&other| other != node).partition(|&other| other < node);
    let servers = state.member_nodes().into_iter().chain(before);
    let clients = after.into_iter().chain(state.clients.keys().copied());
    let others: Vec<_> = match from {
        ProxySide::Servers => servers.collect(),
        ProxySide::Clients => clients.collect(),
        ProxySide::Both => servers.chain(clients).collect(),
    };
    partition::cut(state, vec![node], cuts::between(&[node], &others))
}
