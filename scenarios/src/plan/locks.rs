//! Plans of the clients that lock, campaign and observe.

use super::draw::{draw_span, moments};
use super::{PlannedOperation, Tenure, Work};
use crate::keys::FIRST_KEY;
use crate::operation::{Lead, Lock, Office};
use crate::scenario::Scenario;
use rand::Rng;
use revline_sim::entropy::Generator;

fn name(office: Office, scenario: &Scenario, generator: &mut Generator) -> String {
    let kind = match office {
        Office::Lock => "lock",
        Office::Leadership => "election",
    };
    format!("{FIRST_KEY}{kind}-{}", generator.gen_range(0..scenario.workload.locks.names))
}

/// The work of a client that locks or campaigns. Its values begin with `writer`.
pub(super) fn tenures(scenario: &Scenario, generator: &mut Generator, office: Office, writer: &str) -> Work {
    let workload = &scenario.workload.locks;
    let mut operations = Vec::new();
    let mut at_ms = draw_span(generator, workload.pause_ms);
    while at_ms < scenario.duration_ms {
        let ttl_s = draw_span(generator, workload.ttl_s);
        let hold_ms = draw_span(generator, workload.hold_ms);
        let stalls = generator.gen_range(0..100) < workload.stall_percent;
        let writes = generator.gen_range(0..3);
        let tenure = Tenure {
            name: name(office, scenario, generator),
            ttl_s: i64::try_from(ttl_s).unwrap_or(i64::MAX),
            by_service: generator.gen_range(0..100) < workload.by_service_percent,
            patience_ms: draw_span(generator, workload.patience_ms),
            hold_ms,
            stall_ms: if stalls { ttl_s * 1_000 + generator.gen_range(500..3_000) } else { 0 },
            values: (0..writes).map(|write| format!("{writer}-{}-{write}", operations.len())).collect(),
        };
        let action = match office {
            Office::Lock => Lock(tenure).into(),
            Office::Leadership => Lead(tenure).into(),
        };
        operations.push(PlannedOperation { at_us: at_ms * 1_000, action });
        at_ms += hold_ms + draw_span(generator, workload.pause_ms).max(1);
    }
    Work::Operations(operations)
}

/// Plans an observer.
pub(super) fn observe(scenario: &Scenario, generator: &mut Generator) -> Work {
    let name = name(Office::Leadership, scenario, generator);
    let reconnect_at_ms = moments(generator, scenario.workload.locks.reconnect_ms, scenario.duration_ms);
    let by_service = generator.gen_range(0..100) < scenario.workload.locks.by_service_percent;
    Work::Observe { name, by_service, reconnect_at_ms }
}
