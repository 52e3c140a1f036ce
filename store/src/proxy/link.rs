//! The connection to an endpoint: one at a time carries everything. A silent endpoint is left, and so is one that knows
//! of no leader while there are others: what it says may be old.

use super::machine::Proxy;
use super::{ProxyConfig, ProxyEvent, ProxyOutput};
use crate::api::ResponseHeader;
use crate::machine::{SessionId, Time};
use std::time::Duration;

/// So often an endpoint is asked for its status, in milliseconds: that it answers, and whom it follows.
const PING_MS: u64 = 500;

/// When every endpoint refused, so long they are left alone, in milliseconds.
const RETRY_MS: u64 = 300;

#[derive(Debug)]
pub(super) struct Links {
    link: Option<Link>,
    endpoints: usize,
    next_session: SessionId,
    next_endpoint: usize,
    /// How many endpoints in a row gave no sign of life.
    failures: usize,
    retry_at: Time,
    /// When anything was heard from any endpoint; at first, when there was first a reason to ask.
    last_sign: Option<Time>,
}

#[derive(Debug)]
struct Link {
    session: SessionId,
    endpoint: usize,
    /// Something came on it.
    alive: bool,
    heard_at: Time,
    asked_at: Time,
    /// When it last knew of a leader.
    led_at: Time,
    /// The newest that was heard.
    header: ResponseHeader,
}

impl Links {
    pub fn new(config: &ProxyConfig) -> Links {
        Links {
            link: None,
            endpoints: config.endpoints,
            next_session: 0,
            next_endpoint: config.first_endpoint % config.endpoints,
            failures: 0,
            retry_at: Time::default(),
            last_sign: None,
        }
    }

    pub fn session(&self) -> Option<SessionId> {
        self.link.as_ref().map(|link| link.session)
    }

    pub fn is_current(&self, session: SessionId) -> bool {
        self.session() == Some(session)
    }

    /// Whether there is nobody to turn to for now.
    pub fn is_down(&self) -> bool {
        self.link.is_none()
    }

    /// A frame came. False if it is of a connection that was left.
    pub fn heard(&mut self, session: SessionId, now: Time) -> bool {
        let Some(link) = self.link.as_mut().filter(|link| link.session == session) else { return false };
        link.heard_at = now;
        link.alive = true;
        self.failures = 0;
        self.last_sign = Some(now);
        true
    }

    /// Where the endpoint in use stands, as far as it was heard.
    pub fn header(&self) -> ResponseHeader {
        self.link.as_ref().map(|link| link.header).unwrap_or_default()
    }

    /// The endpoint said where it stands.
    pub fn note_header(&mut self, header: &ResponseHeader) {
        if let Some(link) = &mut self.link
            && header.revision >= link.header.revision
        {
            link.header = *header;
        }
    }

    /// The endpoint said whether it knows of a leader.
    pub fn note_leader(&mut self, known: bool, now: Time) {
        if let Some(link) = self.link.as_mut().filter(|_| known) {
            link.led_at = now;
        }
    }
}

impl Proxy {
    /// Turns to an endpoint, if there is none in use, and sends what waits for one.
    pub(super) fn connect(&mut self, out: &mut Vec<ProxyOutput>) {
        let links = &mut self.links;
        if links.link.is_some() || self.now < links.retry_at {
            return;
        }
        links.last_sign.get_or_insert(self.now);
        links.next_session += 1;
        let (session, endpoint) = (links.next_session, links.next_endpoint);
        links.link = Some(Link {
            session,
            endpoint,
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

    /// The connection in use is gone. With `refused` nothing that was sent on it arrived.
    pub(super) fn link_lost(&mut self, refused: bool, out: &mut Vec<ProxyOutput>) {
        let Some(link) = self.links.link.take() else { return };
        let links = &mut self.links;
        links.next_endpoint = (link.endpoint + 1) % links.endpoints;
        links.failures += usize::from(!link.alive);
        if links.failures >= links.endpoints {
            links.failures = 0;
            links.retry_at = self.now + Duration::from_millis(RETRY_MS);
        }
        let watches = self.suspend_broadcasts();
        let unknown_calls = self.calls_lost(refused, out);
        self.observers_lost(out);
        out.push(ProxyOutput::Event(ProxyEvent::Lost { endpoint: link.endpoint, unknown_calls, watches }));
        self.connect(out);
        if self.links.is_down() {
            self.refuse_unsent_calls(out);
        }
    }

    /// Time passed: is the endpoint still worth it?
    pub(super) fn tend_link(&mut self, out: &mut Vec<ProxyOutput>) {
        let silence = Duration::from_millis(self.config.silence_ms);
        let others = self.links.endpoints > 1;
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

    /// No endpoint gives a sign of life: whoever watches is better off elsewhere.
    fn send_watchers_away(&mut self, out: &mut Vec<ProxyOutput>) {
        for session in self.streams.sessions() {
            self.forget_session(session, out);
            out.push(ProxyOutput::CloseSession { session });
        }
    }
}
