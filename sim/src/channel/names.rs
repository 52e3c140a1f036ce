//! The addresses of the world's servers: `http://m1:2379` is member 1 for clients, `http://p1:2379` the first proxy.

use crate::proxy_place::{MAX_PROXIES, ProxyPlace};
use crate::trace::{NodeName, node_of};
use revline_rpc::addresses::Addresses;
use revline_store::machine::MemberId;

/// The port of servers for clients.
const CLIENT_PORT: u16 = 2379;

/// The port of members for their peers.
const PEER_PORT: u16 = 2380;

/// The URL of a member or a proxy for clients.
pub fn client_url(server: MemberId) -> String {
    format!("http://{}:{CLIENT_PORT}", node_of(server))
}

/// The URL of a member for its peers.
pub fn peer_url(member: MemberId) -> String {
    format!("http://{}:{PEER_PORT}", node_of(member))
}

/// The member or the proxy at a URL, whatever its port; `None` if no server of a world can be there.
///
/// ```
/// use revline_sim::channel::{client_url, member_at};
///
/// assert_eq!(member_at("http://m3:2379"), Some(3));
/// assert_eq!(member_at(&client_url(102)), Some(102));
/// assert_eq!(member_at("https://etcd.example.com:2379"), None);
/// ```
pub fn member_at(url: &str) -> Option<MemberId> {
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    let host = rest.split([':', '/']).next()?;
    let server = match host.split_at_checked(1)? {
        ("m", id) => id.parse().ok().filter(|id| (1..=NodeName::FIRST_PROXY).contains(id))?,
        ("p", count) => {
            let position = count.parse::<usize>().ok()?.checked_sub(1)?;
            ProxyPlace::id_at(Some(position).filter(|&position| position < MAX_PROXIES)?)
        }
        _ => return None,
    };
    // Not `m01`, nor `m+1`.
    (node_of(server).to_string() == host).then_some(server)
}

/// The addresses of a world.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names;

impl Addresses for Names {
    fn peer_urls(&self, member: MemberId) -> Vec<String> {
        vec![peer_url(member)]
    }

    fn client_urls(&self, member: MemberId) -> Vec<String> {
        vec![client_url(member)]
    }

    fn member_of(&self, peer_urls: &[String]) -> Option<MemberId> {
        let member = member_at(peer_urls.first()?)?;
        (!node_of(member).is_proxy()).then_some(member)
    }
}
