//! A watch whose stream was full when it was to be told of a compaction goes on without a word.
//!
//! Found in: etcd #17529.

use super::{Defect, Description};
use crate::mvcc::Store;
use crate::watch::{Group, Watchers};

/// The defect of this file.
pub const DEFECT: Defect = Defect::CompactedNoticeLost;

pub(super) const DESCRIPTION: Description = Description {
    name: "compacted-notice-lost",
    rule: "a watch moves on although it was not told of a compaction",
    guarantees: &["watch-reliable"],
};

/// Lets the watch go on from the present, instead of waiting until the stream takes the notice.
pub(crate) fn go_on(watchers: &mut Watchers, slot: usize, store: &Store) {
    if let Some(watcher) = watchers.get_mut(slot) {
        watcher.next_revision = store.revision() + 1;
        watchers.place(slot, Group::Synced);
    }
}
