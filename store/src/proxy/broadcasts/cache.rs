//! Answers to ranges, kept for the next read of the same range (`server/proxy/grpcproxy/cache`).
//!
//! An answer is kept only while a broadcast watches its whole range, so that the proxy hears of changes. It counts
//! as current up to the revision that the broadcast has reached without an event in the range.
//!
//! A serializable read is answered with it unless something newer was shown. A linearizable one is not, unless it
//! is confirmed: a member is asked for the current revision, in a linearizable way, after the read came in, and the
//! kept answer is known to be current at that revision.

use super::BroadcastId;
use crate::api::{Event, RangeRequest, RangeResponse};
use crate::bytes::Bytes;
use crate::defect::{Defects, altered};
use crate::key_range::KeyRange;

/// The largest number of kept answers; the oldest goes.
const MAX_ENTRIES: usize = 256;

/// The kept answers, oldest first.
#[derive(Debug, Default)]
pub(super) struct Cache {
    entries: Vec<Entry>,
}

/// A kept answer.
#[derive(Debug)]
struct Entry {
    /// As asked, without the `serializable` flag.
    request: RangeRequest,
    range: KeyRange,
    response: RangeResponse,
    /// The broadcast that watches the range.
    watched_by: BroadcastId,
}

/// The request without its `serializable` flag. Only the newest state is kept, and only of keys that may be read
/// without a token.
fn question(request: &RangeRequest) -> RangeRequest {
    RangeRequest { serializable: false, ..request.clone() }
}

impl Cache {
    /// The kept answer to a read, and the broadcast that watches its range.
    pub fn get(&self, request: &RangeRequest) -> Option<(&RangeResponse, BroadcastId)> {
        let asked = question(request);
        let entry = self.entries.iter().find(|entry| entry.request == asked)?;
        Some((&entry.response, entry.watched_by))
    }

    /// Keeps the answer to a range in place of an older one; without a broadcast that watches the range, it is not kept.
    pub fn keep(
        &mut self,
        request: &RangeRequest,
        range: KeyRange,
        response: &RangeResponse,
        watched_by: Option<BroadcastId>,
    ) {
        let request = question(request);
        let revision = response.header.revision;
        self.entries.retain(|entry| entry.request != request || entry.response.header.revision > revision);
        let has_newer = self.entries.iter().any(|entry| entry.request == request);
        let Some(watched_by) = watched_by.filter(|_| !has_newer) else { return };
        if self.entries.len() == MAX_ENTRIES {
            self.entries.remove(0);
        }
        self.entries.push(Entry { request, range, response: response.clone(), watched_by });
    }

    /// Drops answers that the events of a broadcast change.
    pub fn drop_changed(&mut self, by: BroadcastId, events: &[Event], defects: Defects) {
        self.entries.retain(|entry| {
            let later = |event: &Event| event.kv.mod_revision > entry.response.header.revision;
            let touches = |key: &Bytes| {
                altered!(
                    defects,
                    proxy_cache_open_range::touches(&entry.request, key),
                    entry.range.contains(key)
                )
            };
            entry.watched_by != by || !events.iter().any(|event| later(event) && touches(&event.kv.key))
        });
    }

    /// Drops the answers kept by a broadcast that is gone or tells events again: its range is not watched.
    pub fn drop_watched_by(&mut self, by: BroadcastId) {
        self.entries.retain(|entry| entry.watched_by != by);
    }

    /// Drops all answers.
    pub fn clear(&mut self) {
        self.entries.clear();
    }
}
