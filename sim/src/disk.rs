//! A member's disk: written is not durable.
//!
//! Operations are carried out one after the other, in the order they were asked for. Appended bytes become
//! durable with a later sync. A crash may lose any suffix of the bytes that are not durable, tear a write at any byte,
//! and leave zeros where a file was grown before its data arrived. Replacing a file is atomic and durable:
//! after a crash it is the old one or the new one.
//!
//! An operation may fail. A failed append leaves any part of its bytes, and after it, or after a failed replacement,
//! nothing more is carried out for this process. The bytes of a failed sync can still be read, but no later sync makes them
//! durable: that is what Linux does.

mod file_state;
mod trouble;

pub(crate) use trouble::{Failing, PowerLoss};

use crate::entropy::{Draws, Generator, Probability};
use crate::fault_id::FaultId;
use crate::trace::content::content_of_bytes;
use file_state::FileState;
use rand::Rng;
use revline_store::disk::{DiskError, DiskFailure, DiskImage, DiskOperation, DiskToken, File};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use trouble::Troubles;

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

/// An operation that was completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completed {
    Append { file: File, bytes: usize, content: u64 },
    Sync { file: File, durable: usize, token: Option<DiskToken> },
    Replace { file: File, bytes: usize, content: u64, token: Option<DiskToken> },
    Failed(DiskFailure),
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
    /// The time at which the operation that takes time was begun, or the last one was, in nanoseconds.
    began_ns: u64,
    /// An operation failed: nothing more is carried out for this process.
    halted: bool,
    /// The fault that took the power at an operation. The process has to end.
    power_lost: Option<FaultId>,
    troubles: Troubles,
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
            began_ns: 0,
            halted: false,
            power_lost: None,
            troubles: Troubles::default(),
        }
    }

    fn file(&mut self, file: File) -> &mut FileState {
        match file {
            File::Wal => &mut self.wal,
            File::Snapshot => &mut self.snapshot,
        }
    }

    pub fn submit(&mut self, operation: DiskOperation, token: Option<DiskToken>) {
        if !self.halted {
            self.queue.push_back((operation, token));
        }
    }

    pub fn slow_down(&mut self, fault: FaultId, factor: u32) {
        self.troubles.slowed.insert(fault, factor);
    }

    /// Begins nothing more, until the fault is over.
    pub fn stall(&mut self, fault: FaultId) {
        self.troubles.stalled.insert(fault);
    }

    pub fn fail(&mut self, fault: FaultId, failing: Failing) {
        self.troubles.failing.insert(fault, failing);
    }

    pub fn lose_power_at(&mut self, fault: FaultId, loss: PowerLoss) {
        self.troubles.power_losses.insert(fault, loss);
    }

    /// True if this fault is still to take the power.
    pub fn is_to_lose_power(&self, fault: FaultId) -> bool {
        self.troubles.power_losses.contains_key(&fault)
    }

    /// Has a bit of a byte that was synced read wrong, and leaves it as it is; false if there is no such byte.
    pub fn misread(&mut self, fault: FaultId, file: File, generator: &mut Generator) -> bool {
        let at = self.file(file).synced_place(generator);
        self.troubles.misread.extend(at.map(|at| (fault, (file, at))));
        at.is_some()
    }

    /// A fault is over that slowed it down, stalled it, or let it fail.
    pub fn recover(&mut self, fault: FaultId) {
        self.troubles.slowed.remove(&fault);
        self.troubles.stalled.remove(&fault);
        self.troubles.failing.remove(&fault);
        self.troubles.power_losses.remove(&fault);
        self.troubles.misread.remove(&fault);
    }

    /// The fault that took the power at the last operation, once.
    pub fn take_power_loss(&mut self) -> Option<FaultId> {
        self.power_lost.take()
    }

    /// True if it takes up no operation.
    fn stands_still(&self) -> bool {
        self.busy || self.halted || self.power_lost.is_some() || !self.troubles.stalled.is_empty()
    }

    /// Goes on with the queue. Hands every append that completes at once to `completed`; returns how long
    /// the next operation takes, in nanoseconds, if one that takes time was started now.
    pub fn start_next(&mut self, now_ns: u64, completed: &mut Vec<Completed>) -> Option<u64> {
        while !self.stands_still() {
            match self.queue.pop_front()? {
                (DiskOperation::Append { file, bytes }, token) => {
                    let append = DiskOperation::Append { file, bytes };
                    completed.extend(self.carry_out(now_ns, append, token));
                }
                other => {
                    self.queue.push_front(other);
                    (self.busy, self.began_ns) = (true, now_ns);
                    let (low, high) = self.config.sync_us;
                    let took_us = self.draws.at(now_ns).gen_range(low..=high.max(low));
                    return Some(took_us * 1_000 * u64::from(self.troubles.slowdown()));
                }
            }
        }
        None
    }

    /// The time at which the last operation that takes time was begun, in nanoseconds.
    pub fn began_ns(&self) -> u64 {
        self.began_ns
    }

    /// The operation that takes time is done.
    pub fn finish(&mut self, now_ns: u64) -> Option<Completed> {
        debug_assert!(self.busy, "nothing is under way");
        self.busy = false;
        let (operation, token) = self.queue.pop_front()?;
        self.carry_out(now_ns, operation, token)
    }

    /// Carries out an operation, unless it fails, or the power is lost.
    fn carry_out(
        &mut self,
        now_ns: u64,
        operation: DiskOperation,
        token: Option<DiskToken>,
    ) -> Option<Completed> {
        let work = operation.work();
        let power_loss = self.troubles.power_loss(work);
        if let Some((fault, takes_effect)) = power_loss {
            self.power_lost = Some(fault);
            if !takes_effect {
                // Its bytes may have begun to reach the file.
                self.queue.push_front((operation, token));
                return None;
            }
        } else if let Some(error) = self.troubles.error(work) {
            return Some(Completed::Failed(self.fail_now(now_ns, operation, token, error)));
        }
        Some(match operation {
            DiskOperation::Append { file, bytes } => {
                self.file(file).append(&bytes);
                Completed::Append { file, bytes: bytes.len(), content: content_of_bytes(&bytes) }
            }
            DiskOperation::Sync { file } => Completed::Sync { file, durable: self.file(file).sync(), token },
            DiskOperation::Replace { file, bytes } => {
                let (length, content) = (bytes.len(), content_of_bytes(&bytes));
                *self.file(file) = FileState::durable(bytes);
                Completed::Replace { file, bytes: length, content, token }
            }
        })
    }

    fn fail_now(
        &mut self,
        now_ns: u64,
        operation: DiskOperation,
        token: Option<DiskToken>,
        error: DiskError,
    ) -> DiskFailure {
        let failure = DiskFailure { work: operation.work(), file: operation.file(), error, token };
        match operation {
            DiskOperation::Sync { file } => self.file(file).fail_to_sync(),
            DiskOperation::Append { file, bytes } => {
                let written = self.draws.at(now_ns).gen_range(0..bytes.len().max(1));
                self.file(file).append(&bytes[..written]);
                self.halt();
            }
            DiskOperation::Replace { .. } => self.halt(),
        }
        failure
    }

    fn halt(&mut self) {
        self.halted = true;
        self.queue.clear();
    }

    /// Its process ended, and the system goes on: what it wrote can be read, though it is not durable.
    pub fn process_ended(&mut self) {
        self.queue.clear();
        self.busy = false;
        self.halted = false;
        self.power_lost = None;
    }

    /// Loses power: bytes that are not durable are lost, in whole or in part. Returns the number of bytes of the log
    /// that survive.
    pub fn crash(&mut self, now_ns: u64) -> usize {
        // An append that waits behind a sync may have begun to reach the file.
        if let Some((DiskOperation::Append { file, bytes }, _)) =
            self.queue.iter().find(|(operation, _)| !matches!(operation, DiskOperation::Sync { .. })).cloned()
        {
            self.file(file).append(&bytes);
        }
        self.process_ended();
        let zero_tail = self.config.zero_tail;
        for file in [&mut self.wal, &mut self.snapshot] {
            file.crash(|| self.draws.at(now_ns), zero_tail);
        }
        self.wal.bytes.len()
    }

    /// Turns over a bit of a byte that was synced; false if there is no such byte.
    pub fn rot(&mut self, file: File, generator: &mut Generator) -> bool {
        let file = self.file(file);
        let at = file.synced_place(generator);
        if let Some(at) = at {
            file.bytes[at] ^= 1 << generator.gen_range(0..8);
        }
        at.is_some()
    }

    /// Repeats a write to the log, or lets two of them change places; false if there are too few.
    pub fn misplace(&mut self, repeat: bool, generator: &mut Generator) -> bool {
        self.wal.misplace(repeat, generator)
    }

    /// The lengths of its files, and their hashes: those of the log, and of the snapshot.
    pub fn content(&self) -> [(usize, u64); 2] {
        [&self.wal, &self.snapshot].map(|file| (file.bytes.len(), content_of_bytes(&file.bytes)))
    }

    /// Puts files on it, as an operator does before a member is started.
    pub fn load(&mut self, image: DiskImage) {
        self.wal = FileState::of(image.wal);
        self.snapshot = FileState::of(image.snapshot);
    }

    /// A copy of what is durable on it.
    pub fn durable_copy(&self) -> DiskImage {
        let content = |state: &FileState| state.exists.then(|| state.bytes[..state.durable].to_vec());
        DiskImage { wal: content(&self.wal), snapshot: content(&self.snapshot) }
    }

    /// Loses everything on it.
    pub fn wipe(&mut self) {
        self.process_ended();
        self.load(DiskImage::default());
    }

    /// The content that a starting member reads.
    pub fn image(&self) -> DiskImage {
        let content = |state: &FileState| state.exists.then(|| state.bytes.clone());
        let mut image = DiskImage { wal: content(&self.wal), snapshot: content(&self.snapshot) };
        for (file, at) in self.troubles.misread() {
            let bytes = match file {
                File::Wal => &mut image.wal,
                File::Snapshot => &mut image.snapshot,
            };
            if let Some(byte) = bytes.as_mut().and_then(|bytes| bytes.get_mut(at)) {
                *byte ^= 1;
            }
        }
        image
    }
}

#[cfg(all(test, unix))]
mod against_real;
#[cfg(test)]
mod tests;
