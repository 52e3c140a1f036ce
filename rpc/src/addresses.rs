//! The addresses of members, which the wire speaks of and the store does not know.

use revline_store::machine::MemberId;

/// The URLs of members, as their host knows them.
pub trait Addresses {
    /// The addresses of a member for its peers.
    fn peer_urls(&self, member: MemberId) -> Vec<String>;

    /// The addresses of a member for clients; none until it has started.
    fn client_urls(&self, member: MemberId) -> Vec<String>;

    /// The member with these addresses for its peers.
    fn member_of(&self, peer_urls: &[String]) -> Option<MemberId>;
}
