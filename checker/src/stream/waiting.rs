//! What was answered of revisions that are not made yet.

use super::{Doubt, hold};
use crate::history::{KeyValue, Operation, Revision};
use crate::revision::seen_in;
use std::borrow::Borrow;
use std::collections::BTreeMap;

/// How much may wait.
const WAITING_MAX: usize = 1 << 16;

/// Operations by the revision that they made, or wait for.
pub(super) struct Waiting<O> {
    writes: BTreeMap<Revision, O>,
    reads: BTreeMap<(Revision, u64), O>,
    next: u64,
}

impl<O> Default for Waiting<O> {
    fn default() -> Self {
        Waiting { writes: BTreeMap::new(), reads: BTreeMap::new(), next: 0 }
    }
}

impl<O: Borrow<Operation>> Waiting<O> {
    /// An operation was answered with a revision that it made.
    pub(super) fn write(&mut self, revision: Revision, operation: O) -> Result<(), Doubt> {
        hold(self.count() < WAITING_MAX, "too much waits for a revision")?;
        hold(self.writes.insert(revision, operation).is_none(), "two operations made one revision")
    }

    /// An operation needs the state of a revision.
    pub(super) fn read(&mut self, revision: Revision, operation: O) -> Result<(), Doubt> {
        hold(self.count() < WAITING_MAX, "too much waits for a revision")?;
        self.next += 1;
        self.reads.insert((revision, self.next), operation);
        Ok(())
    }

    /// The operation that made a revision.
    pub(super) fn take_write(&mut self, revision: Revision) -> Option<O> {
        self.writes.remove(&revision)
    }

    /// An operation that needs nothing after a revision.
    pub(super) fn take_read(&mut self, revision: Revision) -> Option<O> {
        let first = self.reads.first_entry().filter(|first| first.key().0 <= revision)?;
        Some(first.remove())
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.writes.len() + self.reads.len()
    }

    /// What those that wait were shown of a revision, and whether with its value.
    pub(super) fn seen(&self, revision: Revision, see: &mut impl FnMut(&KeyValue, bool)) {
        for operation in self.writes.values().chain(self.reads.values()) {
            let operation = operation.borrow();
            if let Some(response) = operation.response() {
                seen_in(&operation.request, response, &mut |kv, with_value| {
                    if kv.mod_revision == revision {
                        see(kv, with_value);
                    }
                });
            }
        }
    }
}
