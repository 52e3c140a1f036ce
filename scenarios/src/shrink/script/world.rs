//! The world of a plan, as a test configures it.

use crate::plan::Plan;
use revline_sim::SimulationConfig;
use revline_store::member::Tuning;
use serde_json::Value;
use std::fmt::Write;

/// The recovery that a test has by default, in milliseconds.
const USUAL_RECOVERY_MS: u64 = 20_000;

/// The test with its world, if a test can say all of it.
pub(super) fn test(plan: &Plan) -> Option<String> {
    let world = &plan.simulation;
    let mut text = format!("revline::test(\"{}\").members({})", plan.scenario, world.members);
    let _ = write!(text, ".seeds({}..{})", plan.seed, plan.seed.checked_add(1)?);
    if plan.recovery_ms != USUAL_RECOVERY_MS {
        let _ = write!(text, ".recovery(Duration::from_millis({}))", plan.recovery_ms);
    }
    for defect in world.defects.iter() {
        let _ = write!(text, ".defect(Defect::{defect:?})");
    }
    if !world.proxies.is_empty() {
        return None;
    }
    let usual = SimulationConfig {
        seed: world.seed,
        members: world.members,
        defects: world.defects,
        ..SimulationConfig::default()
    };
    let mut changes = Vec::new();
    differences(
        &serde_json::to_value(usual).ok()?,
        &serde_json::to_value(world).ok()?,
        "config",
        &mut changes,
    )?;
    if !changes.is_empty() {
        let _ = write!(text, ".configure(|config| {{ {} }})", changes.join(" "));
    }
    Some(text)
}

/// Lists the assignments that make the one value the other.
fn differences(usual: &Value, value: &Value, place: &str, changes: &mut Vec<String>) -> Option<()> {
    if usual == value {
        return Some(());
    }
    match value {
        Value::Object(fields) => {
            let tuning = serde_json::to_value(Tuning::default()).ok()?;
            for (name, value) in fields {
                let part =
                    if place == "config" && tuning.get(name).is_some() { "config.tuning" } else { place };
                differences(usual.get(name)?, value, &format!("{part}.{name}"), changes)?;
            }
        }
        Value::Array(span) => match &span[..] {
            [from, to] => changes.push(format!("{place} = ({from}, {to});")),
            _ => return None,
        },
        Value::Number(number) if number.is_f64() => {
            changes.push(format!("{place} = Probability::percent({});", (number.as_f64()? * 100.0).round()));
        }
        value => changes.push(format!("{place} = {value};")),
    }
    Some(())
}
