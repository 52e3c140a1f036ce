//! Mending a plan of which parts were taken away.

use super::{Plan, PlannedStep, Step, Work};
use revline_sim::proxy_ids;
use revline_store::api::AuthRequest;
use std::collections::BTreeSet;

/// Takes away what refers to something that is not there any more.
pub(crate) fn mend(plan: &mut Plan) {
    let known: BTreeSet<u64> = plan.member_ids().into_iter().collect();
    plan.operator.retain(|planned| planned.step.members().iter().all(|id| known.contains(id)));
    if !plan.operator.iter().any(|PlannedStep { step, .. }| *step == Step::Save) {
        plan.restore.clear();
    }
    let proxies = &mut plan.simulation.proxies;
    proxies.iter_mut().for_each(|place| place.endpoints.retain(|id| *id > 100 || known.contains(id)));
    let proxies: BTreeSet<u64> = proxy_ids(proxies).into_iter().collect();
    let users: BTreeSet<String> = plan.auth.iter().filter_map(|planned| added(&planned.change)).collect();
    plan.clients.retain_mut(|client| {
        client.endpoints.retain(|id| known.contains(id) || proxies.contains(id));
        if client.user.as_ref().is_some_and(|user| !users.contains(user)) {
            client.user = None;
        }
        let works = match &client.work {
            Work::Operations(operations) => !operations.is_empty(),
            Work::WatchStream { watches, .. } => !watches.is_empty(),
            Work::Watch { .. } | Work::Observe { .. } => true,
        };
        works && !client.endpoints.is_empty()
    });
}

fn added(change: &AuthRequest) -> Option<String> {
    match change {
        AuthRequest::UserAdd(user) => Some(user.name.clone()),
        _ => None,
    }
}
