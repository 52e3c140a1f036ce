//! The places of a plan's proxies, and the clients behind them.

use super::draw::draw_span;
use crate::scenario::{NamespaceBy, NamespaceOf, Scenario};
use rand::Rng;
use revline_sim::entropy::Generator;
use revline_sim::{Prefix, ProxyPlace};
use std::collections::BTreeMap;

/// The place of a client: its endpoints, and the namespace that it keeps itself.
pub(super) struct Standing {
    pub endpoints: Vec<u64>,
    pub namespace: Prefix,
}

/// The proxies of a plan as they are needed.
pub(super) struct Topology<'a> {
    scenario: &'a Scenario,
    members: &'a [u64],
    pub places: Vec<ProxyPlace>,
    /// The endpoints of clients behind proxies.
    last_layer: Vec<u64>,
    /// Those with one member as their endpoint.
    of_member: BTreeMap<u64, u64>,
    /// Those that keep a namespace, by its number and by what is behind them.
    of_namespace: BTreeMap<(usize, Vec<u64>), u64>,
    clients: usize,
}

impl<'a> Topology<'a> {
    pub fn draw(scenario: &'a Scenario, members: &'a [u64], generator: &mut Generator) -> Topology<'a> {
        let mut topology = Topology {
            scenario,
            members,
            places: Vec::new(),
            last_layer: Vec::new(),
            of_member: BTreeMap::new(),
            of_namespace: BTreeMap::new(),
            clients: 0,
        };
        let count = draw_span(generator, scenario.proxies.count);
        let mut before = members.to_vec();
        for _ in 0..if count > 0 { scenario.proxies.layers } else { 0 } {
            before = (0..count).map(|_| topology.add(before.clone(), Prefix::default())).collect();
            topology.last_layer = before.clone();
        }
        topology
    }

    fn add(&mut self, endpoints: Vec<u64>, namespace: Prefix) -> u64 {
        let cache = self.scenario.proxies.cache;
        let id = ProxyPlace::id_at(self.places.len());
        self.places.push(ProxyPlace { id: Some(id), cache, namespace, ..ProxyPlace::new(endpoints) });
        id
    }

    /// Draws the place of the next client. One that reads `only` one member has no other endpoint.
    pub fn place(&mut self, only: Option<u64>, generator: &mut Generator) -> Standing {
        let number = self.clients;
        self.clients += 1;
        let behind = !self.last_layer.is_empty()
            && generator.gen_range(0..100) < self.scenario.proxies.clients_percent;
        let endpoints = match (only, behind) {
            (None, false) => self.members.to_vec(),
            (None, true) => self.last_layer.clone(),
            (Some(member), false) => vec![member],
            (Some(member), true) => vec![self.proxy_of_member(member)],
        };
        let namespaces = &self.scenario.workload.namespaces;
        let Some(at) = number.checked_rem(namespaces.len()) else {
            return Standing { endpoints, namespace: Prefix::default() };
        };
        let NamespaceOf { prefix, by } = namespaces[at].clone();
        match by {
            NamespaceBy::Client => Standing { endpoints, namespace: prefix },
            NamespaceBy::Proxy => {
                let proxy = match self.of_namespace.get(&(at, endpoints.clone())) {
                    Some(&proxy) => proxy,
                    None => {
                        let proxy = self.add(endpoints.clone(), prefix);
                        self.of_namespace.insert((at, endpoints), proxy);
                        proxy
                    }
                };
                Standing { endpoints: vec![proxy], namespace: Prefix::default() }
            }
        }
    }

    fn proxy_of_member(&mut self, member: u64) -> u64 {
        if let Some(&proxy) = self.of_member.get(&member) {
            return proxy;
        }
        let proxy = self.add(vec![member], Prefix::default());
        self.of_member.insert(member, proxy);
        proxy
    }
}

#[cfg(test)]
mod tests {
    use crate::catalogue;
    use crate::plan::{Plan, draw};
    use crate::scenario::{NamespaceBy, NamespaceOf, Scenario};
    use revline_sim::{Prefix, check_places, prefix_behind};
    use revline_store::defect::Defects;

    fn drawn(change: impl FnOnce(&mut Scenario)) -> Plan {
        let mut scenario = catalogue::find("steady").unwrap();
        change(&mut scenario);
        let plan = draw(&scenario, 1, Defects::NONE);
        plan.check().unwrap();
        plan
    }

    #[test]
    fn clients_stand_behind_the_last_layer_and_readers_behind_one_of_their_own() {
        let plan = drawn(|scenario| {
            scenario.proxies.count = (2, 2);
            scenario.proxies.layers = 2;
        });
        let places = &plan.simulation.proxies;
        assert_eq!(check_places(places), Ok(()));
        assert_eq!(places[0].endpoints, [1, 2, 3]);
        assert_eq!(places[3].endpoints, [101, 102]);
        assert_eq!(places.len(), 2 + 2 + 3, "two layers, and one for the readers of each member");
        for client in &plan.clients {
            match client.name.strip_prefix("reader 0 of member ") {
                None => assert_eq!(client.endpoints, [103, 104], "{}", client.name),
                Some(member) => {
                    let own = &places[client.endpoints[0] as usize - 101];
                    assert_eq!(own.endpoints, [member.parse::<u64>().unwrap()]);
                }
            }
        }
    }

    #[test]
    fn what_clients_do_does_not_depend_on_where_they_stand() {
        let (direct, behind) = (drawn(|_| ()), drawn(Scenario::behind_proxies));
        let works = |plan: &Plan| plan.clients.iter().map(|client| client.work.clone()).collect::<Vec<_>>();
        assert_eq!(works(&direct), works(&behind));
        assert!(direct.simulation.proxies.is_empty());
        assert!(behind.clients.iter().all(|client| client.endpoints.iter().all(|&id| id > 100)));
    }

    #[test]
    fn clients_take_turns_in_namespaces_by_client_and_by_proxy() {
        let (a, b) = (Prefix::from("a/"), Prefix::from(vec![b'b', 0xff]));
        let plan = drawn(|scenario| {
            scenario.workload.namespaces = vec![
                NamespaceOf { prefix: a.clone(), by: NamespaceBy::Client },
                NamespaceOf { prefix: b.clone(), by: NamespaceBy::Proxy },
            ];
        });
        for (number, client) in plan.clients.iter().enumerate() {
            let behind = prefix_behind(&plan.simulation.proxies, client.endpoints[0]);
            let expected = if number % 2 == 0 { &a } else { &b };
            assert_eq!(&behind.inside(&client.namespace), expected, "{}", client.name);
            assert_eq!(client.namespace.is_empty(), number % 2 == 1);
        }
    }
}
