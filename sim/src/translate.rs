//! The store's requests and answers in the judge's words. Here, and only here, the two meet.

pub(crate) mod admin;
mod auth;
mod kv;
mod lease;
mod service;
mod watch;

pub(crate) use kv::key_value;
pub(crate) use watch::{watch_frame, watch_request};

use revline_checker::history as judged;
use revline_store::api as store;
use revline_store::error::{Code, Error};
use revline_store::frame::{Call, Reply};

/// The request of a call that is an operation of the history: one of the cluster or the maintenance service, which say
/// nothing of keys, is none.
pub(crate) fn request(call: &Call) -> judged::Request {
    match call {
        Call::Kv(request) => kv::request(request),
        Call::Lease(request) => judged::Request::Lease(lease::request(request)),
        Call::Lock(request) => judged::Request::Lock(service::lock_request(request)),
        Call::Election(request) => judged::Request::Election(service::election_request(request)),
        Call::Auth(request) => judged::Request::Auth(auth::request(request)),
        Call::MoveLeader { .. } | Call::Status | Call::Cluster(_) | Call::Maintenance(_) => {
            unreachable!("it is a call beside operations")
        }
    }
}

pub(crate) fn reply(reply: &Reply) -> judged::Response {
    match reply {
        Reply::Kv(response) => kv::response(response),
        Reply::Lease(response) => judged::Response::Lease(lease::response(response)),
        Reply::Lock(response) => judged::Response::Lock(service::lock_response(response)),
        Reply::Election(response) => judged::Response::Election(service::election_response(response)),
        Reply::Auth(response) => judged::Response::Auth(auth::response(response)),
        Reply::MovedLeader | Reply::Status(_) | Reply::Cluster(_) | Reply::Maintenance(_) => {
            unreachable!("it answers no operation")
        }
    }
}

pub(crate) fn error(error: Error, code: Code) -> judged::Error {
    judged::Error { code: format!("{code:?}"), message: error.to_string() }
}

fn header(header: &store::ResponseHeader) -> judged::Header {
    judged::Header {
        member: judged::MemberId(header.member_id),
        revision: header.revision,
        term: header.raft_term,
    }
}
