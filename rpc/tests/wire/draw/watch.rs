//! Watches and their events.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use revline_store::api::{
    Event, EventType, FilterType, WatchCancelRequest, WatchCreateRequest, WatchRequest, WatchResponse,
};

use super::kv::key_value;
use super::{bytes, header, int, text};

pub fn watch_request() -> BoxedStrategy<WatchRequest> {
    let filters = vec(prop_oneof![Just(FilterType::NoPut), Just(FilterType::NoDelete)], 0..4);
    let switches = (any::<bool>(), any::<bool>(), any::<bool>());
    let create = (bytes(), bytes(), int(), switches, filters, int()).prop_map(
        |(key, range_end, start_revision, (progress_notify, prev_kv, fragment), filters, watch_id)| {
            WatchCreateRequest {
                key,
                range_end,
                start_revision,
                progress_notify,
                filters,
                prev_kv,
                watch_id,
                fragment,
                // Metadata of the stream, not of the message.
                require_leader: false,
            }
        },
    );
    prop_oneof![
        4 => create.prop_map(WatchRequest::Create),
        1 => int().prop_map(|watch_id| WatchRequest::Cancel(WatchCancelRequest { watch_id })),
        1 => Just(WatchRequest::Progress),
    ]
    .boxed()
}

fn event() -> BoxedStrategy<Event> {
    let event_type = prop_oneof![Just(EventType::Put), Just(EventType::Delete)];
    (event_type, key_value(), option::of(key_value()))
        .prop_map(|(event_type, kv, prev_kv)| Event { event_type, kv, prev_kv })
        .boxed()
}

pub fn watch_response() -> BoxedStrategy<WatchResponse> {
    let switches = (any::<bool>(), any::<bool>(), any::<bool>());
    (header(), int(), switches, text(), int(), vec(event(), 0..4))
        .prop_map(
            |(header, watch_id, (created, canceled, fragment), cancel_reason, compact_revision, events)| {
                WatchResponse {
                    header,
                    watch_id,
                    created,
                    canceled,
                    cancel_reason,
                    compact_revision,
                    fragment,
                    events: Arc::from(events),
                }
            },
        )
        .boxed()
}
