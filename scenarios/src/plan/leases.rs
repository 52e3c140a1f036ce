//! The operations of clients that use leases: a user, and a keeper that keeps the user's leases alive.

use super::draw::draw_span;
use super::{Action, PlannedOperation};
use crate::keys::FIRST_KEY;
use crate::operation::{Attach, Grant, KeepAlive, Revoke, TimeToLive};
use crate::scenario::{LeaseWorkload, Scenario};
use rand::Rng;
use revline_sim::entropy::Generator;

/// Ids of leases: so many for each user.
const IDS_PER_USER: i64 = 1_000_000;

/// So many keys each user attaches to one lease after the other.
const KEYS_PER_USER: u64 = 8;

/// A lease may outlive its TTL by about so much, in milliseconds: an election, and the leader's next look.
const AFTERMATH_MS: u64 = 2_500;

/// Plans a client that uses leases, and the keeper of those.
pub(super) struct LeasePlan {
    pub user: Vec<PlannedOperation>,
    pub keeper: Vec<PlannedOperation>,
}

/// The plan of the user with this number.
pub(super) fn lease_plan(scenario: &Scenario, generator: &mut Generator, user: u32) -> LeasePlan {
    let mut plan = LeasePlan { user: Vec::new(), keeper: Vec::new() };
    let (workload, end_us) = (&scenario.workload.leases, scenario.duration_ms * 1_000);
    let mut at_us = generator.gen_range(0..1_000_000);
    let mut round = 0;
    while at_us < end_us {
        let lease = (i64::from(user) + 1) * IDS_PER_USER + round;
        at_us = use_lease(workload, generator, (user, lease), at_us, &mut plan);
        round += 1;
    }
    for operations in [&mut plan.user, &mut plan.keeper] {
        operations.retain(|operation| operation.at_us < end_us);
        operations.sort_by_key(|operation| operation.at_us);
    }
    plan
}

/// One lease, from its grant on; returns when the next one is due.
fn use_lease(
    workload: &LeaseWorkload,
    generator: &mut Generator,
    (user, lease): (u32, i64),
    granted_us: u64,
    plan: &mut LeasePlan,
) -> u64 {
    let ttl_s = draw_span(generator, workload.ttl_s);
    let mut act = |at_us: u64, action: Action| plan.user.push(PlannedOperation { at_us, action });
    act(granted_us, Grant { lease, ttl_s: i64::try_from(ttl_s).unwrap_or(i64::MAX) }.into());
    let mut at_us = granted_us;
    for count in 0..draw_span(generator, workload.keys) {
        at_us += generator.gen_range(1_000..40_000);
        let number = generator.gen_range(0..KEYS_PER_USER);
        let key = match workload.shared_keys {
            true => format!("{FIRST_KEY}lease-{number}"),
            false => format!("{FIRST_KEY}lease-{user}-{number}"),
        };
        act(at_us, Attach { lease, key, value: format!("l{lease}-{count}") }.into());
    }
    let kept_us = at_us + draw_span(generator, workload.kept_ms) * 1_000;
    let revoked = generator.gen_range(0..100) < workload.revoked_percent;
    let over_us = if revoked { kept_us } else { kept_us + ttl_s * 1_000_000 + AFTERMATH_MS * 1_000 };
    if revoked {
        act(kept_us, Revoke { lease }.into());
    }
    let mut asked_us = granted_us + draw_span(generator, workload.ask_ms) * 1_000;
    while asked_us < over_us {
        let action = match generator.gen_range(0..4) {
            0 => Action::Leases,
            1 => TimeToLive { lease, keys: false }.into(),
            _ => TimeToLive { lease, keys: true }.into(),
        };
        act(asked_us, action);
        asked_us += draw_span(generator, workload.ask_ms).max(1) * 1_000;
    }
    let mut keep = |at_us: u64| {
        plan.keeper.push(PlannedOperation { at_us, action: KeepAlive { lease }.into() });
    };
    let mut keep_us = granted_us + draw_span(generator, workload.keep_alive_ms) * 1_000;
    while keep_us < kept_us {
        keep(keep_us);
        keep_us += draw_span(generator, workload.keep_alive_ms).max(1) * 1_000;
    }
    if revoked {
        // Which of the two comes first is left to the network; and then once more.
        keep(kept_us + generator.gen_range(0..3_000));
        keep(kept_us + generator.gen_range(3_000..100_000));
    } else if generator.gen_bool(0.3) {
        // Around the time at which it expires.
        keep(kept_us + ttl_s * 1_000_000 + generator.gen_range(0..1_000_000));
    }
    over_us + generator.gen_range(50_000..500_000)
}
