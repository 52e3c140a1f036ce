//! The context in which a part of a proxy takes a step: the clock, the configuration, the connection to an endpoint,
//! and where outputs go.

use super::upstream::Upstream;
use super::{ProxyConfig, ProxyEvent, ProxyOutput};
use crate::api::WatchResponse;
use crate::frame::{ClientFrame, ClientStream, ServerFrame, SessionId};
use crate::machine::Time;

/// The state that the steps of all parts have in common.
#[derive(Debug)]
pub(super) struct Core {
    pub config: ProxyConfig,
    pub now: Time,
    pub upstream: Upstream,
}

impl Core {
    /// The context of one step.
    pub fn cx<'a>(&'a mut self, out: &'a mut Vec<ProxyOutput>) -> Cx<'a> {
        let Core { config, now, upstream } = self;
        Cx { now: *now, config, upstream, out }
    }
}

/// The context of one step of a part. A part reads the clock, sends frames up and down and reports events through it;
/// it reaches no other part.
pub(super) struct Cx<'a> {
    pub now: Time,
    pub config: &'a ProxyConfig,
    pub upstream: &'a mut Upstream,
    out: &'a mut Vec<ProxyOutput>,
}

impl Cx<'_> {
    /// Sends a frame to the endpoint in use. Without one it goes nowhere: its sender repeats it when there is one.
    pub fn send_up(&mut self, frame: ClientFrame) {
        self.upstream.send(frame, self.out);
    }

    /// Sends a frame to a client.
    pub fn send_down(&mut self, session: SessionId, frame: ServerFrame) {
        self.out.push(ProxyOutput::Client { session, frame });
    }

    /// Sends a response on a watch stream of a client.
    pub fn send_watch(&mut self, to: ClientStream, response: WatchResponse) {
        self.send_down(to.session, ServerFrame::Watch { stream: to.stream, response });
    }

    /// Reports an event to observers.
    pub fn report(&mut self, event: ProxyEvent) {
        self.out.push(ProxyOutput::Event(event));
    }
}
