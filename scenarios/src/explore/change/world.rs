//! Changes of what is around the clients: chance, the network and the disks, those who look after the cluster.

use super::{Material, has_small_quota};
use crate::plan::Plan;
use rand::Rng;
use revline_sim::SimulationConfig;
use revline_sim::entropy::{Generator, Reseed};
use revline_store::member::Tuning;

/// Latencies, losses, elections and crashes are drawn with another seed.
pub(super) fn another_seed(plan: &mut Plan, _: &Material<'_>, generator: &mut Generator) -> bool {
    plan.seed = u64::from(generator.r#gen::<u32>());
    plan.simulation.seed = plan.seed;
    true
}

/// They are drawn with another seed from a moment on, near one at which the run came to a rare state: until then all is as
/// it was.
pub(super) fn another_future(plan: &mut Plan, material: &Material<'_>, generator: &mut Generator) -> bool {
    let at_ns = material.moment_ms(plan, generator).saturating_mul(1_000_000);
    plan.simulation.reseed = Some(Reseed { at_ns, seed: u64::from(generator.r#gen::<u32>()) });
    true
}

/// The plan is played in the world of another: with its network, its disks, its members' settings and its bounds. Not
/// where time is short in its own: an operator who makes room in a small quota, and tokens that run out, would come too late
/// in a slower one. The quota stays: without that operator, a small one leaves no cluster that serves.
pub(super) fn another_world(plan: &mut Plan, material: &Material<'_>, _: &mut Generator) -> bool {
    let other = &material.other.plan;
    if has_small_quota(plan) || plan.simulation.jwt_ttl_s > 0 {
        return false;
    }
    let SimulationConfig { network, disk, cpu, client, tuning, .. } = other.simulation.clone();
    let tuning = Tuning { quota_bytes: plan.simulation.tuning.quota_bytes, ..tuning };
    plan.simulation = SimulationConfig { network, disk, cpu, client, tuning, ..plan.simulation.clone() };
    (plan.recovery_ms, plan.linger) = (other.recovery_ms, other.linger);
    true
}

/// The steps of the operator are drawn with another seed.
pub(super) fn operator_drawn_anew(
    plan: &mut Plan,
    material: &Material<'_>,
    generator: &mut Generator,
) -> bool {
    let Some(other) = material.redrawn(plan, generator) else { return false };
    plan.operator = other.operator;
    plan.restore = other.restore;
    !plan.operator.is_empty()
}

/// The changes of users and roles are drawn with another seed.
pub(super) fn users_drawn_anew(plan: &mut Plan, material: &Material<'_>, generator: &mut Generator) -> bool {
    let Some(other) = material.redrawn(plan, generator) else { return false };
    plan.auth = other.auth;
    !plan.auth.is_empty()
}
