//! A snapshot lowers the start of a watch in the future.
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

/// The next revision of every synced watch becomes the one after the last that was sent, also where the watch waits
/// for a later one.
pub(crate) fn next_revision(after_sent: i64) -> i64 {
    after_sent
}
