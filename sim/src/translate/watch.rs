//! Watches.

use super::kv::key_value;
use revline_checker::history as judged;
use revline_store::api as store;

pub(crate) fn watch_request(request: &store::WatchCreateRequest) -> judged::WatchRequest {
    judged::WatchRequest {
        key: request.key.clone(),
        range_end: request.range_end.clone(),
        start_revision: request.start_revision,
        prev_kv: request.prev_kv,
        progress_notify: request.progress_notify,
        no_put: request.filters.contains(&store::FilterType::NoPut),
        no_delete: request.filters.contains(&store::FilterType::NoDelete),
        fragment: request.fragment,
    }
}

pub(crate) fn watch_frame(response: &store::WatchResponse, received_ns: u64) -> judged::WatchFrame {
    judged::WatchFrame {
        received_ns,
        revision: response.header.revision,
        created: response.created,
        canceled: response.canceled.then(|| response.cancel_reason.clone()),
        compact_revision: response.compact_revision,
        fragment: response.fragment,
        events: response
            .events
            .iter()
            .map(|event| judged::Event {
                kind: match event.event_type {
                    store::EventType::Put => judged::EventKind::Put,
                    store::EventType::Delete => judged::EventKind::Delete,
                },
                kv: key_value(&event.kv),
                prev_kv: event.prev_kv.as_ref().map(|kv| key_value(kv)),
                is_create: None,
            })
            .collect(),
    }
}
