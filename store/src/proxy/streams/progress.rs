//! The progress of the watches of a stream: asked by its client, and told from time to time.
//!
//! A client is told only of a revision up to which all watches of its stream were told everything. Nothing is told on
//! behalf of a broadcast that did not say so itself.

use crate::api::{INVALID_WATCH_ID, ResponseHeader, WatchResponse};
use crate::frame::ClientStream;
use crate::machine::Time;
use crate::mark::{Mark, reach};
use crate::proxy::broadcasts::{BroadcastId, Broadcasts, Coverage, WatcherId};
use crate::proxy::cx::Cx;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The progress of the watches of a stream.
#[derive(Debug)]
pub(super) struct Progress {
    /// The broadcasts that have yet to say how far they have come, if the client asked.
    awaited: Option<BTreeSet<BroadcastId>>,
    /// The highest progress that was told.
    bookmark: i64,
    /// The time of the next progress notifications of watches that asked for them.
    round_at: Time,
}

impl Progress {
    /// The progress of a stream that opens now.
    pub fn new(cx: &Cx<'_>) -> Progress {
        Progress { awaited: None, bookmark: 0, round_at: next_round(cx) }
    }

    /// Takes a question of the client, which waits for these broadcasts.
    pub fn ask(&mut self, broadcasts: BTreeSet<BroadcastId>) {
        self.awaited = Some(broadcasts);
    }

    /// Forgets the question of the client; true if there was one.
    pub fn forget_question(&mut self) -> bool {
        self.awaited.take().is_some()
    }

    /// Waits for one broadcast in place of another, which was merged into it.
    pub fn merged(&mut self, from: BroadcastId, into: BroadcastId) {
        if let Some(awaited) = &mut self.awaited {
            awaited.remove(&from);
            awaited.insert(into);
        }
    }

    /// Waits for a broadcast no longer; true if the client waits for an answer and no other broadcast is awaited.
    pub fn arrived(&mut self, by: BroadcastId) -> bool {
        self.awaited.as_mut().is_some_and(|awaited| {
            awaited.remove(&by);
            awaited.is_empty()
        })
    }

    /// Tells a client how far all watches of its stream have come; nothing if one of them did not come as far as it
    /// begins, or less far than was told before. While one of them was sent events of a later revision than another's
    /// broadcast has reached, the others are asked again: progress below an event would take it back.
    pub fn tell(
        &mut self,
        cx: &mut Cx<'_>,
        broadcasts: &mut Broadcasts,
        key: ClientStream,
        watches: &BTreeMap<i64, WatcherId>,
        header: ResponseHeader,
    ) {
        self.awaited = None;
        let Some(coverage) = broadcasts.coverage(watches.values()) else { return };
        let Coverage { revision, first_wanted, last_event } = coverage;
        if revision < last_event {
            let behind = broadcasts.behind(watches.values(), last_event);
            for id in &behind {
                broadcasts.await_progress(*id, key, Some(cx.now));
            }
            self.awaited = Some(behind);
        } else if revision < i64::MAX && revision >= first_wanted.max(self.bookmark) {
            self.send(cx, key, INVALID_WATCH_ID, ResponseHeader { revision, ..header });
        }
    }

    /// Tells a watch that was silent how far it has come, if that is `from` at least.
    pub fn notify(
        &mut self,
        cx: &mut Cx<'_>,
        key: ClientStream,
        watch_id: i64,
        from: i64,
        header: ResponseHeader,
    ) {
        if header.revision >= from.max(self.bookmark) {
            reach(Mark::ProxyToldProgress);
            self.send(cx, key, watch_id, header);
        }
    }

    fn send(&mut self, cx: &mut Cx<'_>, key: ClientStream, watch_id: i64, header: ResponseHeader) {
        self.bookmark = header.revision;
        cx.send_watch(key, WatchResponse { header, watch_id, ..WatchResponse::default() });
    }

    /// Returns true if a round of progress notifications begins now.
    pub fn begins_round(&mut self, cx: &Cx<'_>) -> bool {
        let begins = self.round_at <= cx.now;
        if begins {
            self.round_at = next_round(cx);
        }
        begins
    }
}

fn next_round(cx: &Cx<'_>) -> Time {
    cx.now + Duration::from_millis(cx.config.progress_interval_ms)
}
