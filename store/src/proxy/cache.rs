//! Answers to ranges, kept for the next read of the same range (`server/proxy/grpcproxy/cache`).
//!
//! An answer is kept only while a broadcast watches its whole range, so that the proxy hears of changes. It counts
//! as current up to the revision that the broadcast has reached without an event in the range.
//!
//! A serializable read is answered with it unless something newer was shown. A linearizable one is not, unless it
//! is confirmed: a member is asked for the current revision, in a linearizable way, after the read came in, and the
//! kept answer is known to be current at that revision.

use super::broadcast::BroadcastId;
use super::machine::Proxy;
use super::{ProxyEvent, ProxyOutput};
use crate::api::{Event, RangeRequest, RangeResponse, Request, Response, ResponseHeader};
use crate::bytes::Bytes;
use crate::defect::altered;
use crate::frame::{Call, Reply};
use crate::key_range::KeyRange;

/// So many answers are kept; the oldest goes.
const MAX_ENTRIES: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Cache {
    entries: Vec<Entry>,
}

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

/// Returns true if every key of one range is in another.
fn covers(outer: &KeyRange, inner: &KeyRange) -> bool {
    match (outer, inner) {
        (_, KeyRange::One(key)) => outer.contains(key),
        (KeyRange::One(_), KeyRange::Span { .. }) => false,
        (KeyRange::Span { start, end }, KeyRange::Span { start: from, end: to }) => {
            start <= from
                && match (end, to) {
                    (None, _) => true,
                    (Some(_), None) => false,
                    (Some(end), Some(to)) => to <= end,
                }
        }
    }
}

impl Proxy {
    /// The read's place in the cache, if there is an answer that may serve it once it is confirmed.
    pub(super) fn is_cached(&self, request: &RangeRequest) -> bool {
        let asked = question(request);
        self.cache.entries.iter().any(|entry| entry.request == asked)
    }

    /// A kept answer that is known to be current at some revision from `revision` on, as it is there.
    pub(super) fn cached(&self, request: &RangeRequest, revision: i64) -> Option<RangeResponse> {
        let asked = question(request);
        let entry = self.cache.entries.iter().find(|entry| entry.request == asked)?;
        let heard = self.broadcasts.get(entry.watched_by).map_or(0, |broadcast| broadcast.next - 1);
        let current_at = heard.max(entry.response.header.revision);
        let header = ResponseHeader { revision: current_at, ..entry.response.header };
        (current_at >= revision).then(|| RangeResponse { header, ..entry.response.clone() })
    }

    /// The broadcast that watches the range of a kept answer.
    pub(super) fn watcher_of(&self, request: &RangeRequest) -> Option<BroadcastId> {
        let asked = question(request);
        let entry = self.cache.entries.iter().find(|entry| entry.request == asked);
        entry.map(|entry| entry.watched_by)
    }

    /// A member answered a range.
    pub(super) fn keep(&mut self, request: &Call, reply: &Reply) {
        let (Call::Kv(Request::Range(request)), Reply::Kv(Response::Range(response))) = (request, reply)
        else {
            return;
        };
        if !self.config.cache || request.revision > 0 {
            return;
        }
        let request = question(request);
        let range = KeyRange::new(&request.key, &request.range_end);
        let revision = response.header.revision;
        // A broadcast that told events after the answer does not tell them again.
        let watches = self.broadcasts.all.iter().find(|(_, broadcast)| {
            broadcast.subject.0.is_none()
                && broadcast.has_caught_up()
                && broadcast.next <= revision + 1
                && covers(&broadcast.range, &range)
        });
        self.cache
            .entries
            .retain(|entry| entry.request != request || entry.response.header.revision > revision);
        let kept = self.cache.entries.iter().any(|entry| entry.request == request);
        let Some((&watched_by, _)) = watches.filter(|_| !kept) else { return };
        if self.cache.entries.len() == MAX_ENTRIES {
            self.cache.entries.remove(0);
        }
        self.cache.entries.push(Entry { request, range, response: response.clone(), watched_by });
    }

    /// A broadcast tells of changes.
    pub(super) fn drop_changed(&mut self, by: BroadcastId, events: &[Event]) {
        let defects = self.config.defects;
        self.cache.entries.retain(|entry| {
            let later = |event: &Event| event.kv.mod_revision > entry.response.header.revision;
            let touches = |key: &Bytes| {
                let touches = entry.range.contains(key);
                altered!(defects, proxy_cache_open_range::touches(&entry.request, key), touches)
            };
            entry.watched_by != by || !events.iter().any(|event| later(event) && touches(&event.kv.key))
        });
    }

    /// Drops the answers kept by a broadcast that is gone or tells events again: its range is not watched.
    pub(super) fn drop_watched_by(&mut self, by: BroadcastId) {
        self.cache.entries.retain(|entry| entry.watched_by != by);
    }

    /// Drops all answers: permissions may have changed.
    pub(super) fn drop_cache(&mut self) {
        self.cache.entries.clear();
    }

    pub(super) fn note_cached(&self, linearizable: bool, out: &mut Vec<ProxyOutput>) {
        out.push(ProxyOutput::Event(ProxyEvent::Cached { linearizable }));
    }
}
