//! Fewer members and proxies, and clients with fewer choices.

use super::tries::Tries;
use crate::plan::{Plan, mend};
use revline_sim::{Prefix, proxy_ids};

/// Takes away members, proxies, namespaces and endpoints.
pub(super) fn reduce(tries: &mut Tries<'_>) {
    let plan = tries.smallest.plan.clone();
    tries.first(&mut (1..plan.simulation.members).map(|members| with_members(&plan, members)));
    for proxy in (0..tries.smallest.plan.simulation.proxies.len()).rev() {
        let plan = tries.smallest.plan.clone();
        tries.first(&mut std::iter::once(without_proxy(&plan, proxy)));
    }
    for client in 0..tries.smallest.plan.clients.len() {
        let plan = tries.smallest.plan.clone();
        tries.first(&mut simpler_clients(&plan, client).into_iter());
    }
}

fn with_members(plan: &Plan, members: u64) -> Plan {
    let mut plan = plan.clone();
    plan.simulation.members = members;
    mend(&mut plan);
    plan
}

/// The plan in which clients, and proxies behind this one, use the endpoints of this proxy.
fn without_proxy(plan: &Plan, proxy: usize) -> Plan {
    let mut plan = plan.clone();
    let places = &mut plan.simulation.proxies;
    let ids = proxy_ids(places);
    places.iter_mut().zip(&ids).for_each(|(place, id)| place.id = Some(*id));
    let gone = places.remove(proxy);
    let id = ids[proxy];
    let bypass = |endpoints: &mut Vec<u64>, namespace: &mut Prefix| {
        if endpoints.contains(&id) {
            endpoints.retain(|endpoint| *endpoint != id);
            endpoints.extend(
                gone.endpoints
                    .iter()
                    .filter(|endpoint| !endpoints.contains(endpoint))
                    .copied()
                    .collect::<Vec<_>>(),
            );
            *namespace = gone.namespace.inside(namespace);
        }
    };
    places.iter_mut().for_each(|place| bypass(&mut place.endpoints, &mut place.namespace));
    plan.clients.iter_mut().for_each(|client| bypass(&mut client.endpoints, &mut client.namespace));
    plan
}

/// The plans in which a client has no namespace, is no user of its own, or uses one endpoint alone.
fn simpler_clients(plan: &Plan, client: usize) -> Vec<Plan> {
    let change = |change: &dyn Fn(&mut crate::plan::ClientPlan)| {
        let mut plan = plan.clone();
        change(&mut plan.clients[client]);
        plan
    };
    let mut plans = Vec::new();
    let one = &plan.clients[client];
    if !one.namespace.is_empty() {
        plans.push(change(&|client| client.namespace = Prefix::default()));
    }
    if one.user.is_some() {
        plans.push(change(&|client| client.user = None));
        plans.push(change(&|client| client.user = Some(crate::plan::ROOT.to_owned())));
    }
    if one.endpoints.len() > 1 {
        let first = one.endpoints.get(one.first % one.endpoints.len()).copied();
        plans.extend(first.into_iter().chain(one.endpoints.iter().copied()).map(|endpoint| {
            change(&|client| {
                client.endpoints = vec![endpoint];
                client.first = 0;
            })
        }));
    }
    plans
}
