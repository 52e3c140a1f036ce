//! The faults in force.

use super::undo::Undo;
use super::{FaultCx, FaultKind};
use crate::fault_id::FaultId;
use crate::recorder::fingerprint;
use crate::state::State;
use crate::trace::{Details, Event, Fingerprint, NodeName};
use revline_checker::history::Observation;
use std::collections::BTreeMap;

/// The faults in force, in the order in which they struck.
#[derive(Debug, Default)]
pub(crate) struct InForce {
    active: Vec<Active>,
    /// The number of faults of these words that struck already.
    alike: BTreeMap<String, u64>,
}

/// A fault in force.
#[derive(Debug)]
pub(crate) struct Active {
    id: FaultId,
    name: String,
    undo: Vec<Undo>,
}

impl InForce {
    /// Names a fault after its words and the number of those before it.
    pub fn name(&mut self, fault: &dyn FaultKind) -> String {
        let what = fault.to_string();
        let count = self.alike.entry(what.clone()).or_default();
        *count += 1;
        format!("{what} #{count}")
    }

    pub fn add(&mut self, active: Active) -> FaultId {
        let id = active.id;
        self.active.push(active);
        id
    }

    pub fn remove(&mut self, id: FaultId) -> Option<Active> {
        let at = self.active.iter().position(|active| active.id == id)?;
        Some(self.active.remove(at))
    }

    pub fn ids(&self) -> Vec<FaultId> {
        self.active.iter().map(|active| active.id).collect()
    }
}

impl Active {
    /// Lets a fault strike, and writes it and its victims to the trace and to the history.
    pub fn strike(state: &mut State, seed: u64, name: &str, fault: &dyn FaultKind) -> Active {
        let what = fault.to_string();
        let id = FaultId(fingerprint(name));
        state.counters.faults += 1;
        let event = Event::Fault { what: Fingerprint::of(&what), fault: id };
        state.record_with(NodeName::WORLD, event, || Details::of_text(&what));
        // The trace has the hash of these words.
        tracing::debug!(target: "revline::trace", "world fault {:016x}: {what}", id.0);
        let mut cx = FaultCx::new(state, id, seed);
        let victims = fault.strike(&mut cx);
        let undo = cx.into_undo();
        for &victim in &victims {
            state.record(victim, Event::Victim { fault: id });
        }
        let at_ns = state.now_ns;
        let victims = victims.iter().map(|&victim| state.name(victim)).collect();
        state.recorder.observe(Observation::Fault { at_ns, what, name: Some(name.to_owned()), victims });
        Active { id, name: name.to_owned(), undo }
    }

    /// Heals it: takes back what it did, unless another fault in force does the same.
    pub fn heal(self, state: &mut State) {
        state.record(NodeName::WORLD, Event::Heal { fault: self.id });
        for undo in self.undo {
            undo.undo(state, self.id);
        }
        let at_ns = state.now_ns;
        state.recorder.observe(Observation::FaultHealed { at_ns, name: self.name });
    }
}
