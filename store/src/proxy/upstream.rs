//! The connection of a proxy to an endpoint: one at a time carries everything. A silent endpoint is left, and so is one
//! that knows of no leader while there are others: its answers may be old.
//!
//! It shares the [`Channel`] with a client session, and no more. A session has one user, deadlines of its own, and an
//! opinion on what an error leaves open; a proxy passes on the tokens of its clients, leaves deadlines and errors to
//! them, asks reads again, and resumes its upstream watches where they came by progress alone.

use super::{ProxyConfig, ProxyEvent, ProxyOutput};
use crate::api::ResponseHeader;
use crate::client::channel::{Channel, Connection};
use crate::error::Error;
use crate::frame::{Call, ClientFrame, Reply, ServerFrame, SessionId};
use crate::machine::Time;
use crate::namespace::Namespace;
use std::collections::BTreeSet;
use std::time::Duration;

/// The interval at which an endpoint is asked for its status, its leader included, in milliseconds.
const PING_MS: u64 = 500;

/// The pause after every endpoint refused, in milliseconds.
const RETRY_MS: u64 = 300;

/// The channel to the endpoints, the state of the connection in use, and the numbers of calls and streams on it.
#[derive(Debug)]
pub(super) struct Upstream {
    channel: Channel,
    /// The state of the connection in use.
    link: Option<Link>,
    /// The number of endpoints in a row that gave no sign of life.
    failures: usize,
    retry_at: Time,
    /// The time of the last frame from any endpoint; at first, of the first reason to ask.
    last_sign: Option<Time>,
    last_call: u64,
    last_stream: u64,
    /// The open calls for the status of the endpoint in use.
    pings: BTreeSet<u64>,
}

/// The state of a connection.
#[derive(Debug)]
struct Link {
    /// A frame came on it.
    alive: bool,
    heard_at: Time,
    asked_at: Time,
    /// The last time it knew of a leader.
    led_at: Time,
    /// The newest header that it sent.
    header: ResponseHeader,
}

/// The fitness of the endpoint in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    /// It serves.
    Serves,
    /// It is to be left for another one.
    Unfit,
}

impl Upstream {
    /// No connection yet.
    pub fn new(config: &ProxyConfig) -> Upstream {
        let namespace = config.namespace.clone().map(Namespace::new);
        Upstream {
            channel: Channel::new(
                config.endpoints,
                config.first_endpoint,
                namespace.map(|namespace| namespace.with_defects(config.defects)),
            ),
            link: None,
            failures: 0,
            retry_at: Time::default(),
            last_sign: None,
            last_call: 0,
            last_stream: 0,
            pings: BTreeSet::new(),
        }
    }

    /// Returns true if a session is the connection in use.
    pub fn is_current(&self, session: SessionId) -> bool {
        self.channel.current() == Some(session)
    }

    /// Returns true if no endpoint is in use.
    pub fn is_down(&self) -> bool {
        self.link.is_none()
    }

    /// The newest header of the endpoint in use.
    pub fn header(&self) -> ResponseHeader {
        self.link.as_ref().map(|link| link.header).unwrap_or_default()
    }

    /// Takes the number of the next call.
    pub fn next_call(&mut self) -> u64 {
        self.last_call += 1;
        self.last_call
    }

    /// Takes the number of the next stream, of watches or of an observer.
    pub fn next_stream(&mut self) -> u64 {
        self.last_stream += 1;
        self.last_stream
    }

    /// Connects to the next endpoint. False if one is in use, or the pause after all of them refused is not over.
    pub fn connect(&mut self, now: Time, out: &mut Vec<ProxyOutput>) -> bool {
        if now < self.retry_at {
            return false;
        }
        let Some(Connection { number: session, endpoint }) = self.channel.connect() else { return false };
        self.last_sign.get_or_insert(now);
        let header = ResponseHeader::default();
        self.link = Some(Link { alive: false, heard_at: now, asked_at: now, led_at: now, header });
        out.push(ProxyOutput::Connect { session, endpoint });
        out.push(ProxyOutput::Event(ProxyEvent::Connected { endpoint }));
        true
    }

    /// Ends the connection in use; false if there is none. It still is to be given up ([`Upstream::fail_over`]).
    pub fn disconnect(&mut self, out: &mut Vec<ProxyOutput>) -> bool {
        let Some(session) = self.channel.current() else { return false };
        out.push(ProxyOutput::Disconnect { session });
        true
    }

    /// Gives up the connection in use, which is gone, and returns its endpoint. The next one goes to the next endpoint.
    pub fn fail_over(&mut self, now: Time) -> Option<usize> {
        let Connection { endpoint, .. } = self.channel.fail_over()?;
        self.pings.clear();
        self.failures += usize::from(self.link.take().is_none_or(|link| !link.alive));
        if self.failures >= self.channel.endpoints() {
            self.failures = 0;
            self.retry_at = now + Duration::from_millis(RETRY_MS);
        }
        Some(endpoint)
    }

    /// Sends a frame to the endpoint in use, if there is one.
    pub fn send(&self, frame: ClientFrame, out: &mut Vec<ProxyOutput>) {
        if let Some(session) = self.channel.current() {
            out.push(ProxyOutput::Upstream { session, frame: self.channel.outgoing(frame) });
        }
    }

    /// Takes a frame; `None` if it came on a connection that was left.
    pub fn received(&mut self, session: SessionId, frame: ServerFrame, now: Time) -> Option<ServerFrame> {
        let frame = self.channel.incoming(session, frame)?;
        if let Some(link) = &mut self.link {
            (link.heard_at, link.alive) = (now, true);
        }
        (self.failures, self.last_sign) = (0, Some(now));
        Some(frame)
    }

    /// Takes the header of a reply, and the whole reply if it is the answer to a call for the status: then true.
    pub fn answered(&mut self, call: u64, result: &Result<Reply, Error>, now: Time) -> bool {
        if let Some(header) = result.as_ref().ok().and_then(Reply::header) {
            self.note_header(header);
        }
        if !self.pings.remove(&call) {
            return false;
        }
        let knows_leader = matches!(result, Ok(Reply::Status(status)) if status.leader != 0);
        if let Some(link) = self.link.as_mut().filter(|_| knows_leader) {
            link.led_at = now;
        }
        true
    }

    /// Takes a header of the endpoint in use.
    pub fn note_header(&mut self, header: &ResponseHeader) {
        if let Some(link) = &mut self.link
            && header.revision >= link.header.revision
        {
            link.header = *header;
        }
    }

    /// Checks whether the endpoint in use was silent, or knew of no leader, for too long; otherwise asks for its status
    /// from time to time.
    pub fn tick(&mut self, now: Time, silence: Duration, out: &mut Vec<ProxyOutput>) -> Endpoint {
        let others = self.channel.endpoints() > 1;
        let Some(link) = &mut self.link else { return Endpoint::Serves };
        let silent = now - link.heard_at >= silence;
        let leaderless = others && now - link.led_at >= silence;
        if silent || leaderless {
            return Endpoint::Unfit;
        }
        if now - link.asked_at >= Duration::from_millis(PING_MS) {
            link.asked_at = now;
            self.ping(out);
        }
        Endpoint::Serves
    }

    fn ping(&mut self, out: &mut Vec<ProxyOutput>) {
        let call = self.next_call();
        self.pings.insert(call);
        self.send(
            ClientFrame::Call { call, request: Call::Status, token: None, requires_leader: false },
            out,
        );
    }

    /// Returns true if no endpoint gave a sign of life for twice the time after which a silent one is left.
    pub fn is_deaf(&self, now: Time, silence: Duration) -> bool {
        self.last_sign.is_some_and(|sign| now - sign >= 2 * silence)
    }
}
