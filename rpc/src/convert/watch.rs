//! Watches and their events.
//!
//! A message without a request in it is `Unconvertible::Missing`: etcd takes no notice of one
//! (`api/v3rpc/watch.go`, `recvLoop`), and a server does as much.

use revline_store::api;

use super::kv::{shared, unshared};
use super::{Unconvertible, header_to_store, header_to_wire, to_store, to_wire};
use crate::proto::etcdserverpb::watch_create_request::FilterType;
use crate::proto::etcdserverpb::watch_request::RequestUnion;
use crate::proto::mvccpb::event::EventType;
use crate::proto::{etcdserverpb, mvccpb};

impl TryFrom<etcdserverpb::WatchRequest> for api::WatchRequest {
    type Error = Unconvertible;

    fn try_from(request: etcdserverpb::WatchRequest) -> Result<Self, Unconvertible> {
        match request.request_union {
            Some(RequestUnion::CreateRequest(create)) => Ok(api::WatchRequest::Create(create.into())),
            Some(RequestUnion::CancelRequest(cancel)) => Ok(api::WatchRequest::Cancel(cancel.into())),
            Some(RequestUnion::ProgressRequest(_)) => Ok(api::WatchRequest::Progress),
            None => Err(Unconvertible::Missing("WatchRequest.request_union")),
        }
    }
}

impl From<api::WatchRequest> for etcdserverpb::WatchRequest {
    fn from(request: api::WatchRequest) -> Self {
        let union = match request {
            api::WatchRequest::Create(create) => RequestUnion::CreateRequest(create.into()),
            api::WatchRequest::Cancel(cancel) => RequestUnion::CancelRequest(cancel.into()),
            api::WatchRequest::Progress => {
                RequestUnion::ProgressRequest(etcdserverpb::WatchProgressRequest {})
            }
        };
        etcdserverpb::WatchRequest { request_union: Some(union) }
    }
}

/// `require_leader` is false: on the wire it is metadata of the stream ([`crate::metadata::requires_leader`]). Numbers that
/// name no filter are left out, as in etcd (`api/v3rpc/watch.go`, `FiltersFromRequest`).
impl From<etcdserverpb::WatchCreateRequest> for api::WatchCreateRequest {
    fn from(create: etcdserverpb::WatchCreateRequest) -> Self {
        let filters = create.filters.into_iter().filter_map(|number| match FilterType::try_from(number) {
            Ok(FilterType::Noput) => Some(api::FilterType::NoPut),
            Ok(FilterType::Nodelete) => Some(api::FilterType::NoDelete),
            Err(_) => None,
        });
        api::WatchCreateRequest {
            key: to_store(create.key),
            range_end: to_store(create.range_end),
            start_revision: create.start_revision,
            progress_notify: create.progress_notify,
            filters: filters.collect(),
            prev_kv: create.prev_kv,
            watch_id: create.watch_id,
            fragment: create.fragment,
            require_leader: false,
        }
    }
}

impl From<api::WatchCreateRequest> for etcdserverpb::WatchCreateRequest {
    fn from(create: api::WatchCreateRequest) -> Self {
        let filters = create.filters.into_iter().map(|filter| match filter {
            api::FilterType::NoPut => FilterType::Noput.into(),
            api::FilterType::NoDelete => FilterType::Nodelete.into(),
        });
        etcdserverpb::WatchCreateRequest {
            key: to_wire(create.key),
            range_end: to_wire(create.range_end),
            start_revision: create.start_revision,
            progress_notify: create.progress_notify,
            filters: filters.collect(),
            prev_kv: create.prev_kv,
            watch_id: create.watch_id,
            fragment: create.fragment,
        }
    }
}

impl From<etcdserverpb::WatchCancelRequest> for api::WatchCancelRequest {
    fn from(cancel: etcdserverpb::WatchCancelRequest) -> Self {
        api::WatchCancelRequest { watch_id: cancel.watch_id }
    }
}

impl From<api::WatchCancelRequest> for etcdserverpb::WatchCancelRequest {
    fn from(cancel: api::WatchCancelRequest) -> Self {
        etcdserverpb::WatchCancelRequest { watch_id: cancel.watch_id }
    }
}

impl TryFrom<mvccpb::Event> for api::Event {
    type Error = Unconvertible;

    fn try_from(event: mvccpb::Event) -> Result<Self, Unconvertible> {
        let event_type = match EventType::try_from(event.r#type) {
            Ok(EventType::Put) => api::EventType::Put,
            Ok(EventType::Delete) => api::EventType::Delete,
            Err(_) => {
                return Err(Unconvertible::UnknownNumber { name: "EventType", number: event.r#type });
            }
        };
        let kv = event.kv.ok_or(Unconvertible::Missing("Event.kv"))?;
        Ok(api::Event { event_type, kv: shared(kv), prev_kv: event.prev_kv.map(shared) })
    }
}

impl From<&api::Event> for mvccpb::Event {
    fn from(event: &api::Event) -> Self {
        let event_type = match event.event_type {
            api::EventType::Put => EventType::Put,
            api::EventType::Delete => EventType::Delete,
        };
        mvccpb::Event {
            r#type: event_type.into(),
            kv: Some((&*event.kv).into()),
            prev_kv: event.prev_kv.clone().map(unshared),
        }
    }
}

impl TryFrom<etcdserverpb::WatchResponse> for api::WatchResponse {
    type Error = Unconvertible;

    fn try_from(response: etcdserverpb::WatchResponse) -> Result<Self, Unconvertible> {
        Ok(api::WatchResponse {
            header: header_to_store(response.header),
            watch_id: response.watch_id,
            created: response.created,
            canceled: response.canceled,
            cancel_reason: response.cancel_reason,
            compact_revision: response.compact_revision,
            fragment: response.fragment,
            events: response.events.into_iter().map(api::Event::try_from).collect::<Result<_, _>>()?,
        })
    }
}

impl From<api::WatchResponse> for etcdserverpb::WatchResponse {
    fn from(response: api::WatchResponse) -> Self {
        etcdserverpb::WatchResponse {
            header: header_to_wire(response.header),
            watch_id: response.watch_id,
            created: response.created,
            canceled: response.canceled,
            compact_revision: response.compact_revision,
            cancel_reason: response.cancel_reason,
            fragment: response.fragment,
            events: response.events.iter().map(Into::into).collect(),
        }
    }
}
