//! The machine: an input goes where it belongs.

use super::broadcast::Broadcasts;
use super::cache::Cache;
use super::calls::Calls;
use super::link::Links;
use super::observers::Observers;
use super::slow::Parked;
use super::streams::Streams;
use super::{ProxyConfig, ProxyInput, ProxyOutput};
use crate::frame::{ClientFrame, ServerFrame, SessionId};
use crate::machine::{Machine, Time};

/// A proxy. Its host steps it with inputs and the time, and carries out its outputs.
#[derive(Debug)]
pub struct Proxy {
    pub(super) config: ProxyConfig,
    pub(super) now: Time,
    pub(super) links: Links,
    pub(super) calls: Calls,
    pub(super) observers: Observers,
    pub(super) streams: Streams,
    pub(super) broadcasts: Broadcasts,
    pub(super) parked: Parked,
    pub(super) cache: Cache,
}

impl Proxy {
    /// A proxy without clients. With its first input it turns to an endpoint.
    ///
    /// # Panics
    /// If it has no endpoint.
    pub fn new(config: ProxyConfig) -> Proxy {
        assert!(config.endpoints > 0, "a proxy has an endpoint");
        Proxy {
            now: Time::default(),
            links: Links::new(&config),
            calls: Calls::default(),
            observers: Observers::default(),
            streams: Streams::default(),
            broadcasts: Broadcasts::default(),
            parked: Parked::default(),
            cache: Cache::default(),
            config,
        }
    }

    /// The number of its clients' watchers, and of the upstream watches that serve them.
    pub fn watch_counts(&self) -> (usize, usize) {
        (self.broadcasts.watcher_count() + self.parked.count(), self.broadcasts.count())
    }
}

impl Machine for Proxy {
    type Input = ProxyInput;
    type Output = ProxyOutput;

    fn step(&mut self, now: Time, input: ProxyInput, out: &mut Vec<ProxyOutput>) {
        self.now = self.now.max(now);
        self.connect(out);
        match input {
            ProxyInput::Tick => self.tick(out),
            ProxyInput::Client { session, frame } => self.client_frame(session, frame, out),
            ProxyInput::SessionClosed { session } => self.forget_session(session, out),
            ProxyInput::Upstream { session, frame } => self.upstream_frame(session, frame, out),
            ProxyInput::UpstreamClosed { session, refused } => {
                if self.links.is_current(session) {
                    self.link_lost(refused, out);
                }
            }
            ProxyInput::Stalled { session, stream } => self.park(session, stream, out),
            ProxyInput::Flowing { session, stream } => self.unpark(session, stream, out),
        }
    }
}

impl Proxy {
    fn tick(&mut self, out: &mut Vec<ProxyOutput>) {
        self.tend_link(out);
        self.tend_progress(out);
        self.tend_confirmations(out);
        self.cut_off_slow_clients(out);
    }

    fn client_frame(&mut self, session: SessionId, frame: ClientFrame, out: &mut Vec<ProxyOutput>) {
        match frame {
            ClientFrame::Call { call, request, token } => self.call(session, call, request, token, out),
            ClientFrame::CancelCall { call } => self.cancel_call(session, call, out),
            ClientFrame::Watch { stream, request, token } => {
                self.watch_request(session, stream, request, token, out);
            }
            ClientFrame::Observe { stream, request, token } => {
                self.observe(session, stream, request, token, out);
            }
            ClientFrame::CloseStream { stream } => {
                self.close_observer(session, stream, out);
                self.close_stream((session, stream), out);
            }
        }
    }

    fn upstream_frame(&mut self, session: SessionId, frame: ServerFrame, out: &mut Vec<ProxyOutput>) {
        let Some(frame) = self.links.heard(session, frame, self.now) else { return };
        match frame {
            ServerFrame::Reply { call, result } => self.call_answered(call, result, out),
            ServerFrame::Watch { stream, response } => self.upstream_watch(stream, response, out),
            ServerFrame::Observe { stream, response } => self.observed(stream, response, out),
        }
    }

    /// Forgets a client that is gone or sent away, with its calls and streams.
    pub(super) fn forget_session(&mut self, session: SessionId, out: &mut Vec<ProxyOutput>) {
        self.cancel_calls_of(session, out);
        self.close_observers_of(session, out);
        for stream in self.streams.of(session) {
            self.close_stream(stream, out);
        }
    }

    /// Sends a frame to the endpoint in use. Without one it goes nowhere: its sender repeats it when there is one.
    pub(super) fn send_up(&self, frame: ClientFrame, out: &mut Vec<ProxyOutput>) {
        if let Some((session, frame)) = self.links.outgoing(frame) {
            out.push(ProxyOutput::Upstream { session, frame });
        }
    }
}

/// Sends a frame to a client.
pub(crate) fn send_down(session: SessionId, frame: ServerFrame, out: &mut Vec<ProxyOutput>) {
    out.push(ProxyOutput::Client { session, frame });
}
