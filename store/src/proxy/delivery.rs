//! From the events of an upstream watch to those of its watchers: prepared once for each way of wanting them.

use super::ProxyOutput;
use super::broadcast::{BroadcastId, Watcher};
use super::machine::{Proxy, send_down};
use crate::api::{Event, ResponseHeader, WatchResponse};
use crate::defect::altered;
use crate::frame::ServerFrame;
use crate::watch::{Selection, fragment_end};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Proxy {
    pub(super) fn deliver(&mut self, id: BroadcastId, response: &WatchResponse, out: &mut Vec<ProxyOutput>) {
        self.drop_changed(id, &response.events);
        let events = altered!(
            self.config.defects,
            proxy_dedups_by_key::last_of_each_key(&response.events),
            response.events.clone()
        );
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return };
        let (first, last) = (first.kv.mod_revision, last.kv.mod_revision);
        let Some(broadcast) = self.broadcasts.get_mut(id) else { return };
        debug_assert!(last >= broadcast.next || broadcast.next == 0, "an upstream watch goes back");
        broadcast.next = broadcast.next.max(last + 1);
        let mut selected: BTreeMap<(usize, i64), Arc<[Event]>> = BTreeMap::new();
        for watcher in broadcast.watchers.values_mut() {
            let from = if watcher.next > first { watcher.next } else { 0 };
            let events = selected
                .entry((watcher.selection.index(), from))
                .or_insert_with(|| select(&events, watcher.selection, from));
            if let Some(last) = events.last() {
                watcher.told = true;
                watcher.last_event = watcher.last_event.max(last.kv.mod_revision);
                send(watcher, events.clone(), &response.header, out);
            }
        }
    }
}

/// The events of one response that a watch wants.
fn select(events: &Arc<[Event]>, selection: Selection, from: i64) -> Arc<[Event]> {
    let wanted = |event: &Event| event.kv.mod_revision >= from && selection.admits(event.event_type);
    if selection.prev_kv && events.iter().all(wanted) {
        return events.clone();
    }
    let bare = |event: &Event| Event { prev_kv: None, ..event.clone() };
    let as_asked = |event: &Event| if selection.prev_kv { event.clone() } else { bare(event) };
    events.iter().filter(|event| wanted(event)).map(as_asked).collect()
}

fn send(watcher: &Watcher, events: Arc<[Event]>, header: &ResponseHeader, out: &mut Vec<ProxyOutput>) {
    let (session, stream) = watcher.stream;
    let mut push = |events: Arc<[Event]>, fragment: bool| {
        let watch_id = watcher.id;
        let response =
            WatchResponse { header: *header, watch_id, fragment, events, ..WatchResponse::default() };
        send_down(session, ServerFrame::Watch { stream, response }, out);
    };
    let mut rest = events;
    while watcher.fragment
        && let Some(end) = fragment_end(&rest)
    {
        push(rest[..end].into(), true);
        rest = rest[end..].into();
    }
    push(rest, false);
}
