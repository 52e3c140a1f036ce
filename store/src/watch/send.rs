//! From events to responses: usually one, in fragments if it is large and the client asked for that.

use std::sync::Arc;

use super::StreamId;
use super::watcher::Watcher;
use crate::api::{Event, KeyValue, ResponseHeader, WatchResponse};
use crate::defect::{Defects, altered};
use crate::mark::{Mark, reach};

/// Size from which a response is sent in fragments (etcd's request limit and the overhead it allows).
const MAX_FRAGMENT_BYTES: usize = 2 * 1024 * 1024;

/// Sends the events to the watch, unless nothing was selected. The response carries `revision`.
pub(super) fn send_events(
    watcher: &mut Watcher,
    events: Arc<[Event]>,
    revision: i64,
    defects: Defects,
    out: &mut Vec<(StreamId, WatchResponse)>,
) {
    if events.is_empty() {
        return;
    }
    watcher.sent_events = true;
    let mut push = |events: Arc<[Event]>, fragment: bool| {
        let header = ResponseHeader::at(revision);
        let response =
            WatchResponse { header, watch_id: watcher.id, fragment, events, ..WatchResponse::default() };
        out.push((watcher.stream, response));
    };
    let parts: Option<[_; 2]> = altered!(defects, watch_batch_split::in_two(&events), None);
    if let Some(parts) = parts {
        return parts.into_iter().for_each(|part| push(part, false));
    }
    if !watcher.fragment {
        push(events, false);
        return;
    }
    let mut rest = events;
    while let Some(end) = fragment_end(&rest) {
        reach(Mark::ResponseFragmented);
        push(rest[..end].into(), true);
        rest = rest[end..].into();
    }
    push(rest, false);
}

/// The number of events in the first of several fragments; `None` if they all fit.
pub(crate) fn fragment_end(events: &[Event]) -> Option<usize> {
    let mut bytes = 0;
    for (index, event) in events.iter().enumerate() {
        bytes += size_of_event(event);
        if index > 0 && bytes >= MAX_FRAGMENT_BYTES {
            return Some(index);
        }
    }
    None
}

fn size_of_event(event: &Event) -> usize {
    // Revisions, version, lease and the framing of protobuf.
    const OVERHEAD: usize = 32;
    let size = |kv: &KeyValue| kv.key.len() + kv.value.len() + OVERHEAD;
    size(&event.kv) + event.prev_kv.as_ref().map_or(0, |kv| size(kv))
}
