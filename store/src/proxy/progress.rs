//! The progress of watches: asked by clients, asked by the proxy itself, and told from time to time.
//!
//! A client is told only of a revision up to which all watches of its stream were told everything. Nothing is told on
//! behalf of a broadcast that did not say so itself.

use super::ProxyOutput;
use super::broadcast::{BroadcastId, WatcherId};
use super::machine::{Proxy, send_down};
use super::streams::StreamKey;
use crate::api::{INVALID_WATCH_ID, ResponseHeader, WatchRequest, WatchResponse};
use crate::frame::{ClientFrame, ServerFrame};
use std::collections::BTreeSet;
use std::time::Duration;

/// A question that was not answered is put again after this time, in milliseconds: a member does not answer as long as it
/// has something left to tell.
const ASK_AGAIN_MS: u64 = 200;

impl Proxy {
    /// Asks for the progress of the watches of a stream, for its client.
    pub(super) fn ask_progress(&mut self, key: StreamKey, out: &mut Vec<ProxyOutput>) {
        let Some(stream) = self.streams.open.get_mut(&key) else { return };
        let homes = stream.watches.values().filter_map(|watcher| self.broadcasts.homes.get(watcher).copied());
        let asked: BTreeSet<BroadcastId> = homes.collect();
        if asked.is_empty() {
            return;
        }
        stream.progress = Some(asked.clone());
        for id in asked {
            if let Some(broadcast) = self.broadcasts.get_mut(id) {
                broadcast.progress_for.insert(key);
                broadcast.asked_at = None;
            }
            self.ask_position(id, out);
        }
    }

    /// Asks upstream how far a broadcast has come.
    pub(super) fn ask_position(&mut self, id: BroadcastId, out: &mut Vec<ProxyOutput>) {
        let now = self.now;
        let header = self.links.header();
        let down = self.links.is_down();
        let Some(broadcast) = self.broadcasts.get_mut(id) else { return };
        if broadcast.opening || down {
            return;
        }
        broadcast.asked_at = Some(now);
        let token = broadcast.subject.0.clone();
        match broadcast.stream {
            Some(stream) => {
                self.send_up(ClientFrame::Watch { stream, request: WatchRequest::Progress, token }, out);
            }
            // An upstream watch that has ended told everything it ever will.
            None => self.upstream_progress(id, header, out),
        }
    }

    /// Notes that a broadcast was told everything up to a revision.
    pub(super) fn upstream_progress(
        &mut self,
        id: BroadcastId,
        header: ResponseHeader,
        out: &mut Vec<ProxyOutput>,
    ) {
        let Some(broadcast) = self.broadcasts.get_mut(id) else { return };
        broadcast.asked_at = None;
        broadcast.next = broadcast.next.max(header.revision + 1);
        let waiting = std::mem::take(&mut broadcast.progress_for);
        let notify = std::mem::take(&mut broadcast.notify);
        for watcher in notify {
            self.notify_progress(id, watcher, header, out);
        }
        self.awaited_no_more(id, waiting, header, out);
    }

    /// Ends the wait of these streams for a broadcast: it reported its progress, or is not there any more.
    pub(super) fn awaited_no_more(
        &mut self,
        id: BroadcastId,
        waiting: BTreeSet<StreamKey>,
        header: ResponseHeader,
        out: &mut Vec<ProxyOutput>,
    ) {
        for key in waiting {
            let Some(stream) = self.streams.open.get_mut(&key) else { continue };
            let Some(waits) = &mut stream.progress else { continue };
            waits.remove(&id);
            if waits.is_empty() && stream.stalled_since.is_none() {
                stream.progress = None;
                self.tell_progress(key, header, out);
            }
        }
    }

    /// Tells a client how far all watches of its stream have come; nothing if one of them did not come as far as it
    /// begins, or less far than was told before. While one of them was sent events of a later revision than another's
    /// broadcast has reached, the others are asked again: progress below an event would take it back.
    fn tell_progress(&mut self, key: StreamKey, header: ResponseHeader, out: &mut Vec<ProxyOutput>) {
        let Some(stream) = self.streams.open.get_mut(&key) else { return };
        let mut revision = i64::MAX;
        let mut first_wanted = 0;
        let mut last_event = 0;
        for id in stream.watches.values() {
            let home = self.broadcasts.homes.get(id).and_then(|home| self.broadcasts.get(*home));
            let Some(broadcast) = home else { return };
            let Some(watcher) = broadcast.watchers.get(id) else { return };
            revision = revision.min(broadcast.next - 1);
            first_wanted = first_wanted.max(watcher.start_revision);
            last_event = last_event.max(watcher.last_event);
        }
        if revision < last_event {
            let homes =
                stream.watches.values().filter_map(|watcher| self.broadcasts.homes.get(watcher).copied());
            let is_behind = |id: &BroadcastId| {
                self.broadcasts.get(*id).is_some_and(|broadcast| broadcast.next <= last_event)
            };
            let behind: BTreeSet<BroadcastId> = homes.filter(is_behind).collect();
            for id in &behind {
                if let Some(broadcast) = self.broadcasts.all.get_mut(id) {
                    broadcast.progress_for.insert(key);
                    broadcast.asked_at = Some(self.now);
                }
            }
            stream.progress = Some(behind);
            return;
        }
        if revision == i64::MAX || revision < first_wanted || revision < stream.bookmark {
            return;
        }
        stream.bookmark = revision;
        let header = ResponseHeader { revision, ..header };
        let response = WatchResponse { header, watch_id: INVALID_WATCH_ID, ..WatchResponse::default() };
        send_down(key.0, ServerFrame::Watch { stream: key.1, response }, out);
    }

    /// Tells a watch that was silent how far it has come.
    fn notify_progress(
        &mut self,
        id: BroadcastId,
        watcher: WatcherId,
        header: ResponseHeader,
        out: &mut Vec<ProxyOutput>,
    ) {
        let Some(watcher) = self.broadcasts.get(id).and_then(|broadcast| broadcast.watchers.get(&watcher))
        else {
            return;
        };
        let Some(stream) = self.streams.open.get_mut(&watcher.stream) else { return };
        if watcher.told
            || header.revision < watcher.start_revision.max(stream.bookmark).max(watcher.last_event)
        {
            return;
        }
        stream.bookmark = header.revision;
        let response = WatchResponse { header, watch_id: watcher.id, ..WatchResponse::default() };
        send_down(watcher.stream.0, ServerFrame::Watch { stream: watcher.stream.1, response }, out);
    }

    /// Begins and repeats questions for progress as time passes.
    pub(super) fn tend_progress(&mut self, out: &mut Vec<ProxyOutput>) {
        self.begin_rounds();
        let (now, again) = (self.now, Duration::from_millis(ASK_AGAIN_MS));
        let position = Duration::from_millis(self.config.position_ms);
        let ask: Vec<BroadcastId> = self
            .broadcasts
            .all
            .iter()
            .filter(|(_, broadcast)| {
                let eager = !broadcast.progress_for.is_empty()
                    || !broadcast.notify.is_empty()
                    || !broadcast.has_caught_up();
                let since = broadcast.asked_at.unwrap_or(broadcast.heard_at);
                !broadcast.opening && now - since >= if eager { again } else { position }
            })
            .map(|(id, _)| *id)
            .collect();
        for id in ask {
            self.ask_position(id, out);
        }
    }

    /// Rounds of progress notifications that are due begin.
    fn begin_rounds(&mut self) {
        let interval = Duration::from_millis(self.config.progress_interval_ms);
        for stream in self.streams.open.values_mut().filter(|stream| stream.progress_at <= self.now) {
            stream.progress_at = self.now + interval;
            for id in stream.watches.values() {
                let home = self.broadcasts.homes.get(id).and_then(|home| self.broadcasts.all.get_mut(home));
                let Some(broadcast) = home else { continue };
                let Some(watcher) = broadcast.watchers.get_mut(id) else { continue };
                let silent = !std::mem::take(&mut watcher.told);
                if watcher.progress_notify && silent {
                    broadcast.notify.insert(*id);
                }
            }
        }
    }
}
