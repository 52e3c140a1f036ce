//! A snapshot lowers the start of a watch in the future.
//!
//! Its next revision becomes the one after the last that was sent, like that of every synced watch.
//!
//! Found in: etcd #20221.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::RestoreLowersFutureWatch;

pub(super) const DESCRIPTION: Description = Description {
    name: "restore-lowers-future-watch",
    rule: "a snapshot lowers the start of a watch in the future",
    guarantees: &["watch-reliable"],
};
