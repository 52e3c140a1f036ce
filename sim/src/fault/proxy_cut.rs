//! A proxy that is cut off.

use super::{FaultCx, FaultKind, Roster, Topology, between};
use crate::bound::Impossible;
use crate::trace::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The side that a proxy is cut off from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProxySide {
    /// From members, and from the proxies it uses.
    Servers,
    /// From clients, and from the proxies that use it.
    Clients,
    /// From both.
    Both,
}

/// A proxy cut off from its servers, from its clients, or from both.
///
/// Cause: it stands at the edge of a network that is split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProxyCut {
    /// The proxy, counted from 0 and around.
    pub proxy: u32,
    /// The side that it is cut off from.
    pub from: ProxySide,
}

impl FaultKind for ProxyCut {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        topology.needs_proxy(Self::NAME)
    }

    fn name_targets(&mut self, roster: &Roster<'_>) {
        roster.name_proxy(&mut self.proxy);
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let Some(proxy) = cx.proxy(self.proxy) else { return Vec::new() };
        // Proxies use those that were there before them.
        let mut others = cx.proxies();
        others.retain(|&other| other != proxy);
        let (before, after): (Vec<_>, Vec<_>) = others.into_iter().partition(|&other| other < proxy);
        let (servers, clients) = ([cx.members(), before].concat(), [after, cx.clients()].concat());
        let others = match self.from {
            ProxySide::Servers => servers,
            ProxySide::Clients => clients,
            ProxySide::Both => [servers, clients].concat(),
        };
        cx.cut(between(&[proxy], &others));
        vec![proxy]
    }
}

impl fmt::Display for ProxyCut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cut proxy {} off from {}", self.proxy, self.from)
    }
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
