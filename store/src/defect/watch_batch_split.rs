//! The events of one revision are sent in two responses.

use super::{Defect, Description};
use crate::api::Event;
use std::sync::Arc;

/// The defect of this file.
pub const DEFECT: Defect = Defect::WatchBatchSplit;

pub(super) const DESCRIPTION: Description = Description {
    name: "watch-batch-split",
    rule: "events of one revision are sent in two responses",
    guarantees: &["watch-atomic"],
};

/// Splits events between two of one revision, if there are such.
pub(crate) fn in_two(events: &[Event]) -> Option<[Arc<[Event]>; 2]> {
    let shared = events.windows(2).position(|pair| pair[0].kv.mod_revision == pair[1].kv.mod_revision)?;
    let (first, second) = events.split_at(shared + 1);
    Some([first.into(), second.into()])
}
