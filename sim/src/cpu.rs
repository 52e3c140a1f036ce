//! The cost of work: the time a process takes for each message, by default none.

use revline_store::frame::ServerFrame;
use revline_store::member::Output;
use revline_store::proxy::ProxyOutput;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The cost of work on the one core that a member or a proxy has, in microseconds each. Default 0.
///
/// A process takes one input after the other. The outputs of a step leave when the work for it is done, and inputs that
/// arrive meanwhile wait. Disks have times of their own
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
    /// True if nothing costs anything.
    pub fn is_free(&self) -> bool {
        *self == CpuConfig::default()
    }

    /// The cost of taking a message and sending these frames and so many other messages, in nanoseconds.
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

    /// The cost of a proxy's step, in nanoseconds.
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

    /// The cost of a member's step, in nanoseconds. The completion of a disk operation is no message.
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
