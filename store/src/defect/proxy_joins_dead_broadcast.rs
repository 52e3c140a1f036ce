//! A watcher joins an upstream watch of a proxy that has ended.
//!
//! Found in: etcd #21813.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::ProxyJoinsDeadBroadcast;

pub(super) const DESCRIPTION: Description = Description {
    name: "proxy-joins-dead-broadcast",
    rule: "a watcher joins an upstream watch that has ended",
    guarantees: &["watch-reliable"],
};
