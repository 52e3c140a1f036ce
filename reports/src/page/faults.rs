//! The ends of a history's faults.

use revline_checker::history::{History, Observation};

/// The end of the fault that is this observation: its own, or that of all; `None` if it never ended.
pub(super) fn end_of_fault(history: &History, index: usize) -> Option<u64> {
    let Observation::Fault { at_ns, name, .. } = &history.observations[index] else { return None };
    // One without a name is over at once.
    let Some(name) = name else { return Some(*at_ns) };
    history.observations[index + 1..].iter().find_map(|later| match later {
        Observation::FaultHealed { at_ns, name: own } if own == name => Some(*at_ns),
        Observation::Healed { at_ns, .. } => Some(*at_ns),
        _ => None,
    })
}
