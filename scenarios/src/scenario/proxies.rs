//! Proxies between clients and members, and the namespaces that clients live in.

use super::Span;
use crate::rules::{Impossible, limits, percent, prefix, require};
use revline_sim::Prefix;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Proxies, and who is behind them. Without any, clients use members.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Proxies {
    /// The number in each layer; a seed draws it. Default 0.
    pub count: Span,
    /// Proxies behind proxies: those of the first layer use the members, those of each other one the layer before
    /// it, and clients use the last. Default 1.
    pub layers: u32,
    /// The share of clients behind proxies, in percent; the others use members. A reader of one member gets a proxy with
    /// that one endpoint. Default 100.
    pub clients_percent: u32,
    /// Serializable reads are answered from a cache. Default yes.
    pub cache: bool,
}

impl Default for Proxies {
    fn default() -> Self {
        Proxies { count: (0, 0), layers: 1, clients_percent: 100, cache: true }
    }
}

/// A namespace: the clients in it see the keys under its prefix alone, and without it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NamespaceOf {
    /// The prefix of its keys: a string, or `{"hex": "61ff"}`. Empty for clients that see everything.
    pub prefix: Prefix,
    /// The one that adds and strips the prefix. Default the client.
    #[serde(default)]
    pub by: NamespaceBy,
}

/// The one that adds and strips the prefix of a namespace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NamespaceBy {
    /// Each client itself.
    #[default]
    Client,
    /// A proxy of this namespace, which its clients use, one for each layer that others come from.
    Proxy,
}

impl Proxies {
    pub(super) fn check(&self) -> Result<(), Impossible> {
        limits::PROXIES.check_span(self.count, "proxies.count")?;
        limits::LAYERS.check(self.layers.into(), "proxies.layers")?;
        percent(self.clients_percent, "proxies.clients_percent")
    }
}

pub(super) fn check_namespaces(namespaces: &[NamespaceOf]) -> Result<(), Impossible> {
    limits::NAMESPACES.check(namespaces.len() as u64, "workload.namespaces")?;
    for (at, namespace) in namespaces.iter().enumerate() {
        let field = format!("workload.namespaces[{at}].prefix");
        prefix(&namespace.prefix, &field)?;
        require(
            !namespace.prefix.is_empty() || namespace.by == NamespaceBy::Client,
            field,
            "a proxy keeps no namespace without a prefix",
        )?;
    }
    Ok(())
}
