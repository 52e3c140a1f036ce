//! The names of nodes.

use revline_store::machine::MemberId;
use std::fmt;
use xxhash_rust::xxh3::xxh3_64;

/// The bits of the hash of a client's name that are left out: its streams have their numbers there.
const CLIENT_SHIFT: u32 = 24;

/// The name of a node: the id of a member or a proxy, a number from the name of a client.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeName(pub u64);

impl NodeName {
    /// The world itself.
    pub const WORLD: NodeName = NodeName(0);
    /// Above begin the proxies.
    pub const FIRST_PROXY: u64 = 100;
    /// From here on they are clients.
    pub(crate) const FIRST_CLIENT: u64 = 1000;

    /// The client with this name.
    pub fn client(name: &str) -> NodeName {
        NodeName(Self::FIRST_CLIENT + (xxh3_64(name.as_bytes()) >> CLIENT_SHIFT))
    }

    /// True if it is a proxy.
    pub fn is_proxy(self) -> bool {
        (Self::FIRST_PROXY + 1..Self::FIRST_CLIENT).contains(&self.0)
    }

    /// True if it is a client.
    pub fn is_client(self) -> bool {
        self.0 >= Self::FIRST_CLIENT
    }
}

/// The name of a member's or a proxy's node.
pub(crate) fn node_of(member: MemberId) -> NodeName {
    NodeName(member)
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("world"),
            member if member <= Self::FIRST_PROXY => write!(f, "m{member}"),
            proxy if proxy < Self::FIRST_CLIENT => write!(f, "p{}", proxy - Self::FIRST_PROXY),
            client => write!(f, "c{:x}", client - Self::FIRST_CLIENT),
        }
    }
}

impl fmt::Debug for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
