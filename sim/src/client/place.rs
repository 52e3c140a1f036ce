//! The place of a client in a world, and its name.

use super::Client;
use super::host::{ClientHost, Placed};
use super::notes::Notes;
use crate::prefix::Prefix;
use crate::proxy_place::prefix_behind;
use crate::trace::{Event, NodeName};
use crate::world::World;
use revline_checker::history::ClientId;
use revline_store::machine::MemberId;

/// A client: its name, and what it may use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientPlace {
    /// Its name. Its links and its random numbers are derived from the seed and this; of several with
    /// one name the later ones get a number.
    pub name: String,
    /// The members or proxies it uses; if there are none, the members at the time it connects.
    pub endpoints: Vec<MemberId>,
    /// The endpoint with which it begins, counted from 0 and around; by default its name decides.
    pub first: Option<usize>,
    /// The prefix that it puts before every key, and takes off again. Default none.
    pub namespace: Prefix,
}

impl World {
    /// A new client. All endpoints have to show the same: members, or proxies with the same namespace.
    pub fn client_in_place(&self, place: ClientPlace) -> Client {
        let ClientPlace { name, endpoints, first, namespace } = place;
        let behind = |&id: &MemberId| prefix_behind(&self.config.proxies, id);
        let prefix = endpoints.first().map(behind).unwrap_or_default();
        assert!(
            endpoints.iter().all(|id| behind(id) == prefix),
            "the endpoints of a client show one namespace"
        );
        let mut state = self.shared.lock();
        let (mut own, mut count) = (name.clone(), 1);
        while state.clients.contains_key(&NodeName::client(&own)) {
            count += 1;
            own = format!("{name} #{count}");
        }
        let node = NodeName::client(&own);
        let id = ClientId(u32::try_from(state.clients.len()).expect("clients are few"));
        let first = first.unwrap_or((node.0 - NodeName::FIRST_CLIENT) as usize);
        state.trace.name(node, &own);
        state.record(node, Event::Join {});
        let placed = Placed { id, endpoints, first, namespace, behind: prefix };
        let mut around = state.split().1;
        let notes = &mut Notes::on(node, &mut around);
        let host = ClientHost::new(placed, self.config.client, self.config.defects, notes);
        state.clients.insert(node, host);
        drop(state);
        Client::new(self.shared.clone(), node, id, &own)
    }
}
