//! Progress notifications: nothing is left to tell up to a revision.

use super::watchable_store::{Stream, StreamId, WatchableStore};
use crate::api::{INVALID_WATCH_ID, ResponseHeader, WatchResponse};
use crate::defect::altered;
use crate::mark::{Mark, reach};

/// The interval of progress notifications of a watch that asked for them, if there were no events; up to a tenth of
/// jitter is added (`ProgressReportInterval`), unless a host chooses another.
pub(crate) const PROGRESS_INTERVAL_MS: u64 = 10 * 60 * 1000;

/// The times of a stream's next progress notifications.
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

    pub fn due_ms(&self) -> u64 {
        self.due_ms
    }

    /// Sets the time of the next round. Rounds that were missed are not made up for.
    fn fires(&mut self, now_ms: u64) {
        debug_assert!(now_ms >= self.due_ms);
        let missed = (now_ms - self.due_ms) / self.interval_ms;
        self.due_ms = self.due_ms.saturating_add((missed + 1).saturating_mul(self.interval_ms));
    }
}

impl WatchableStore {
    pub(super) fn notify_progress(&mut self, now_ms: u64, out: &mut Vec<(StreamId, WatchResponse)>) {
        while let Some(&(due_ms, id)) = self.progress_due.first()
            && due_ms <= now_ms
        {
            self.progress_due.pop_first();
            let Some(stream) = self.streams.get_mut(&id) else { continue };
            stream.progress_timer.fires(now_ms);
            self.progress_due.insert((stream.progress_timer.due_ms(), id));
            let slots: Vec<usize> = stream.watches.values().copied().collect();
            for slot in slots {
                let has_heard_all = self.watchers.has_heard_all(slot, self.revision);
                let Some(watcher) = self.watchers.get_mut(slot) else { continue };
                let silent = !std::mem::take(&mut watcher.sent_events);
                if watcher.progress_notify && silent && has_heard_all {
                    reach(Mark::ProgressTold);
                    let watch_id = watcher.id;
                    out.push((id, self.progress(watch_id)));
                }
            }
        }
    }

    /// One answer for all watches of the stream, or none if one of them has events left to hear, or needed a
    /// compacted revision and is not canceled yet. As in etcd, a stream without watches gets none either.
    pub(super) fn answer_progress_request(
        &mut self,
        stream: StreamId,
        out: &mut Vec<(StreamId, WatchResponse)>,
    ) {
        let Some(of) = self.streams.get(&stream) else { return };
        let Stream { watches, compacted, .. } = of;
        if !compacted.is_empty() {
            return;
        }
        let overtakes = altered!(self.defects, progress_overtakes_events);
        if !watches.is_empty()
            && (overtakes || watches.values().all(|slot| self.watchers.has_heard_all(*slot, self.revision)))
        {
            out.push((stream, self.progress(INVALID_WATCH_ID)));
        }
    }

    fn progress(&self, watch_id: i64) -> WatchResponse {
        WatchResponse { header: ResponseHeader::at(self.revision), watch_id, ..WatchResponse::default() }
    }
}
