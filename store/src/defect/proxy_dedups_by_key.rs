//! A proxy keeps only the last event of each key of a batch.

use super::{Defect, Description};
use crate::api::Event;
use crate::bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The defect of this file.
pub const DEFECT: Defect = Defect::ProxyDedupsByKey;

pub(super) const DESCRIPTION: Description = Description {
    name: "proxy-dedups-by-key",
    rule: "a proxy keeps only the last event per key of a busy batch",
    guarantees: &["watch-reliable"],
};

/// The last event of each key.
pub(crate) fn last_of_each_key(events: &[Event]) -> Arc<[Event]> {
    let last: BTreeMap<&Bytes, usize> =
        events.iter().enumerate().map(|(at, event)| (&event.kv.key, at)).collect();
    let kept = events.iter().enumerate().filter(|(at, event)| last[&event.kv.key] == *at);
    kept.map(|(_, event)| event.clone()).collect()
}
