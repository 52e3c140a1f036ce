//! A member's disk: written is not durable.
//!
//! Operations are carried out one after the other, in the order they were asked for. Appended bytes become
//! durable with a later sync. A crash may lose any suffix of the bytes that are not durable, tear a write at any byte,
//! and leave zeros where a file was grown before its data arrived. Replacing a file is atomic and durable:
//! after a crash it is the old one or the new one.

use crate::entropy::{Draws, Probability};
use crate::fault_id::FaultId;
use crate::trace::content::content_of_bytes;
use rand::Rng;
use revline_store::disk::{DiskImage, DiskOperation, DiskToken, File};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// The speed of a disk, and the effect of a crash on it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DiskConfig {
    /// The shortest and the longest a sync takes, in microseconds. Default 100 to 1 000: a flash disk.
    pub sync_us: (u64, u64),
    /// The probability that a crash leaves zeros behind the bytes that survive (a file grown before its data was
    /// written). Default 0.3.
    pub zero_tail: Probability,
}

impl Default for DiskConfig {
    fn default() -> Self {
        DiskConfig { sync_us: (100, 1_000), zero_tail: Probability::percent(30) }
    }
}

#[derive(Debug, Default)]
struct FileState {
    exists: bool,
    bytes: Vec<u8>,
    durable: usize,
}

/// An operation that was completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completed {
    Append { file: File, bytes: usize, content: u64 },
    Sync { file: File, durable: usize, token: Option<DiskToken> },
    Replace { file: File, bytes: usize, content: u64, token: Option<DiskToken> },
}

/// One member's disk.
#[derive(Debug)]
pub(crate) struct Disk {
    config: DiskConfig,
    draws: Draws,
    wal: FileState,
    snapshot: FileState,
    queue: VecDeque<(DiskOperation, Option<DiskToken>)>,
    busy: bool,
    /// The factor by which each fault in force slows everything down: the worst counts.
    slowed: BTreeMap<FaultId, u32>,
}

impl Disk {
    pub fn new(config: DiskConfig, draws: Draws) -> Disk {
        Disk {
            config,
            draws,
            wal: FileState::default(),
            snapshot: FileState::default(),
            queue: VecDeque::new(),
            busy: false,
            slowed: BTreeMap::new(),
        }
    }

    fn file(&mut self, file: File) -> &mut FileState {
        match file {
            File::Wal => &mut self.wal,
            File::Snapshot => &mut self.snapshot,
        }
    }

    pub fn submit(&mut self, operation: DiskOperation, token: Option<DiskToken>) {
        self.queue.push_back((operation, token));
    }

    pub fn slow_down(&mut self, fault: FaultId, factor: u32) {
        self.slowed.insert(fault, factor);
    }

    /// A fault is over that slowed it down.
    pub fn speed_up(&mut self, fault: FaultId) {
        self.slowed.remove(&fault);
    }

    fn slowdown(&self) -> u32 {
        self.slowed.values().copied().max().unwrap_or(1).max(1)
    }

    /// Goes on with the queue. Hands every append that completes at once to `completed`; returns how long
    /// the next operation takes, in nanoseconds, if one that takes time was started now.
    pub fn start_next(&mut self, now_ns: u64, completed: &mut Vec<Completed>) -> Option<u64> {
        if self.busy {
            return None;
        }
        loop {
            match self.queue.front()? {
                (DiskOperation::Append { .. }, _) => {
                    if let Some((DiskOperation::Append { file, bytes }, _)) = self.queue.pop_front() {
                        let content = content_of_bytes(&bytes);
                        let state = self.file(file);
                        state.exists = true;
                        state.bytes.extend_from_slice(&bytes);
                        completed.push(Completed::Append { file, bytes: bytes.len(), content });
                    }
                }
                (DiskOperation::Sync { .. } | DiskOperation::Replace { .. }, _) => {
                    self.busy = true;
                    let (low, high) = self.config.sync_us;
                    let took_us = self.draws.at(now_ns).gen_range(low..=high.max(low));
                    return Some(took_us * 1_000 * u64::from(self.slowdown()));
                }
            }
        }
    }

    /// The operation that takes time is done.
    pub fn finish(&mut self) -> Option<Completed> {
        debug_assert!(self.busy, "nothing is under way");
        self.busy = false;
        let (operation, token) = self.queue.pop_front()?;
        Some(match operation {
            DiskOperation::Append { .. } => unreachable!("appends take no time"),
            DiskOperation::Sync { file } => {
                let state = self.file(file);
                state.durable = state.bytes.len();
                Completed::Sync { file, durable: state.durable, token }
            }
            DiskOperation::Replace { file, bytes } => {
                let (length, content) = (bytes.len(), content_of_bytes(&bytes));
                *self.file(file) = FileState { exists: true, durable: length, bytes };
                Completed::Replace { file, bytes: length, content, token }
            }
        })
    }

    /// Loses power: bytes that are not durable are lost, in whole or in part. Returns the number of bytes of the log
    /// that survive.
    pub fn crash(&mut self, now_ns: u64) -> usize {
        // An append that waits behind a sync may have begun to reach the file.
        if let Some((DiskOperation::Append { file, bytes }, _)) =
            self.queue.iter().find(|(operation, _)| !matches!(operation, DiskOperation::Sync { .. })).cloned()
        {
            self.file(file).bytes.extend_from_slice(&bytes);
        }
        self.queue.clear();
        self.busy = false;
        for file in [File::Wal, File::Snapshot] {
            let zero_tail = self.config.zero_tail;
            let (durable, length) = (self.file(file).durable, self.file(file).bytes.len());
            if durable == length {
                continue;
            }
            let mut generator = self.draws.at(now_ns);
            let survive = generator.gen_range(durable..=length);
            let zeros = zero_tail.happens(&mut generator);
            let state = self.file(file);
            state.bytes.truncate(survive);
            if zeros {
                state.bytes.resize(length, 0);
            }
            state.durable = state.bytes.len();
            state.exists = durable > 0 || survive > 0;
        }
        self.wal.bytes.len()
    }

    /// The lengths of its files, and their hashes: those of the log, and of the snapshot.
    pub fn content(&self) -> [(usize, u64); 2] {
        [&self.wal, &self.snapshot].map(|file| (file.bytes.len(), content_of_bytes(&file.bytes)))
    }

    /// Puts files on it, as an operator does before a member is started.
    pub fn load(&mut self, image: DiskImage) {
        let file = |content: Option<Vec<u8>>| match content {
            Some(bytes) => FileState { exists: true, durable: bytes.len(), bytes },
            None => FileState::default(),
        };
        self.wal = file(image.wal);
        self.snapshot = file(image.snapshot);
    }

    /// Loses everything on it.
    pub fn wipe(&mut self) {
        self.queue.clear();
        self.busy = false;
        self.wal = FileState::default();
        self.snapshot = FileState::default();
    }

    /// The content that a starting member reads.
    pub fn image(&self) -> DiskImage {
        let content = |state: &FileState| state.exists.then(|| state.bytes.clone());
        DiskImage { wal: content(&self.wal), snapshot: content(&self.snapshot) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn append(bytes: &[u8]) -> DiskOperation {
        DiskOperation::Append { file: File::Wal, bytes: bytes.to_vec() }
    }

    const SYNC: DiskOperation = DiskOperation::Sync { file: File::Wal };

    fn written(seed: u64, zero_tail: Probability) -> Disk {
        let mut disk = Disk::new(DiskConfig { zero_tail, ..DiskConfig::default() }, Draws::new(seed, "disk"));
        let mut completed = Vec::new();
        disk.submit(append(b"durable"), None);
        disk.submit(SYNC, Some(1));
        assert!(disk.start_next(0, &mut completed).is_some());
        assert_eq!(disk.finish(), Some(Completed::Sync { file: File::Wal, durable: 7, token: Some(1) }));
        disk.submit(append(b"volatile"), None);
        disk.submit(SYNC, Some(2));
        assert!(disk.start_next(0, &mut completed).is_some());
        disk
    }

    #[test]
    fn a_crash_keeps_what_was_synced_and_any_prefix_of_the_rest() {
        let mut lengths = std::collections::BTreeSet::new();
        for seed in 0..500 {
            let mut disk = written(seed, Probability::NEVER);
            disk.crash(0);
            let wal = disk.image().wal.unwrap();
            assert!(b"durablevolatile".starts_with(&wal[..]), "{wal:?}");
            lengths.insert(wal.len());
        }
        assert_eq!(lengths, (7..=15).collect(), "every byte is a place to tear");
    }

    #[test]
    fn a_grown_file_ends_in_zeros() {
        let torn = (0..100).any(|seed| {
            let mut disk = written(seed, Probability::percent(100));
            disk.crash(0);
            let wal = disk.image().wal.unwrap();
            assert_eq!(wal.len(), 15);
            wal.ends_with(b"vola\0\0\0\0")
        });
        assert!(torn);
    }

    #[test]
    fn replacing_is_all_or_nothing() {
        let replace = DiskOperation::Replace { file: File::Wal, bytes: b"new".to_vec() };
        for finish in [false, true] {
            let mut disk = written(1, Probability::NEVER);
            disk.finish();
            disk.submit(replace.clone(), None);
            disk.submit(append(b"er"), None);
            disk.start_next(0, &mut Vec::new());
            if finish {
                disk.finish();
                disk.start_next(0, &mut Vec::new());
            }
            disk.crash(0);
            let wal = disk.image().wal.unwrap();
            if finish {
                assert!(wal.starts_with(b"new") && b"newer".starts_with(&wal[..]), "{wal:?}");
            } else {
                assert_eq!(wal, b"durablevolatile", "{wal:?}");
            }
        }
    }

    #[test]
    fn one_byte_makes_another_content() {
        let mut disk = Disk::new(DiskConfig::default(), Draws::new(1, "disk"));
        let mut completed = Vec::new();
        for bytes in [b"one", b"two", b"twp"] {
            disk.submit(append(bytes), None);
        }
        disk.start_next(0, &mut completed);
        let contents: std::collections::BTreeSet<u64> = completed
            .iter()
            .map(|completed| match completed {
                Completed::Append { bytes: 3, content, .. } => *content,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(contents.len(), 3);
        let before = disk.content();
        disk.load(DiskImage { wal: Some(b"onetwotwq".to_vec()), snapshot: None });
        assert_ne!(disk.content()[0], before[0]);
        assert_eq!(disk.content()[1], before[1]);
    }

    #[test]
    fn a_slow_disk_takes_longer() {
        let mut disk = written(1, Probability::NEVER);
        disk.finish();
        disk.slow_down(FaultId(1), 100);
        disk.submit(SYNC, None);
        assert!(disk.start_next(0, &mut Vec::new()).unwrap() >= 100 * 100 * 1_000);
    }

    #[test]
    fn the_slowest_of_several_slowdowns_counts_whichever_ends_first() {
        let [once, twice] = [FaultId(1), FaultId(2)];
        for (first, second, then) in [(once, twice, 100), (twice, once, 10)] {
            let mut disk = written(1, Probability::NEVER);
            disk.slow_down(once, 10);
            disk.slow_down(twice, 100);
            assert_eq!(disk.slowdown(), 100);
            disk.speed_up(first);
            assert_eq!(disk.slowdown(), then);
            disk.speed_up(first);
            assert_eq!(disk.slowdown(), then, "a fault heals once");
            disk.speed_up(second);
            assert_eq!(disk.slowdown(), 1);
        }
    }
}
