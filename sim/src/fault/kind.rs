//! The trait of a kind of fault.

use super::{FaultCx, Roster, Topology};
use crate::bound::Impossible;
use crate::trace::NodeName;
use std::fmt;

/// A kind of fault: its fields say how bad it is and which targets it has, its [`Display`](fmt::Display) what a history
/// shows of it.
///
/// [`World::fault`](crate::World::fault) takes any, also those of other crates.
pub trait FaultKind: fmt::Display + Send + Sync {
    /// The name of the kind, in kebab case.
    fn name(&self) -> &'static str;

    /// Refuses a fault that cannot strike in such a cluster. Default: none is refused.
    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        let _ = topology;
        Ok(())
    }

    /// Replaces targets that are counted among clients or proxies by those that a plan means, so that a plan without one
    /// of the others strikes the same. Roles stay: they are resolved when the fault strikes. Default: nothing is
    /// replaced.
    fn name_targets(&mut self, roster: &Roster<'_>) {
        let _ = roster;
    }

    /// Strikes, and returns the victims. What it does through `cx` is undone, in the same order, when the fault heals.
    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName>;
}
