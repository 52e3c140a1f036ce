//! The troubles of a disk: what each fault in force does to it.

use crate::fault_id::FaultId;
use revline_store::disk::{DiskError, DiskWork, File};
use std::collections::{BTreeMap, BTreeSet};

/// Operations that fail.
#[derive(Clone, Debug)]
pub(crate) struct Failing {
    /// The kinds of operation.
    pub works: Vec<DiskWork>,
    pub error: DiskError,
    /// The number of operations that still fail; `None`: all, until the fault heals.
    pub times: Option<u32>,
}

/// A loss of power at an operation.
#[derive(Clone, Debug)]
pub(crate) struct PowerLoss {
    /// The kind of operation; `None`: any.
    pub work: Option<DiskWork>,
    /// The number of such operations before it.
    pub after: u32,
    /// The operation takes effect, though its process never learns of it.
    pub takes_effect: bool,
}

/// The troubles of one disk, by the fault that makes them.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    /// The factor by which everything is slowed down: the worst counts.
    pub slowed: BTreeMap<FaultId, u32>,
    /// Nothing is begun.
    pub stalled: BTreeSet<FaultId>,
    pub failing: BTreeMap<FaultId, Failing>,
    pub power_losses: BTreeMap<FaultId, PowerLoss>,
    /// The bytes that are read wrong, with the file they are in.
    pub misread: BTreeMap<FaultId, (File, usize)>,
}

impl Troubles {
    pub fn slowdown(&self) -> u32 {
        self.slowed.values().copied().max().unwrap_or(1).max(1)
    }

    /// The bytes that are read wrong.
    pub fn misread(&self) -> BTreeSet<(File, usize)> {
        self.misread.values().copied().collect()
    }

    /// The error with which an operation fails now, if it does.
    pub fn error(&mut self, work: DiskWork) -> Option<DiskError> {
        let (&id, failing) = self.failing.iter_mut().find(|(_, failing)| failing.works.contains(&work))?;
        let error = failing.error;
        if let Some(times) = &mut failing.times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                self.failing.remove(&id);
            }
        }
        Some(error)
    }

    /// The fault that takes the power at this operation, if one does, and whether the operation takes effect.
    pub fn power_loss(&mut self, work: DiskWork) -> Option<(FaultId, bool)> {
        let mut strikes = None;
        for (&id, loss) in &mut self.power_losses {
            if loss.work.is_some_and(|wanted| wanted != work) {
                continue;
            }
            match loss.after.checked_sub(1) {
                Some(left) => loss.after = left,
                None => strikes = strikes.or(Some((id, loss.takes_effect))),
            }
        }
        if let Some((id, _)) = strikes {
            self.power_losses.remove(&id);
        }
        strikes
    }
}
