//! A loss of power at a disk operation.

use super::{FaultCx, FaultKind, Target, Topology};
use crate::bound::{Bound, Impossible};
use crate::trace::NodeName;
use revline_store::disk::DiskWork;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The number of operations before the one at which power is lost.
const AFTER: Bound = Bound::new(0, 1_000, "it has to come within the run");

/// A member that loses power at one of its next disk operations, until the fault heals.
///
/// Cause: a power cut at the worst moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CrashAt {
    /// The member.
    pub target: Target,
    /// The kind of operation: `append`, `sync` or `replace`. Default any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<DiskWork>,
    /// The number of such operations before it. 0 to 1 000.
    pub after: u32,
    /// The operation takes effect before, though the member does not learn of it. Default no.
    #[serde(default)]
    pub takes_effect: bool,
    /// The power is cut first, and comes back at once: the operations are those of the start. Default no.
    #[serde(default)]
    pub in_recovery: bool,
}

impl FaultKind for CrashAt {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, topology: &Topology) -> Result<(), Impossible> {
        AFTER.check(self.after.into(), "after")?;
        topology.has_lasting_target(Self::NAME, "target", self.target)
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let member = cx.member(self.target);
        if self.in_recovery {
            if !cx.crash(member) {
                return Vec::new();
            }
            cx.restart(member);
        }
        cx.crash_at(member, self.work, self.after, self.takes_effect);
        vec![member]
    }
}

impl fmt::Display for CrashAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let work = match self.work {
            None => "disk operation",
            Some(DiskWork::Append) => "append",
            Some(DiskWork::Sync) => "sync",
            Some(DiskWork::Replace) => "replacement",
        };
        let when = if self.takes_effect { "after" } else { "before" };
        let start = if self.in_recovery { " of a new start" } else { "" };
        write!(f, "crash {} {when} {work} {} from now{start}", self.target, self.after)
    }
}
