//! Progress notifications: nothing is left to tell up to a revision.

use super::hub::{Hub, StreamId};
use crate::api::{INVALID_WATCH_ID, ResponseHeader, WatchResponse};

/// How often a watch that asked for it is told, if there were no events; up to a tenth of jitter is
/// added (`ProgressReportInterval`).
pub const PROGRESS_INTERVAL_MS: u64 = 10 * 60 * 1000;

/// When a stream's watches are told next.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProgressTimer {
    interval_ms: u64,
    due_ms: u64,
}

impl ProgressTimer {
    pub fn new(now_ms: u64, interval_ms: u64) -> Self {
        let interval_ms = interval_ms.max(1);
        ProgressTimer { interval_ms, due_ms: now_ms.saturating_add(interval_ms) }
    }

    /// Is it time? Rounds that were missed are not made up for.
    fn fires(&mut self, now_ms: u64) -> bool {
        if now_ms < self.due_ms {
            return false;
        }
        let missed = (now_ms - self.due_ms) / self.interval_ms;
        self.due_ms = self.due_ms.saturating_add((missed + 1).saturating_mul(self.interval_ms));
        true
    }
}

impl Hub {
    /// When [`Hub::pass`] has progress notifications to send at the latest; `None` without streams.
    pub fn next_progress_ms(&self) -> Option<u64> {
        self.streams.values().map(|stream| stream.progress_timer.due_ms).min()
    }

    pub(super) fn notify_progress(&mut self, now_ms: u64, out: &mut Vec<(StreamId, WatchResponse)>) {
        let due = self.streams.iter_mut().filter_map(|(id, stream)| {
            stream.progress_timer.fires(now_ms).then(|| (*id, stream.watches.values().copied().collect()))
        });
        let due: Vec<(StreamId, Vec<usize>)> = due.collect();
        for (stream, slots) in due {
            for slot in slots {
                let has_heard_all = self.has_heard_all(slot);
                let Some(watcher) = self.watcher_mut(slot) else { continue };
                let silent = !std::mem::take(&mut watcher.sent_events);
                if watcher.progress_notify && silent && has_heard_all {
                    let watch_id = watcher.id;
                    out.push((stream, self.progress(watch_id)));
                }
            }
        }
    }

    /// One answer for all watches of the stream, or none if one of them has something left to hear. As in
    /// etcd, a stream without watches gets none either.
    pub(super) fn answer_progress_request(
        &mut self,
        stream: StreamId,
        out: &mut Vec<(StreamId, WatchResponse)>,
    ) {
        let Some(watches) = self.streams.get(&stream).map(|stream| &stream.watches) else { return };
        if !watches.is_empty() && watches.values().all(|slot| self.has_heard_all(*slot)) {
            out.push((stream, self.progress(INVALID_WATCH_ID)));
        }
    }

    fn has_heard_all(&self, slot: usize) -> bool {
        self.watcher(slot).is_some_and(|watcher| watcher.synced && self.revision >= watcher.start_revision)
    }

    fn progress(&self, watch_id: i64) -> WatchResponse {
        WatchResponse { header: ResponseHeader::at(self.revision), watch_id, ..WatchResponse::default() }
    }
}
