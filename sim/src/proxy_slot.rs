//! A proxy as the world sees it. Nothing of it outlives its process but its clock.

use crate::clock::Clock;
use crate::entropy::generator;
use crate::network::stream::{Direction, Frame, StreamId};
use crate::process::{Inbox, Process};
use crate::proxy_place::ProxyPlace;
use crate::simulation::SimulationConfig;
use crate::state::{State, node_of};
use crate::trace::{Kind, NodeName};
use rand::Rng;
use revline_store::machine::{ServerFrame, SessionId};
use revline_store::proxy::{ProxyConfig, ProxyEvent, ProxyInput, ProxyOutput};
use std::collections::BTreeMap;

pub(crate) struct ProxySlot {
    pub process: Process,
    pub inbox: Inbox<ProxyInput>,
    pub config: ProxyConfig,
    endpoints: Vec<NodeName>,
    /// Its own sessions, by the names it gave them.
    upstream: BTreeMap<SessionId, (StreamId, NodeName)>,
}

/// The proxies of a world, before they start.
pub(crate) fn proxies(config: &SimulationConfig) -> BTreeMap<NodeName, ProxySlot> {
    let slot = |(position, place): (usize, &ProxyPlace)| {
        let id = place.id.unwrap_or(ProxyPlace::id_at(position));
        let offset_ms = generator(config.seed, &format!("clock p{id}")).gen_range(0..=config.clock_offset_ms);
        let slot = ProxySlot {
            process: Process::new(Clock::new(offset_ms * 1_000_000)),
            inbox: Inbox::new(),
            config: ProxyConfig {
                namespace: (!place.namespace.is_empty()).then(|| place.namespace.0.clone()),
                cache: place.cache,
                defects: config.defects,
                first_endpoint: id as usize % place.endpoints.len(),
                ..ProxyConfig::new(id, place.endpoints.len())
            },
            endpoints: place.endpoints.iter().copied().map(node_of).collect(),
            upstream: BTreeMap::new(),
        };
        (node_of(id), slot)
    };
    config.proxies.iter().enumerate().map(slot).collect()
}

impl State {
    pub fn proxy(&mut self, node: NodeName) -> &mut ProxySlot {
        self.proxies.get_mut(&node).expect("a proxy of this world")
    }

    /// Tells a proxy something, if its process is there.
    pub fn tell_proxy(&mut self, node: NodeName, input: ProxyInput) {
        if let Some(slot) = self.proxies.get_mut(&node).filter(|slot| slot.process.running) {
            slot.inbox.push(input);
        }
    }

    /// A proxy's process starts, and knows nothing.
    pub fn proxy_started(&mut self, node: NodeName) -> ProxyConfig {
        let slot = self.proxy(node);
        slot.process.started();
        slot.inbox.clear();
        slot.config.clone()
    }

    /// A proxy's process is gone, and with it everything.
    pub fn proxy_crashed(&mut self, node: NodeName) {
        let slot = self.proxy(node);
        slot.process.stopped();
        slot.inbox.clear();
        slot.upstream.clear();
        self.counters.proxy_crashes += 1;
        self.record(Kind::Crash, node, [0; 3]);
        self.break_streams_of(node);
    }

    /// A frame for a proxy on a session of its own.
    pub fn proxy_received(
        &mut self,
        node: NodeName,
        session: SessionId,
        stream: StreamId,
        frame: ServerFrame,
    ) {
        if self.is_upstream(node, session, stream) {
            self.tell_proxy(node, ProxyInput::Upstream { session, frame });
        }
    }

    /// A session of a proxy's own broke, or was never made.
    pub fn stream_broke_at_proxy(
        &mut self,
        node: NodeName,
        session: SessionId,
        stream: StreamId,
        refused: bool,
    ) {
        if self.is_upstream(node, session, stream) {
            self.proxy(node).upstream.remove(&session);
            self.tell_proxy(node, ProxyInput::UpstreamClosed { session, refused });
        }
    }

    /// Whether this stream is still what the proxy knows under this name: a process that was started again may use
    /// the names of the one before.
    fn is_upstream(&mut self, node: NodeName, session: SessionId, stream: StreamId) -> bool {
        self.proxy(node).upstream.get(&session).is_some_and(|(known, _)| *known == stream)
    }

    /// Carries out what a proxy asks for.
    pub fn carry_out_for_proxy(&mut self, node: NodeName, outputs: &mut Vec<ProxyOutput>) {
        for output in outputs.drain(..) {
            match output {
                ProxyOutput::Client { session, frame } => {
                    let watch = matches!(frame, ServerFrame::Watch { .. });
                    self.counters.watch_responses_of_proxies += u64::from(watch);
                    self.send_frame(session, Direction::ToClient, Frame::ToClient(frame));
                }
                ProxyOutput::CloseSession { session } => {
                    self.break_stream(session);
                }
                ProxyOutput::Connect { session, endpoint } => {
                    let slot = self.proxy(node);
                    let server = slot.endpoints[endpoint % slot.endpoints.len()];
                    let stream = self.open_stream(node, server, session);
                    self.proxy(node).upstream.insert(session, (stream, server));
                }
                ProxyOutput::Upstream { session, frame } => {
                    if let Some(&(stream, _)) = self.proxy(node).upstream.get(&session) {
                        self.send_frame(stream, Direction::ToServer, Frame::ToServer(frame));
                    }
                }
                ProxyOutput::Disconnect { session } => {
                    if let Some((stream, server)) = self.proxy(node).upstream.remove(&session) {
                        self.close_stream_at_client(node, server, stream);
                    }
                }
                ProxyOutput::Event(event) => self.proxy_event(&event),
            }
        }
    }

    fn proxy_event(&mut self, event: &ProxyEvent) {
        let counters = &mut self.counters;
        match event {
            ProxyEvent::Joined { .. } => counters.watches_joined += 1,
            ProxyEvent::Merged { .. } => counters.watches_merged += 1,
            ProxyEvent::CutOff { .. } => counters.slow_clients_cut_off += 1,
            ProxyEvent::Cached { .. } => counters.reads_cached += 1,
            ProxyEvent::Lost { .. } => counters.endpoints_lost += 1,
            ProxyEvent::Connected { .. } | ProxyEvent::Parked { .. } => {}
        }
    }
}
