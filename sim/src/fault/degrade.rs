//! Bad links between members.

use super::{FaultCx, FaultKind, Topology, one_way};
use crate::bound::Impossible;
use crate::network::LinkConfig;
use crate::trace::NodeName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Peer links that are slow, lossy, repeating and reordering.
///
/// Cause: congestion, a flapping link.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Degrade {
    /// The behaviour of every link between members.
    pub link: LinkConfig,
}

impl FaultKind for Degrade {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, _: &Topology) -> Result<(), Impossible> {
        self.link.check().map_err(|wrong| wrong.within("link"))
    }

    fn strike(&self, cx: &mut FaultCx<'_>) -> Vec<NodeName> {
        let members = cx.members();
        cx.degrade(one_way(&members, &members), self.link);
        members
    }
}

impl fmt::Display for Degrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LinkConfig { latency_us: (least, most), loss, duplicate, reorder, .. } = self.link;
        write!(
            f,
            "degrade links: {least}..{most} us, loss {loss}, duplicate {duplicate}, reorder {reorder}"
        )?;
        let (usual, LinkConfig { corrupt, spike, burst, bytes_per_ms, .. }) =
            (LinkConfig::default(), self.link);
        if corrupt != usual.corrupt {
            write!(f, ", corrupt {corrupt}")?;
        }
        if spike != usual.spike {
            write!(f, ", spikes {spike}")?;
        }
        if burst != usual.burst {
            write!(f, ", bursts of {burst}")?;
        }
        if bytes_per_ms != usual.bytes_per_ms {
            write!(f, ", {bytes_per_ms} B/ms")?;
        }
        Ok(())
    }
}
