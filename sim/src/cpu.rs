//! How long a process takes for what it does: by default no time at all.

use revline_store::machine::{Output, ServerFrame};
use revline_store::proxy::ProxyOutput;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What work costs the one core that a member or a proxy has, in microseconds each. Default 0: it costs nothing.
///
/// A process takes one input after the other. What it answers to an input leaves when the work for it is
/// done, and what arrives meanwhile waits. Disks have times of their own
/// ([`DiskConfig`](crate::DiskConfig)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CpuConfig {
    /// Taking a message: of a client, of another member, a tick. Default 0.
    pub per_message_us: u64,
    /// Sending a message that is no watch response. Default 0.
    pub per_reply_us: u64,
    /// Sending a watch response: encoding it, and handing it to the connection. Default 0.
    pub per_watch_response_us: u64,
}

impl CpuConfig {
    /// Whether nothing costs anything.
    pub fn is_free(&self) -> bool {
        *self == CpuConfig::default()
    }

    /// What it costs to take a message and to send these frames and so many other messages, in nanoseconds.
    pub(crate) fn work_ns<'a>(
        &self,
        takes_message: bool,
        frames: impl Iterator<Item = &'a ServerFrame>,
        others: u64,
    ) -> u64 {
        let (mut watch, mut replies) = (0, others);
        for frame in frames {
            match frame {
                ServerFrame::Watch { .. } => watch += 1,
                ServerFrame::Reply { .. } | ServerFrame::Observe { .. } => replies += 1,
            }
        }
        let taken = u64::from(takes_message) * self.per_message_us;
        1_000 * (taken + replies * self.per_reply_us + watch * self.per_watch_response_us)
    }

    /// What a proxy's step costs.
    pub(crate) fn proxy_step_ns(&self, outputs: &[ProxyOutput]) -> u64 {
        if self.is_free() {
            return 0;
        }
        let frames = outputs.iter().filter_map(|output| match output {
            ProxyOutput::Client { frame, .. } => Some(frame),
            _ => None,
        });
        let upstream = outputs.iter().filter(|output| matches!(output, ProxyOutput::Upstream { .. })).count();
        self.work_ns(true, frames, upstream as u64)
    }

    /// What a member's step costs. That the disk is done is no message.
    pub(crate) fn member_step_ns(&self, takes_message: bool, outputs: &[Output]) -> u64 {
        if self.is_free() {
            return 0;
        }
        let frames = outputs.iter().filter_map(|output| match output {
            Output::Client { frame, .. } => Some(frame),
            Output::Peer(_) | Output::Disk { .. } | Output::Event(_) => None,
        });
        let peers = outputs.iter().filter(|output| matches!(output, Output::Peer(_))).count();
        self.work_ns(takes_message, frames, peers as u64)
    }
}
