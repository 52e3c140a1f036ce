//! The machine: an input goes to the part it belongs to.

use super::calls::{Calls, Endpoint};
use super::channel::{Channel, Connection};
use super::credentials::Credentials;
use super::cx::Cx;
use super::observers::Observers;
use super::watch_streams::WatchStreams;
use super::{
    CallError, CallNumber, ClientInput, ClientOutput, ConnectionNumber, SessionConfig, StreamNumber,
    UnknownCause,
};
use crate::frame::ServerFrame;
use crate::machine::{Machine, Time};
use crate::namespace::Namespace;

/// The session of a client with a cluster.
#[derive(Debug)]
pub struct ClientSession {
    config: SessionConfig,
    channel: Channel,
    credentials: Credentials,
    calls: Calls,
    watch_streams: WatchStreams,
    observers: Observers,
    last_stream: StreamNumber,
    /// The next moment at which the host wakes it.
    wake_at: Option<Time>,
}

impl ClientSession {
    /// A session that has not connected yet. It connects with its first request.
    ///
    /// # Panics
    /// If it has no endpoint.
    pub fn new(config: SessionConfig) -> ClientSession {
        assert!(config.endpoints > 0, "a client has an endpoint");
        let namespace = config.namespace.clone().map(Namespace::new);
        let namespace = namespace.map(|namespace| namespace.with_defects(config.defects));
        ClientSession {
            channel: Channel::new(config.endpoints, config.first_endpoint, namespace),
            config,
            credentials: Credentials::default(),
            calls: Calls::default(),
            watch_streams: WatchStreams::default(),
            observers: Observers::default(),
            last_stream: 0,
            wake_at: None,
        }
    }

    /// Reserves the number of the next call.
    pub fn reserve_call(&mut self) -> CallNumber {
        self.calls.reserve()
    }

    /// Reserves the number of the next stream.
    pub fn reserve_stream(&mut self) -> StreamNumber {
        self.last_stream += 1;
        self.last_stream
    }

    /// The user it is authenticated as.
    pub fn user(&self) -> Option<&str> {
        self.credentials.user()
    }

    /// The parts, and the context of their step.
    fn parts<'a>(
        &'a mut self,
        now: Time,
        out: &'a mut Vec<ClientOutput>,
    ) -> (&'a mut Calls, &'a mut WatchStreams, &'a mut Observers, Cx<'a>) {
        let ClientSession { config, channel, credentials, calls, watch_streams, observers, .. } = self;
        (calls, watch_streams, observers, Cx { now, config, channel, credentials, out })
    }

    fn received(&mut self, now: Time, frame: ServerFrame, out: &mut Vec<ClientOutput>) {
        let (calls, watch_streams, observers, mut cx) = self.parts(now, out);
        match frame {
            ServerFrame::Reply { call, result } => {
                if calls.answered(call, result, &mut cx) == Endpoint::Unavailable {
                    self.disconnect(now, UnknownCause::LeftEndpoint, out);
                }
            }
            ServerFrame::Watch { stream, response } => watch_streams.received(stream, response, &mut cx),
            ServerFrame::Observe { stream, response } => observers.received(stream, response, &mut cx),
        }
    }

    fn wake(&mut self, now: Time, out: &mut Vec<ClientOutput>) {
        self.wake_at = self.wake_at.filter(|at| *at > now);
        let (calls, _, _, mut cx) = self.parts(now, out);
        if calls.expire(&mut cx) {
            self.disconnect(now, UnknownCause::DeadlineExceeded, out);
        }
        for stream in self.watch_streams.due_to_resume(now) {
            let on_wire = self.reserve_stream();
            let (_, watch_streams, _, mut cx) = self.parts(now, out);
            watch_streams.resume(stream, on_wire, &mut cx);
        }
    }

    /// Asks to be woken when the next deadline passes or the next stream resumes, unless that is agreed already.
    fn ask_to_be_woken(&mut self, out: &mut Vec<ClientOutput>) {
        let due = [self.calls.next_deadline(), self.watch_streams.next_resumption()];
        if let Some(at) =
            due.into_iter().flatten().min().filter(|at| self.wake_at.is_none_or(|wake| *at < wake))
        {
            self.wake_at = Some(at);
            out.push(ClientOutput::WakeAt { at });
        }
    }

    /// Closes the connection in use.
    fn disconnect(&mut self, now: Time, cause: UnknownCause, out: &mut Vec<ClientOutput>) {
        if let Some(Connection { number: connection, .. }) = self.channel.fail_over() {
            out.push(ClientOutput::Disconnect { connection });
            self.connection_lost(now, connection, &CallError::Unknown(cause), out);
        }
    }

    fn connection_lost(
        &mut self,
        now: Time,
        connection: ConnectionNumber,
        error: &CallError,
        out: &mut Vec<ClientOutput>,
    ) {
        let (calls, watch_streams, observers, mut cx) = self.parts(now, out);
        calls.connection_lost(error, &mut cx);
        watch_streams.connection_lost(connection, &mut cx);
        observers.connection_lost(connection, &mut cx);
    }
}

impl Machine for ClientSession {
    type Input = ClientInput;
    type Output = ClientOutput;

    fn step(&mut self, now: Time, input: ClientInput, out: &mut Vec<ClientOutput>) {
        let (calls, watch_streams, observers, mut cx) = self.parts(now, out);
        let cx = &mut cx;
        match input {
            ClientInput::Call { call, request, options } => calls.begin(call, request, options, cx),
            ClientInput::Abandon { call } => calls.abandon(call, cx),
            ClientInput::OpenWatchStream { stream, resume } => watch_streams.open(stream, resume, cx),
            ClientInput::Watch { stream, watch, request } => watch_streams.watch(stream, watch, request, cx),
            ClientInput::RequestProgress { stream } => watch_streams.request_progress(stream, cx),
            ClientInput::CancelWatch { stream, watch } => watch_streams.cancel(stream, watch, cx),
            ClientInput::Observe { stream, request } => observers.open(stream, request, cx),
            ClientInput::CloseStream { stream } => {
                watch_streams.close(stream, cx);
                observers.close(stream, cx);
            }
            ClientInput::Disconnect => self.disconnect(now, UnknownCause::Disconnected, out),
            ClientInput::Frame { connection, frame } => {
                if let Some(frame) = self.channel.incoming(connection, frame) {
                    self.received(now, frame, out);
                }
            }
            ClientInput::ConnectionClosed { connection, refused } => {
                if self.channel.current() == Some(connection) {
                    self.channel.fail_over();
                    let broke = CallError::Unknown(UnknownCause::ConnectionBroke);
                    let error = if refused { CallError::Refused } else { broke };
                    self.connection_lost(now, connection, &error, out);
                }
            }
            ClientInput::Wake => self.wake(now, out),
        }
        self.calls.log_in(&mut self.credentials);
        let (calls, _, _, mut cx) = self.parts(now, out);
        calls.repeat(&mut cx);
        self.ask_to_be_woken(out);
    }
}
