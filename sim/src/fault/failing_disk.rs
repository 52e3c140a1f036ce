//! A disk that fails.

use super::{FaultCx, FaultKind, Target, Topology};
use crate::bound::{Bound, Impossible, require};
use crate::trace::NodeName;
use revline_store::disk::{DiskError, DiskWork};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The number of operations that fail.
const TIMES: Bound = Bound::new(1, 1_000, "a process that starts again fails again");

/// A member with a disk that fails at its next operations of some kinds.
///
/// Cause: a failing drive, a volume that is full, a lost path to a network volume.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FailingDisk {
    /// The member.
    pub target: Target,
    /// The kinds of operation that fail: `append`, `sync` and `replace`.
    pub works: Vec<DiskWork>,
    /// The error: `io` or `no-space`.
    pub error: DiskError,
    /// The number of operations that fail, 1 to 1 000. Default all, until the fault heals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
}

impl FaultKind for FailingDisk {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        require(!self.works.is_empty(), "works", "none is named: no operation would fail")?;
        if let Some(times) = self.times {
            TIMES.check(times.into(), "times")?;
        }
        topology.has_target(Self::NAME, "target", self.target)
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let member = cx.member(self.target);
        cx.fail_disk(member, self.works.clone(), self.error, self.times);
        vec![member]
    }
}

impl fmt::Display for FailingDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let works: Vec<String> = self.works.iter().map(|work| format!("{work:?}").to_lowercase()).collect();
        let works = works.join(" and ");
        let error = match self.error {
            DiskError::Io => "EIO",
            DiskError::NoSpace => "ENOSPC",
        };
        write!(f, "fail {works} with {error} on the disk of {}", self.target)?;
        self.times.map_or(Ok(()), |times| write!(f, ", {times} times"))
    }
}
