//! A delete that is not in the file yet is read twice.
//!
//! Found in: etcd #17247.

use super::{Defect, Description};
use crate::api::{Event, KeyValue};
use crate::mvcc::Store;
use std::sync::Arc;

/// The defect of this file.
pub const DEFECT: Defect = Defect::BufferedDeleteDuplicated;

pub(super) const DESCRIPTION: Description = Description {
    name: "buffered-delete-duplicated",
    rule: "a watch that catches up is told the newest delete twice",
    guarantees: &["watch-unique"],
};

/// Adds the newest delete once more: etcd reads changes that are not in its file yet from the buffer of the
/// file, where they may lie twice.
pub(crate) fn read_again(kv: &Arc<KeyValue>, store: &Store, events: &mut Vec<Event>) {
    if kv.is_tombstone() && kv.mod_revision == store.revision() {
        events.push(Event::of(kv.clone()));
    }
}
