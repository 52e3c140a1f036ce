//! The targets of faults.

use revline_store::machine::MemberId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A member that a fault strikes, resolved when it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// The member that leads; the first member if none does.
    Leader,
    /// The n-th member that does not lead, in the order of ids, counted from 0 and around.
    Follower(u32),
    /// The member with this id.
    Member(MemberId),
}

/// A client that a fault strikes, resolved when it does. If there is none, the fault has no victim.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClientTarget {
    /// The n-th client that believes that it holds a lock or leads, in the order of ids, counted from 0 and
    /// around. Those that stand still are left out.
    Holder(u32),
    /// The n-th client, in the order in which they came, counted from 0 and around. A plan that is drawn has the name
    /// instead.
    Client(u32),
    /// The client with this name.
    Named(String),
}

/// A process of a user's own that a fault strikes, resolved when it does. If there is none, the fault has no victim.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProcessTarget {
    /// The n-th process, in the order in which they came, counted from 0 and around.
    Process(u32),
    /// The process with this name.
    Named(String),
}

/// The clients and proxies of a plan.
#[derive(Clone, Copy, Debug)]
pub struct Roster<'a> {
    /// The names of the clients, in the order of the plan.
    pub clients: &'a [&'a str],
    /// The number of proxies.
    pub proxies: usize,
}

impl Roster<'_> {
    /// Replaces the position of a client by its name.
    pub fn name_client(&self, target: &mut ClientTarget) {
        if let ClientTarget::Client(n) = target
            && let Some(at) = (*n as usize).checked_rem(self.clients.len())
        {
            *target = ClientTarget::Named(self.clients[at].to_owned());
        }
    }

    /// Replaces the number of a proxy, which is counted around, by its position.
    pub fn name_proxy(&self, proxy: &mut u32) {
        *proxy = (*proxy as usize).checked_rem(self.proxies).map_or(*proxy, |at| at as u32);
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Leader => f.write_str("the leader"),
            Target::Follower(n) => write!(f, "follower {n}"),
            Target::Member(id) => write!(f, "member {id}"),
        }
    }
}

impl fmt::Display for ClientTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClientTarget::Holder(n) => write!(f, "holder {n}"),
            ClientTarget::Client(n) => write!(f, "client {n}"),
            ClientTarget::Named(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for ProcessTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProcessTarget::Process(n) => write!(f, "process {n}"),
            ProcessTarget::Named(name) => f.write_str(name),
        }
    }
}
