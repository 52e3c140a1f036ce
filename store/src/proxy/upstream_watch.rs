//! The responses on an upstream watch: that it was created, events, progress, its end.

use super::ProxyOutput;
use super::broadcast::{Broadcast, BroadcastId, WatcherId};
use super::machine::{Proxy, send_down};
use crate::api::WatchResponse;
use crate::defect::altered;
use crate::error::Error;
use crate::frame::ServerFrame;

impl Proxy {
    pub(super) fn upstream_watch(
        &mut self,
        stream: u64,
        response: WatchResponse,
        out: &mut Vec<ProxyOutput>,
    ) {
        let Some(&id) = self.broadcasts.by_stream.get(&stream) else { return };
        let now = self.now;
        let Some(broadcast) = self.broadcasts.get_mut(id) else { return };
        broadcast.heard_at = now;
        self.links.note_header(&response.header);
        if response.created && response.canceled {
            self.upstream_refused(id, response, out);
        } else if response.created {
            self.upstream_created(id, &response, out);
        } else if response.canceled {
            self.upstream_ended(id, &response, out);
        } else if response.is_progress_notify() {
            self.upstream_progress(id, response.header, out);
        } else {
            self.deliver(id, &response, out);
        }
        self.confirm_reads(id, out);
        self.merge_with_others(id, out);
    }

    fn upstream_created(&mut self, id: BroadcastId, response: &WatchResponse, out: &mut Vec<ProxyOutput>) {
        let defects = self.config.defects;
        let Some(broadcast) = self.broadcasts.get_mut(id) else { return };
        broadcast.opening = false;
        broadcast.created_at = Some(response.header.revision);
        if broadcast.next == 0 {
            broadcast.next = response.header.revision + 1;
        }
        altered!(defects, proxy_created_resent::send_again(broadcast, response, out), ());
        let wants_progress = !broadcast.progress_for.is_empty() || !broadcast.notify.is_empty();
        for key in broadcast.waiting.clone() {
            self.advance_stream(key, out);
        }
        if wants_progress {
            self.ask_position(id, out);
        }
    }

    fn upstream_refused(&mut self, id: BroadcastId, response: WatchResponse, out: &mut Vec<ProxyOutput>) {
        if response.cancel_error() == Some(Error::NotSupportedForLearner) && self.config.endpoints > 1 {
            return self.leave_endpoint(out);
        }
        let Some(mut broadcast) = self.end(id) else { return };
        let refusal = WatchResponse { created: false, ..response.clone() };
        for watcher in broadcast.watchers.keys() {
            self.end_watcher(*watcher, &broadcast, &refusal, out);
        }
        self.awaited_no_more(id, std::mem::take(&mut broadcast.progress_for), response.header, out);
        self.refused(id, broadcast.waiting, response.header, &response.cancel_reason, out);
    }

    /// Ends a broadcast whose upstream watch has ended. If that is because its next revision was compacted,
    /// watchers that want only later revisions go on.
    fn upstream_ended(&mut self, id: BroadcastId, response: &WatchResponse, out: &mut Vec<ProxyOutput>) {
        let Some(mut broadcast) = self.end(id) else { return };
        let compacted = response.compact_revision;
        let survivors: Vec<WatcherId> = broadcast
            .watchers
            .iter()
            .filter(|(_, watcher)| compacted > 0 && watcher.next.max(broadcast.next) >= compacted)
            .map(|(id, _)| *id)
            .collect();
        let survivors: Vec<_> = survivors
            .into_iter()
            .filter_map(|id| broadcast.watchers.remove(&id).map(|watcher| (id, watcher)))
            .collect();
        for watcher in broadcast.watchers.keys() {
            self.end_watcher(*watcher, &broadcast, response, out);
        }
        for (watcher_id, watcher) in survivors {
            self.place_anew(watcher_id, watcher, broadcast.subject.clone(), out);
        }
        self.awaited_no_more(id, std::mem::take(&mut broadcast.progress_for), response.header, out);
        // A stream that waits for it begins anew.
        for key in broadcast.waiting {
            self.advance_stream(key, out);
        }
    }

    /// Takes a broadcast whose upstream watch has ended out of use.
    fn end(&mut self, id: BroadcastId) -> Option<Broadcast> {
        let broadcast = self.broadcasts.get_mut(id)?;
        if let Some(stream) = broadcast.stream.take() {
            self.broadcasts.by_stream.remove(&stream);
        }
        let broadcast = self.broadcasts.get_mut(id)?;
        let ended = Broadcast {
            subject: broadcast.subject.clone(),
            range: broadcast.range.clone(),
            watchers: std::mem::take(&mut broadcast.watchers),
            waiting: std::mem::take(&mut broadcast.waiting),
            progress_for: std::mem::take(&mut broadcast.progress_for),
            notify: std::mem::take(&mut broadcast.notify),
            ..*broadcast
        };
        self.forget_broadcast(id);
        // Permissions may have changed.
        self.drop_cache();
        Some(ended)
    }

    fn end_watcher(
        &mut self,
        id: WatcherId,
        broadcast: &Broadcast,
        response: &WatchResponse,
        out: &mut Vec<ProxyOutput>,
    ) {
        self.broadcasts.homes.remove(&id);
        let Some(watcher) = broadcast.watchers.get(&id) else { return };
        let (session, stream) = watcher.stream;
        if let Some(stream) = self.streams.open.get_mut(&watcher.stream) {
            stream.watches.remove(&watcher.id);
        }
        let response = WatchResponse { watch_id: watcher.id, ..response.clone() };
        send_down(session, ServerFrame::Watch { stream, response }, out);
    }
}
