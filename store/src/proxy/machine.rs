//! The machine: an input goes to the part it belongs to.

use super::broadcasts::{Broadcasts, News};
use super::calls::Calls;
use super::cx::Core;
use super::observers::Observers;
use super::streams::{Streams, TooManyRequests};
use super::upstream::{Endpoint, Upstream};
use super::{ProxyConfig, ProxyEvent, ProxyInput, ProxyOutput};
use crate::frame::{ClientFrame, ClientStream, ServerFrame, SessionId};
use crate::machine::{Machine, Time};
use std::time::Duration;

/// A proxy. Its host steps it with inputs and the time, and carries out its outputs.
#[derive(Debug)]
pub struct Proxy {
    core: Core,
    calls: Calls,
    observers: Observers,
    streams: Streams,
    broadcasts: Broadcasts,
}

impl Proxy {
    /// A proxy without clients. With its first input it turns to an endpoint.
    ///
    /// # Panics
    /// If it has no endpoint.
    pub fn new(config: ProxyConfig) -> Proxy {
        assert!(config.endpoints > 0, "a proxy has an endpoint");
        Proxy {
            calls: Calls::default(),
            observers: Observers::default(),
            streams: Streams::default(),
            broadcasts: Broadcasts::default(),
            core: Core { now: Time::default(), upstream: Upstream::new(&config), config },
        }
    }

    /// The number of its clients' watchers, and of the upstream watches that serve them.
    pub fn watch_counts(&self) -> (usize, usize) {
        (self.broadcasts.watcher_count() + self.streams.parked_count(), self.broadcasts.count())
    }
}

impl Machine for Proxy {
    type Input = ProxyInput;
    type Output = ProxyOutput;

    fn step(&mut self, now: Time, input: ProxyInput, out: &mut Vec<ProxyOutput>) {
        self.core.now = self.core.now.max(now);
        self.connect(out);
        let cx = &mut self.core.cx(out);
        match input {
            ProxyInput::Tick => self.tick(out),
            ProxyInput::Client { session, frame } => self.client_frame(session, frame, out),
            ProxyInput::SessionClosed { session } => self.forget_session(session, out),
            ProxyInput::Upstream { session, frame } => self.upstream_frame(session, frame, out),
            ProxyInput::UpstreamClosed { session, refused } => {
                if cx.upstream.is_current(session) {
                    self.connection_lost(refused, out);
                }
            }
            ProxyInput::Stalled { session, stream } => {
                self.streams.stalled(cx, &mut self.broadcasts, ClientStream { session, stream });
            }
            ProxyInput::Flowing { session, stream } => {
                self.streams.flows(cx, &mut self.broadcasts, ClientStream { session, stream });
            }
        }
    }
}

impl Proxy {
    fn tick(&mut self, out: &mut Vec<ProxyOutput>) {
        let (now, silence) = (self.core.now, Duration::from_millis(self.core.config.silence_ms));
        if self.core.upstream.tick(now, silence, out) == Endpoint::Unfit {
            self.leave_endpoint(out);
        }
        if self.core.upstream.is_deaf(now, silence) {
            // They may have other endpoints.
            for session in self.streams.sessions() {
                self.close_session(session, out);
            }
        }
        let cx = &mut self.core.cx(out);
        self.streams.tick(cx, &mut self.broadcasts);
        self.calls.tick(cx);
        for session in self.streams.slow_sessions(cx) {
            self.cut_off(session, out);
        }
    }

    fn client_frame(&mut self, session: SessionId, frame: ClientFrame, out: &mut Vec<ProxyOutput>) {
        let cx = &mut self.core.cx(out);
        let broadcasts = &mut self.broadcasts;
        match frame {
            ClientFrame::Call { call, request, token, .. } => {
                self.calls.begin(cx, broadcasts, session, call, request, token);
            }
            ClientFrame::CancelCall { call } => self.calls.cancel(cx, session, call),
            ClientFrame::Watch { stream, request, token } => {
                let stream = ClientStream { session, stream };
                if let Err(TooManyRequests) = self.streams.request(cx, broadcasts, stream, request, token) {
                    self.cut_off(session, out);
                }
            }
            ClientFrame::Observe { stream, request, token } => {
                self.observers.open(cx, ClientStream { session, stream }, request, token);
            }
            ClientFrame::CloseStream { stream } => {
                self.observers.close(cx, ClientStream { session, stream });
                self.streams.close(cx, broadcasts, ClientStream { session, stream });
            }
        }
    }

    fn upstream_frame(&mut self, session: SessionId, frame: ServerFrame, out: &mut Vec<ProxyOutput>) {
        let now = self.core.now;
        let Some(frame) = self.core.upstream.received(session, frame, now) else { return };
        let cx = &mut self.core.cx(out);
        let broadcasts = &mut self.broadcasts;
        match frame {
            ServerFrame::Reply { call, result } => {
                if !cx.upstream.answered(call, &result, now)
                    && let Some(by) = self.calls.answered(cx, broadcasts, call, result)
                {
                    self.streams.ask_position(cx, broadcasts, by);
                }
            }
            ServerFrame::Watch { stream, response } => {
                let Some((by, news)) = broadcasts.received(cx, stream, response) else { return };
                if let News::Unsupported = news {
                    return self.leave_endpoint(out);
                }
                self.streams.take(cx, broadcasts, by, news);
                self.calls.confirm_reads(cx, broadcasts, by);
                self.streams.merge(cx, broadcasts, by);
            }
            ServerFrame::Observe { stream, response } => self.observers.received(cx, stream, response),
        }
    }

    /// Connects to an endpoint, if none is in use, and sends the requests that wait for one.
    fn connect(&mut self, out: &mut Vec<ProxyOutput>) {
        if self.core.upstream.connect(self.core.now, out) {
            let cx = &mut self.core.cx(out);
            self.calls.send_unsent(cx);
            self.broadcasts.reopen(cx);
        }
    }

    /// Leaves the endpoint in use, and turns to the next.
    fn leave_endpoint(&mut self, out: &mut Vec<ProxyOutput>) {
        if self.core.upstream.disconnect(out) {
            self.connection_lost(false, out);
        }
    }

    /// Gives up the connection in use, which is gone. With `refused` nothing that was sent on it arrived.
    fn connection_lost(&mut self, refused: bool, out: &mut Vec<ProxyOutput>) {
        let Some(endpoint) = self.core.upstream.fail_over(self.core.now) else { return };
        let cx = &mut self.core.cx(out);
        let watches = self.broadcasts.suspend();
        let unknown_calls = self.calls.connection_lost(cx, refused);
        self.observers.connection_lost(cx);
        cx.report(ProxyEvent::Lost { endpoint, unknown_calls, watches });
        self.connect(out);
        let cx = &mut self.core.cx(out);
        if cx.upstream.is_down() {
            self.calls.refuse_unsent(cx);
        }
    }

    /// Sends a client away that does not take its responses.
    fn cut_off(&mut self, session: SessionId, out: &mut Vec<ProxyOutput>) {
        self.close_session(session, out);
        self.core.cx(out).report(ProxyEvent::CutOff { session });
    }

    fn close_session(&mut self, session: SessionId, out: &mut Vec<ProxyOutput>) {
        self.forget_session(session, out);
        out.push(ProxyOutput::CloseSession { session });
    }

    /// Forgets a client that is gone or sent away, with its calls and streams.
    fn forget_session(&mut self, session: SessionId, out: &mut Vec<ProxyOutput>) {
        let cx = &mut self.core.cx(out);
        self.calls.cancel_session(cx, session);
        self.observers.close_session(cx, session);
        self.streams.close_session(cx, &mut self.broadcasts, session);
    }
}
