//! A session without a network: a test plays the endpoints.

use revline_store::api::{
    PutRequest, PutResponse, RangeRequest, Request, Response, ResponseHeader, WatchCreateRequest,
    WatchResponse,
};
use revline_store::client::{
    CallError, CallNumber, CallOptions, ClientInput, ClientOutput, ClientSession, ConnectionNumber,
    SessionConfig, StreamNumber,
};
use revline_store::error::Error;
use revline_store::frame::{Call, ClientFrame, Reply, ServerFrame};
use revline_store::machine::{Machine, Time};
use std::time::Duration;

pub struct Driver {
    pub session: ClientSession,
    pub now: Time,
    /// The moments at which it asked to be woken.
    pub wakes: Vec<Time>,
}

impl Driver {
    pub fn new(config: SessionConfig) -> Driver {
        Driver { session: ClientSession::new(config), now: Time::from_millis(1_000), wakes: Vec::new() }
    }

    /// Makes a step, and gives its outputs, except the wake-ups, which [`Driver::pass`] serves.
    pub fn step(&mut self, input: ClientInput) -> Vec<ClientOutput> {
        let mut out = Vec::new();
        self.session.step(self.now, input, &mut out);
        self.wakes.extend(out.iter().filter_map(|output| match output {
            ClientOutput::WakeAt { at } => Some(*at),
            _ => None,
        }));
        out.retain(|output| !matches!(output, ClientOutput::WakeAt { .. }));
        out
    }

    /// Lets time pass.
    pub fn pass(&mut self, ms: u64) -> Vec<ClientOutput> {
        let end = self.now + Duration::from_millis(ms);
        let mut out = Vec::new();
        self.wakes.sort();
        while let Some(&at) = self.wakes.first()
            && at <= end
        {
            self.wakes.remove(0);
            self.now = self.now.max(at);
            out.extend(self.step(ClientInput::Wake));
            self.wakes.sort();
        }
        self.now = end;
        out
    }

    /// Makes a call.
    pub fn call(&mut self, request: Call) -> (CallNumber, Vec<ClientOutput>) {
        self.call_within(request, CallOptions::default())
    }

    pub fn call_within(&mut self, request: Call, options: CallOptions) -> (CallNumber, Vec<ClientOutput>) {
        let call = self.session.reserve_call();
        (call, self.step(ClientInput::Call { call, request, options }))
    }

    /// The endpoint replies.
    pub fn reply(
        &mut self,
        connection: ConnectionNumber,
        call: CallNumber,
        result: Result<Reply, Error>,
    ) -> Vec<ClientOutput> {
        self.step(ClientInput::Frame { connection, frame: ServerFrame::Reply { call, result } })
    }

    /// The endpoint says something on a watch stream.
    pub fn respond(
        &mut self,
        connection: ConnectionNumber,
        stream: StreamNumber,
        response: WatchResponse,
    ) -> Vec<ClientOutput> {
        self.step(ClientInput::Frame { connection, frame: ServerFrame::Watch { stream, response } })
    }

    pub fn close(&mut self, connection: ConnectionNumber, refused: bool) -> Vec<ClientOutput> {
        self.step(ClientInput::ConnectionClosed { connection, refused })
    }
}

pub fn put() -> Call {
    Call::Kv(Request::Put(PutRequest { key: "k".into(), value: "v".into(), ..PutRequest::default() }))
}

pub fn get() -> Call {
    Call::Kv(Request::Range(RangeRequest { key: "k".into(), ..RangeRequest::default() }))
}

pub fn stored() -> Result<Reply, Error> {
    Ok(Reply::Kv(Response::Put(PutResponse::default())))
}

pub fn watch_from(start_revision: i64) -> WatchCreateRequest {
    WatchCreateRequest { key: "k".into(), start_revision, ..WatchCreateRequest::default() }
}

/// A response of a watch stream without events.
pub fn response(revision: i64, watch_id: i64) -> WatchResponse {
    let header = ResponseHeader { revision, ..ResponseHeader::default() };
    WatchResponse { header, watch_id, ..WatchResponse::default() }
}

/// The answers that the application was given.
pub fn answers(out: &[ClientOutput]) -> Vec<(CallNumber, Result<Reply, CallError>)> {
    let answer = |output: &ClientOutput| match output {
        ClientOutput::Answered { call, answer, .. } => Some((*call, answer.clone())),
        _ => None,
    };
    out.iter().filter_map(answer).collect()
}

/// The endpoints that it connected to.
pub fn endpoints(out: &[ClientOutput]) -> Vec<usize> {
    let endpoint = |output: &ClientOutput| match output {
        ClientOutput::Connect { endpoint, .. } => Some(*endpoint),
        _ => None,
    };
    out.iter().filter_map(endpoint).collect()
}

/// The frames that it sent.
pub fn frames(out: Vec<ClientOutput>) -> Vec<ClientFrame> {
    let frame = |output| match output {
        ClientOutput::Send { frame, .. } => Some(frame),
        _ => None,
    };
    out.into_iter().filter_map(frame).collect()
}
