//! The details of the frames between clients and servers.

use super::{answer, keys, question};
use crate::parcel::Frame;
use crate::trace::Details;
use crate::translate;
use revline_checker::history::Outcome;
use revline_store::api::WatchRequest;
use revline_store::error::Error;
use revline_store::frame::{ClientFrame, Reply, ServerFrame, Status};
use serde_json::json;

/// The details of a frame.
pub(crate) fn frame(frame: &Frame) -> Details {
    match frame {
        Frame::ToServer(frame) => to_server(frame),
        Frame::ToClient(frame) => to_client(frame),
    }
}

fn to_server(frame: &ClientFrame) -> Details {
    match frame {
        ClientFrame::Call { call, request, .. } => question::asked(request).numbered("call", *call),
        ClientFrame::CancelCall { call } => Details::default().numbered("call", *call),
        ClientFrame::Watch { stream, request, .. } => {
            watch_request(request).numbered("watch_stream", *stream)
        }
        ClientFrame::Observe { stream, request, .. } => {
            let name = &request.name;
            Details::new(format_args!("observe {name}"))
                .field("name", name)
                .of_keys([keys::below(name)])
                .numbered("watch_stream", *stream)
        }
        ClientFrame::CloseStream { stream } => Details::default().numbered("watch_stream", *stream),
    }
}

fn watch_request(request: &WatchRequest) -> Details {
    match request {
        WatchRequest::Create(create) => {
            let judged = translate::watch_request(create);
            let keys = keys::of_watch(&judged);
            Details::new(&judged).field("request", &json!({ "watch": judged })).of_keys(keys)
        }
        WatchRequest::Cancel(cancel) => Details::new(format_args!("cancel watch {}", cancel.watch_id))
            .field("request", &json!({ "cancel_watch": { "watch_id": cancel.watch_id } })),
        WatchRequest::Progress => Details::new("progress").field("request", &json!({ "watch_progress": {} })),
    }
}

fn to_client(frame: &ServerFrame) -> Details {
    match frame {
        ServerFrame::Reply { call, result } => {
            let details = match result {
                Ok(reply) => answered(reply),
                Err(error) => failed(*error),
            };
            details.numbered("call", *call)
        }
        ServerFrame::Watch { stream, response } => answer::watch_frame(&translate::watch_frame(response, 0))
            .field("watch_id", &response.watch_id)
            .numbered("watch_stream", *stream),
        ServerFrame::Observe { stream, response } => {
            let details = match response {
                Ok(response) => match &response.kv {
                    Some(kv) => answer::key_value(&translate::key_value(kv)),
                    None => Details::new("no leader"),
                }
                .field("revision", &response.header.revision),
                Err(error) => failed(*error),
            };
            details.numbered("watch_stream", *stream)
        }
    }
}

fn answered(reply: &Reply) -> Details {
    match reply {
        Reply::Kv(_) | Reply::Lease(_) | Reply::Lock(_) | Reply::Election(_) | Reply::Auth(_) => {
            answer::response(&translate::reply(reply))
        }
        Reply::Status(Status { leader, term, applied_index, revision, .. }) => Details::new(format_args!(
            "leader {leader} in term {term}, applied up to {applied_index}, revision {revision}"
        ))
        .field("term", term)
        .field("revision", revision),
        Reply::MovedLeader | Reply::Cluster(_) | Reply::Maintenance(_) => {
            answer::admin_outcome(&Outcome::Ok(translate::admin::response(reply)))
        }
    }
}

fn failed(error: Error) -> Details {
    let error = translate::error(error, error.code());
    Details::new(format_args!("failed: {error}")).field("outcome", &json!({ "failed": error }))
}
