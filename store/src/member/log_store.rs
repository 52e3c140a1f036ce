//! The Raft log in memory, as the `raft` crate reads it.
//!
//! All of it was handed to the disk; [`super::persistence`] keeps account of the part that is durable.

use crate::mark::{Mark, reach_if};
use raft::eraftpb::{ConfState, Entry, HardState, Snapshot};
use raft::{GetEntriesContext, RaftState, Result, Storage, StorageError};
use std::collections::VecDeque;

/// The entries since the last cut, and the newest snapshot.
#[derive(Debug, Default)]
pub(super) struct LogStore {
    /// The position before the first entry: index and term.
    start: (u64, u64),
    entries: VecDeque<Entry>,
    hard_state: HardState,
    conf_state: ConfState,
    snapshot: Snapshot,
}

impl LogStore {
    /// A log that begins after `start`. `snapshot` may be empty; if it is not, it covers `start`.
    pub fn new(
        start: (u64, u64),
        entries: Vec<Entry>,
        hard_state: HardState,
        conf_state: ConfState,
        snapshot: Snapshot,
    ) -> LogStore {
        debug_assert!(snapshot.get_metadata().index >= start.0, "a snapshot covers what the log lacks");
        LogStore { start, entries: entries.into(), hard_state, conf_state, snapshot }
    }

    pub fn start(&self) -> (u64, u64) {
        self.start
    }

    pub fn last(&self) -> u64 {
        self.start.0 + self.entries.len() as u64
    }

    pub fn entries_from_start(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    pub fn hard_state(&self) -> &HardState {
        &self.hard_state
    }

    pub fn set_hard_state(&mut self, state: HardState) {
        self.hard_state = state;
    }

    pub fn conf_state(&self) -> &ConfState {
        &self.conf_state
    }

    pub fn set_conf_state(&mut self, conf_state: ConfState) {
        self.conf_state = conf_state;
    }

    /// The newest snapshot; it may be empty.
    pub fn newest_snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    pub fn snapshot_index(&self) -> u64 {
        self.snapshot.get_metadata().index
    }

    /// Appends entries; they take the place of every entry at their indexes or after.
    pub fn append(&mut self, entries: &[Entry]) {
        let Some(first) = entries.first() else { return };
        assert!(
            first.index > self.start.0 && first.index <= self.last() + 1,
            "entry {} does not continue a log of {}..={}",
            first.index,
            self.start.0 + 1,
            self.last()
        );
        reach_if(first.index <= self.last(), Mark::LogConflict);
        self.entries.truncate((first.index - self.start.0 - 1) as usize);
        self.entries.extend(entries.iter().cloned());
    }

    /// Keeps `snapshot` as the newest one, and only the last `keep` entries it covers. The first entry of all goes
    /// in any case: a member that joins then gets the snapshot, and with it the initial members, which no entry
    /// names.
    pub fn compact_to(&mut self, snapshot: Snapshot, keep: u64) {
        let index = snapshot.get_metadata().index;
        assert!(index <= self.last(), "a snapshot of what was never in the log");
        self.snapshot = snapshot;
        let new_start = index.saturating_sub(keep).max(1);
        if new_start > self.start.0 {
            let term = self.term_at(new_start).expect("the new start is within the log");
            self.entries.drain(..(new_start - self.start.0) as usize);
            self.start = (new_start, term);
        }
    }

    /// Takes over a leader's snapshot: the log begins after it.
    pub fn install(&mut self, snapshot: Snapshot) {
        let metadata = snapshot.get_metadata();
        self.start = (metadata.index, metadata.term);
        self.entries.clear();
        self.conf_state = metadata.get_conf_state().clone();
        self.hard_state.commit = self.hard_state.commit.max(metadata.index);
        if self.hard_state.term < metadata.term {
            // No vote was given in that term.
            self.hard_state.term = metadata.term;
            self.hard_state.vote = raft::INVALID_ID;
        }
        self.snapshot = snapshot;
    }

    /// The term of the entry at `index`, if the log still knows it.
    pub fn term_at(&self, index: u64) -> Option<u64> {
        if index == self.start.0 {
            return Some(self.start.1);
        }
        let at = index.checked_sub(self.start.0 + 1)?;
        self.entries.get(at as usize).map(|entry| entry.term)
    }
}

impl Storage for LogStore {
    fn initial_state(&self) -> Result<RaftState> {
        Ok(RaftState { hard_state: self.hard_state.clone(), conf_state: self.conf_state.clone() })
    }

    fn entries(
        &self,
        low: u64,
        high: u64,
        max_size: impl Into<Option<u64>>,
        _context: GetEntriesContext,
    ) -> Result<Vec<Entry>> {
        if low <= self.start.0 {
            return Err(raft::Error::Store(StorageError::Compacted));
        }
        assert!(high <= self.last() + 1, "entries up to {high} of a log that ends at {}", self.last());
        let first = (low - self.start.0 - 1) as usize;
        let end = (high - self.start.0 - 1) as usize;
        let mut budget = max_size.into().unwrap_or(u64::MAX);
        let mut entries = Vec::with_capacity(end - first);
        for entry in self.entries.range(first..end) {
            let size = entry.data.len() as u64 + 24;
            if size > budget && !entries.is_empty() {
                break;
            }
            budget = budget.saturating_sub(size);
            entries.push(entry.clone());
        }
        Ok(entries)
    }

    fn term(&self, index: u64) -> Result<u64> {
        self.term_at(index).ok_or(raft::Error::Store(if index < self.start.0 {
            StorageError::Compacted
        } else {
            StorageError::Unavailable
        }))
    }

    fn first_index(&self) -> Result<u64> {
        Ok(self.start.0 + 1)
    }

    fn last_index(&self) -> Result<u64> {
        Ok(self.last())
    }

    fn snapshot(&self, request_index: u64, _to: u64) -> Result<Snapshot> {
        if self.snapshot.is_empty() || self.snapshot_index() < request_index {
            return Err(raft::Error::Store(StorageError::SnapshotTemporarilyUnavailable));
        }
        Ok(self.snapshot.clone())
    }
}
