//! Lanes: slices that overlap lie beside each other, as those of one thread have to lie in each other.

use super::tracks::Thread;
use revline_sim::trace::NodeName;
use std::collections::BTreeMap;

/// The name of a slice among those of a node that are open: its kind and its number.
type Name = (u8, u64);

/// The slices that are open, by lane.
#[derive(Debug, Default)]
pub(super) struct Lanes(BTreeMap<(NodeName, Thread), Vec<Option<Name>>>);

impl Lanes {
    /// Opens a slice on the first lane that is free.
    pub fn open(&mut self, node: NodeName, thread: Thread, name: Name) -> u32 {
        let lanes = self.0.entry((node, thread)).or_default();
        let lane = lanes.iter().position(Option::is_none).unwrap_or(lanes.len());
        if lane == lanes.len() {
            lanes.push(None);
        }
        lanes[lane] = Some(name);
        lane as u32
    }

    /// Closes a slice; returns its lane, if it is open.
    pub fn close(&mut self, node: NodeName, thread: Thread, name: Name) -> Option<u32> {
        let lanes = self.0.get_mut(&(node, thread))?;
        let lane = lanes.iter().position(|open| *open == Some(name))?;
        lanes[lane] = None;
        Some(lane as u32)
    }

    /// The lanes of slices that are still open.
    pub fn take(&mut self) -> BTreeMap<(NodeName, Thread), Vec<u32>> {
        let open = |lanes: Vec<Option<Name>>| {
            lanes.iter().enumerate().filter(|(_, open)| open.is_some()).map(|(lane, _)| lane as u32).collect()
        };
        std::mem::take(&mut self.0).into_iter().map(|(key, lanes)| (key, open(lanes))).collect()
    }
}
