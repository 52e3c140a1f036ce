//! The watchable store: the watch streams of a member, and their events as keys change.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::progress::ProgressTimer;
use super::watchers::Watchers;
use crate::api::{Event, INVALID_WATCH_ID, ResponseHeader, WatchRequest, WatchResponse};
use crate::bytes::Bytes;
use crate::defect::Defects;
use crate::error::Error;
use crate::mark::{Mark, reach, reach_if};
use crate::mvcc::Store;

/// One watch stream of one client, named by the host of the watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StreamId(pub u64);

/// All watches of a member. It reads the store it is given, and must be given the same one always.
///
/// Responses are pushed in the order in which they must reach each stream. Their headers carry only a
/// revision.
#[derive(Debug)]
pub struct WatchableStore {
    pub(super) defects: Defects,
    /// Synced watchers have been told everything up to here.
    pub(super) revision: i64,
    pub(super) streams: BTreeMap<StreamId, Stream>,
    pub(super) watchers: Watchers,
    /// The times of the next progress notifications of each stream's watches.
    pub(super) progress_due: BTreeSet<(u64, StreamId)>,
}

#[derive(Debug)]
pub(super) struct Stream {
    /// Slots by watch id.
    pub watches: BTreeMap<i64, usize>,
    /// The ids of watches that ended because their next revision is compacted. They stay taken until the client
    /// cancels them.
    pub compacted: BTreeSet<i64>,
    /// The next id to try for a watch that leaves the choice to the server. Never used twice.
    pub next_id: i64,
    pub progress_timer: ProgressTimer,
    /// It ends when the member knows no leader for long.
    pub requires_leader: bool,
}

impl WatchableStore {
    /// A store without streams, at `revision`.
    pub fn new(defects: Defects, revision: i64) -> Self {
        WatchableStore {
            defects,
            revision,
            streams: BTreeMap::new(),
            watchers: Watchers::new(defects),
            progress_due: BTreeSet::new(),
        }
    }

    /// Opens a stream. Progress notifications come every `progress_interval_ms`, which is
    /// ten minutes (`ProgressReportInterval`) and some jitter of the caller's.
    pub fn open_stream(&mut self, stream: StreamId, now_ms: u64, progress_interval_ms: u64) {
        let progress_timer = ProgressTimer::new(now_ms, progress_interval_ms);
        self.progress_due.insert((progress_timer.due_ms(), stream));
        let fresh = Stream {
            watches: BTreeMap::new(),
            compacted: BTreeSet::new(),
            next_id: 0,
            progress_timer,
            requires_leader: false,
        };
        let previous = self.streams.insert(stream, fresh);
        debug_assert!(previous.is_none(), "stream ids are not used twice");
    }

    /// Removes a stream that broke or whose client is gone: its watches end without a response.
    pub fn close_stream(&mut self, stream: StreamId) {
        if let Some(closed) = self.streams.remove(&stream) {
            self.progress_due.remove(&(closed.progress_timer.due_ms(), stream));
            self.watchers.close_stream(stream, closed.watches.into_values());
        }
    }

    /// Takes a request on a stream. On a stream that is not open it has no effect.
    pub fn handle(
        &mut self,
        stream: StreamId,
        request: &WatchRequest,
        store: &Store,
        out: &mut Vec<(StreamId, WatchResponse)>,
    ) {
        if !self.streams.contains_key(&stream) {
            return;
        }
        match request {
            WatchRequest::Create(create) => match self.create(stream, create, store) {
                Ok(watch_id) => {
                    let header = ResponseHeader::at(store.revision());
                    let created =
                        WatchResponse { header, watch_id, created: true, ..WatchResponse::default() };
                    out.push((stream, created));
                }
                Err(refusal) => WatchableStore::refuse(stream, refusal.to_string(), store, out),
            },
            WatchRequest::Cancel(cancel) => self.cancel(stream, cancel.watch_id, store, out),
            WatchRequest::Progress => self.answer_progress_request(stream, out),
        }
    }

    /// Ends the streams that asked for a leader, after the member has known none for long, each with a last
    /// response that concerns all its watches (`interceptor.go`, `monitorLeader`).
    pub(crate) fn end_leaderless(
        &mut self,
        store: &Store,
        out: &mut Vec<(StreamId, WatchResponse)>,
    ) -> Vec<StreamId> {
        let asked = self.streams.iter().filter(|(_, stream)| stream.requires_leader);
        let ended: Vec<StreamId> = asked.map(|(id, _)| *id).collect();
        for stream in &ended {
            reach(Mark::WatchEndedWithoutLeader);
            self.close_stream(*stream);
            let end = WatchResponse {
                header: ResponseHeader::at(store.revision()),
                watch_id: INVALID_WATCH_ID,
                canceled: true,
                cancel_reason: Error::NoLeader.to_string(),
                ..WatchResponse::default()
            };
            out.push((*stream, end));
        }
        ended
    }

    /// Answers a create request that the member refuses, for instance for want of permission.
    pub fn refuse(stream: StreamId, reason: String, store: &Store, out: &mut Vec<(StreamId, WatchResponse)>) {
        let refusal = WatchResponse {
            header: ResponseHeader::at(store.revision()),
            watch_id: INVALID_WATCH_ID,
            created: true,
            canceled: true,
            cancel_reason: reason,
            ..WatchResponse::default()
        };
        out.push((stream, refusal));
    }

    /// The store applied a request that made these changes and is now at `revision`. To be called for
    /// every such request, in order.
    pub fn notify(
        &mut self,
        store: &Store,
        revision: i64,
        events: &[Event],
        out: &mut Vec<(StreamId, WatchResponse)>,
    ) {
        debug_assert!(revision >= self.revision);
        for same_revision in events.chunk_by(|a, b| a.kv.mod_revision == b.kv.mod_revision) {
            self.watchers.notify(store, same_revision, out);
        }
        self.revision = self.revision.max(revision);
    }

    /// The store was replaced by that of a snapshot. Nothing is known to have been told from the gap.
    pub fn restored(&mut self, store: &Store) {
        reach_if(self.watchers.iter().next().is_some(), Mark::SnapshotUnderWatch);
        self.watchers.restored(self.revision + 1);
        self.revision = self.revision.max(store.revision());
    }

    /// The queue of responses of this stream, on their way to a client that does not take them, is full. Until
    /// it flows again nothing is sent on it but the answers to requests. It may be said again.
    pub fn stall(&mut self, stream: StreamId) {
        if self.streams.contains_key(&stream) {
            self.watchers.stall(stream);
        }
    }

    /// Takes note that there is room in that queue again: the victims are told their missed events, as many as
    /// there is room for, and the others in the next passes.
    pub fn flow(&mut self, stream: StreamId, store: &Store, out: &mut Vec<(StreamId, WatchResponse)>) {
        self.watchers.flow(stream, store, out);
    }

    /// Does the periodic work: a catch-up pass, and progress notifications if they are due. etcd makes a pass every
    /// 100 ms (`watchResyncPeriod`); without unsynced watches it does nothing.
    pub fn pass(&mut self, now_ms: u64, store: &Store, out: &mut Vec<(StreamId, WatchResponse)>) {
        self.watchers.retry_victims(store, out);
        for ended in self.watchers.catch_up(store, out) {
            if let Some(stream) = self.streams.get_mut(&ended.stream) {
                stream.watches.remove(&ended.id);
                stream.compacted.insert(ended.id);
            }
        }
        self.notify_progress(now_ms, out);
    }

    /// All watches: their stream, their id, and the key and range end that they were asked for with.
    pub fn watches(&self) -> impl Iterator<Item = (StreamId, i64, (Bytes, Bytes))> {
        self.watchers.iter().map(|watcher| (watcher.stream, watcher.id, watcher.range.fields()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{PutRequest, Request, WatchCreateRequest};
    use std::sync::Arc;

    #[test]
    fn ten_thousand_watchers_are_told_the_same_events() {
        let mut store = Store::new(Defects::NONE);
        let mut watchable = WatchableStore::new(Defects::NONE, store.revision());
        let mut out = Vec::new();
        for stream in 0..100 {
            watchable.open_stream(StreamId(stream), 0, u64::MAX);
            for _ in 0..100 {
                let create =
                    WatchCreateRequest { key: "k".into(), prev_kv: true, ..WatchCreateRequest::default() };
                watchable.handle(StreamId(stream), &WatchRequest::Create(create), &store, &mut out);
            }
        }
        out.clear();
        // The watchers of one stream wait, and are told the same later.
        watchable.stall(StreamId(7));
        for value in ["1", "2"] {
            let put = PutRequest { key: "k".into(), value: value.into(), ..PutRequest::default() };
            let applied = store.apply(&Request::Put(put));
            watchable.notify(&store, applied.revision, &applied.events, &mut out);
        }
        assert_eq!((out.len(), watchable.watchers.victims_len()), (2 * 9_900, 100));
        for told in out.chunks(9_900) {
            assert!(told.iter().all(|(_, response)| Arc::ptr_eq(&response.events, &told[0].1.events)));
        }
        out.clear();
        watchable.flow(StreamId(7), &store, &mut out);
        assert!(out.iter().all(|(_, response)| Arc::ptr_eq(&response.events, &out[0].1.events)));
        assert_eq!((out.len(), watchable.watchers.victims_len()), (64, 36));
    }
}
