//! The logs of members, as they were handed to their disks: what an index stands for when a member applies it.

use super::{Details, NodeName};
use std::collections::BTreeMap;

/// The entries of every member's log.
#[derive(Debug, Default)]
pub(super) struct LogsSeen {
    logs: BTreeMap<NodeName, LogSeen>,
}

#[derive(Debug, Default)]
struct LogSeen {
    entries: BTreeMap<u64, Details>,
    applied: u64,
}

impl LogsSeen {
    /// An entry takes the place of every one at its index.
    pub fn appended(&mut self, node: NodeName, index: u64, entry: Details) {
        self.logs.entry(node).or_default().entries.insert(index, entry);
    }

    /// A member's state is that of a snapshot, up to this index.
    pub fn restored(&mut self, node: NodeName, index: u64) {
        self.logs.entry(node).or_default().applied = index;
    }

    /// A member applied its log up to this index: the entries that it had not applied yet.
    pub fn applied(&mut self, node: NodeName, index: u64) -> Vec<(u64, &Details)> {
        let log = self.logs.entry(node).or_default();
        let first = log.applied.min(index) + 1;
        log.applied = index;
        log.entries.range(first..=index).map(|(index, entry)| (*index, entry)).collect()
    }
}
