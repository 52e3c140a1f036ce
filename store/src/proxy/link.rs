//! The connection of a proxy to an endpoint: one at a time carries everything. A silent endpoint is left, and so is one
//! that knows of no leader while there are others: its answers may be old.

use super::machine::Proxy;
use super::{ProxyConfig, ProxyEvent, ProxyOutput};
use crate::api::ResponseHeader;
use crate::client::channel::{Channel, Connection};
use crate::frame::{ClientFrame, ServerFrame, SessionId};
use crate::machine::Time;
use crate::namespace::Namespace;
use std::time::Duration;

/// The interval at which an endpoint is asked for its status, its leader included, in milliseconds.
const PING_MS: u64 = 500;

/// The pause after every endpoint refused, in milliseconds.
const RETRY_MS: u64 = 300;

/// The channel to the endpoints, and the state of the connection in use.
#[derive(Debug)]
pub(super) struct Links {
    channel: Channel,
    /// The state of the connection in use.
    link: Option<Link>,
    /// The number of endpoints in a row that gave no sign of life.
    failures: usize,
    retry_at: Time,
    /// The time of the last frame from any endpoint; at first, of the first reason to ask.
    last_sign: Option<Time>,
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

impl Links {
    pub fn new(config: &ProxyConfig) -> Links {
        let namespace = config.namespace.clone().map(Namespace::new);
        Links {
            channel: Channel::new(
                config.endpoints,
                config.first_endpoint,
                namespace.map(|namespace| namespace.with_defects(config.defects)),
            ),
            link: None,
            failures: 0,
            retry_at: Time::default(),
            last_sign: None,
        }
    }

    pub fn session(&self) -> Option<SessionId> {
        self.channel.current()
    }

    pub fn is_current(&self, session: SessionId) -> bool {
        self.session() == Some(session)
    }

    /// Returns true if no endpoint is in use.
    pub fn is_down(&self) -> bool {
        self.link.is_none()
    }

    /// Takes a frame; `None` if it came on a connection that was left.
    pub fn heard(&mut self, session: SessionId, frame: ServerFrame, now: Time) -> Option<ServerFrame> {
        let frame = self.channel.incoming(session, frame)?;
        if let Some(link) = &mut self.link {
            (link.heard_at, link.alive) = (now, true);
        }
        (self.failures, self.last_sign) = (0, Some(now));
        Some(frame)
    }

    /// A frame as it travels to the endpoint in use, with its connection; `None` without one.
    pub fn outgoing(&self, frame: ClientFrame) -> Option<(SessionId, ClientFrame)> {
        Some((self.session()?, self.channel.outgoing(frame)))
    }

    /// The newest header of the endpoint in use.
    pub fn header(&self) -> ResponseHeader {
        self.link.as_ref().map(|link| link.header).unwrap_or_default()
    }

    /// Takes a header of the endpoint in use.
    pub fn note_header(&mut self, header: &ResponseHeader) {
        if let Some(link) = &mut self.link
            && header.revision >= link.header.revision
        {
            link.header = *header;
        }
    }

    /// Notes whether the endpoint in use knows of a leader.
    pub fn note_leader(&mut self, known: bool, now: Time) {
        if let Some(link) = self.link.as_mut().filter(|_| known) {
            link.led_at = now;
        }
    }
}

impl Proxy {
    /// Connects to an endpoint, if none is in use, and sends the requests that wait for one.
    pub(super) fn connect(&mut self, out: &mut Vec<ProxyOutput>) {
        let links = &mut self.links;
        if self.now < links.retry_at {
            return;
        }
        let Some(Connection { number: session, endpoint }) = links.channel.connect() else { return };
        links.last_sign.get_or_insert(self.now);
        links.link = Some(Link {
            alive: false,
            heard_at: self.now,
            asked_at: self.now,
            led_at: self.now,
            header: ResponseHeader::default(),
        });
        out.push(ProxyOutput::Connect { session, endpoint });
        out.push(ProxyOutput::Event(ProxyEvent::Connected { endpoint }));
        self.send_unsent_calls(out);
        self.reopen_broadcasts(out);
    }

    /// Leaves the endpoint in use, and turns to the next.
    pub(super) fn leave_endpoint(&mut self, out: &mut Vec<ProxyOutput>) {
        if let Some(session) = self.links.session() {
            out.push(ProxyOutput::Disconnect { session });
            self.link_lost(false, out);
        }
    }

    /// Gives up the connection in use, which is gone. With `refused` nothing that was sent on it arrived.
    pub(super) fn link_lost(&mut self, refused: bool, out: &mut Vec<ProxyOutput>) {
        let links = &mut self.links;
        let Some(Connection { endpoint, .. }) = links.channel.fail_over() else { return };
        let link = links.link.take();
        links.failures += usize::from(link.is_none_or(|link| !link.alive));
        if links.failures >= links.channel.endpoints() {
            links.failures = 0;
            links.retry_at = self.now + Duration::from_millis(RETRY_MS);
        }
        let watches = self.suspend_broadcasts();
        let unknown_calls = self.calls_lost(refused, out);
        self.observers_lost(out);
        out.push(ProxyOutput::Event(ProxyEvent::Lost { endpoint, unknown_calls, watches }));
        self.connect(out);
        if self.links.is_down() {
            self.refuse_unsent_calls(out);
        }
    }

    /// Leaves an endpoint that was silent, or knew of no leader, for too long; asks the others for their status.
    pub(super) fn tend_link(&mut self, out: &mut Vec<ProxyOutput>) {
        let silence = Duration::from_millis(self.config.silence_ms);
        let others = self.links.channel.endpoints() > 1;
        if let Some(link) = &mut self.links.link {
            let silent = self.now - link.heard_at >= silence;
            let leaderless = others && self.now - link.led_at >= silence;
            if silent || leaderless {
                self.leave_endpoint(out);
            } else if self.now - link.asked_at >= Duration::from_millis(PING_MS) {
                link.asked_at = self.now;
                self.ping(out);
            }
        }
        let deaf = self.links.last_sign.is_some_and(|sign| self.now - sign >= 2 * silence);
        if deaf {
            self.send_watchers_away(out);
        }
    }

    /// Closes the sessions of watchers, because no endpoint gives a sign of life: they may have other endpoints.
    fn send_watchers_away(&mut self, out: &mut Vec<ProxyOutput>) {
        for session in self.streams.sessions() {
            self.forget_session(session, out);
            out.push(ProxyOutput::CloseSession { session });
        }
    }
}
