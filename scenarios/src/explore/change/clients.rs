//! Changes of clients and what they do.

use super::{Material, has_small_quota};
use crate::plan::{ClientPlan, Plan, PlannedOperation, Work};
use rand::Rng;
use rand::seq::SliceRandom;
use revline_sim::entropy::Generator;

/// The most clients of a plan: it shall not grow for ever.
const MOST_CLIENTS: usize = 24;

/// The work of one client is drawn with another seed.
pub(super) fn drawn_anew(plan: &mut Plan, material: &Material<'_>, generator: &mut Generator) -> bool {
    let Some(other) = material.redrawn(plan, generator) else { return false };
    let Some(client) = plan.clients.choose_mut(generator) else { return false };
    let Some(same) = other.clients.into_iter().find(|same| same.name == client.name) else { return false };
    client.work = same.work;
    true
}

/// A client goes on as one of another plan does from some moment on.
pub(super) fn spliced(plan: &mut Plan, material: &Material<'_>, generator: &mut Generator) -> bool {
    if has_small_quota(plan) {
        return false;
    }
    let moment_us = material.moment_ms(plan, generator).saturating_mul(1_000);
    let mut other = material.other.plan.clone();
    let Some(theirs) = operations_of_one(&mut other, generator) else { return false };
    let Some(own) = operations_of_one(plan, generator) else { return false };
    own.retain(|operation| operation.at_us < moment_us);
    own.extend(theirs.drain(..).filter(|operation| operation.at_us >= moment_us));
    !own.is_empty()
}

/// A client begins sooner or later, so that one of its operations comes near a moment at which the run came to a rare state.
pub(super) fn to_a_moment(plan: &mut Plan, material: &Material<'_>, generator: &mut Generator) -> bool {
    let moment_us = material.moment_ms(plan, generator).saturating_mul(1_000);
    let end_us = plan.duration_ms.saturating_mul(1_000);
    let Some(own) = operations_of_one(plan, generator) else { return false };
    let Some(at_us) = own.choose(generator).map(|operation| operation.at_us) else { return false };
    own.retain_mut(|operation| {
        let later_us = operation.at_us.saturating_add(moment_us);
        operation.at_us = later_us.saturating_sub(at_us);
        later_us >= at_us && operation.at_us <= end_us
    });
    true
}

/// A client does what one of another plan does.
pub(super) fn borrowed(plan: &mut Plan, material: &Material<'_>, generator: &mut Generator) -> bool {
    if has_small_quota(plan) {
        return false;
    }
    let Some(theirs) = material.other.plan.clients.choose(generator) else { return false };
    let Some(own) = plan.clients.choose_mut(generator) else { return false };
    own.work = theirs.work.clone();
    true
}

/// Clients of another plan join those of this one.
pub(super) fn joined(plan: &mut Plan, material: &Material<'_>, generator: &mut Generator) -> bool {
    if has_small_quota(plan) {
        return false;
    }
    let others = &material.other.plan.clients;
    let most = others.len().min(MOST_CLIENTS.saturating_sub(plan.clients.len()));
    if most == 0 || plan.clients.is_empty() {
        return false;
    }
    let count = generator.gen_range(1..=most);
    for client in others.choose_multiple(generator, count) {
        let host =
            plan.clients.choose(generator).map(|own| (own.endpoints.clone(), own.first, own.user.clone()));
        let Some((endpoints, first, user)) = host else { return false };
        let name = free_name(plan, &client.name);
        plan.clients.push(ClientPlan { name, endpoints, first, user, ..client.clone() });
    }
    true
}

/// The name, or if a client of the plan has it, the first free one with a number.
fn free_name(plan: &Plan, name: &str) -> String {
    let is_free = |name: &String| plan.clients.iter().all(|client| client.name != *name);
    let numbered = (2_u32..).map(|number| format!("{name}-{number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(is_free).expect("numbers do not end")
}

/// A client is not there.
pub(super) fn left_out(plan: &mut Plan, _: &Material<'_>, generator: &mut Generator) -> bool {
    if plan.clients.len() < 2 {
        return false;
    }
    plan.clients.remove(generator.gen_range(0..plan.clients.len()));
    true
}

/// A client that watches drops its connection near such a moment.
pub(super) fn reconnected(plan: &mut Plan, material: &Material<'_>, generator: &mut Generator) -> bool {
    let moment_ms = material.moment_ms(plan, generator);
    let Some(client) = plan.clients.choose_mut(generator) else { return false };
    let (Work::Watch { reconnect_at_ms, .. }
    | Work::WatchStream { reconnect_at_ms, .. }
    | Work::Observe { reconnect_at_ms, .. }) = &mut client.work
    else {
        return false;
    };
    reconnect_at_ms.push(moment_ms);
    reconnect_at_ms.sort_unstable();
    true
}

/// The operations of one of the clients that do one after the other.
fn operations_of_one<'a>(
    plan: &'a mut Plan,
    generator: &mut Generator,
) -> Option<&'a mut Vec<PlannedOperation>> {
    let all = plan.clients.iter_mut().filter_map(|client| match &mut client.work {
        Work::Operations(operations) => Some(operations),
        Work::Watch { .. } | Work::WatchStream { .. } | Work::Observe { .. } => None,
    });
    let mut all: Vec<_> = all.collect();
    (!all.is_empty()).then(|| all.swap_remove(generator.gen_range(0..all.len())))
}
