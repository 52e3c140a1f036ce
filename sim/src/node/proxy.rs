//! The host of a proxy: its endpoints, and the streams it opened. No stream outlives its process.

use super::{AnyNode, End, Host, Nature, Node, NodeProcess};
use crate::around::Around;
use crate::clock::Clock;
use crate::config::SimulationConfig;
use crate::counters::Counters;
use crate::cpu::CpuConfig;
use crate::due::Told;
use crate::entropy::generator;
use crate::network::stream::{Direction, Frame, Opening, StreamId};
use crate::proxy_place::ProxyPlace;
use crate::trace::{Event, Fingerprint, NodeName, node_of};
use rand::Rng;
use revline_store::frame::{ServerFrame, SessionId};
use revline_store::machine::{Machine, MemberId, Time};
use revline_store::proxy::{Proxy, ProxyConfig, ProxyEvent, ProxyInput, ProxyOutput};
use std::collections::BTreeMap;

/// The host of a proxy, or of any machine that serves clients and uses endpoints as a proxy does.
pub(crate) struct ProxyHost<M> {
    node: NodeName,
    tick_ms: u64,
    endpoints: Vec<NodeName>,
    boot: Box<dyn Fn() -> M + Send>,
    /// The streams it opened, by the numbers it gave them.
    upstream: BTreeMap<SessionId, StreamId>,
}

/// The proxies of a world, before they start.
pub(crate) fn proxies(config: &SimulationConfig) -> BTreeMap<NodeName, Box<dyn AnyNode + Send>> {
    let node = |(position, place): (usize, &ProxyPlace)| {
        let id = place.id.unwrap_or(ProxyPlace::id_at(position));
        let proxy = ProxyConfig {
            namespace: (!place.namespace.is_empty()).then(|| place.namespace.0.clone()),
            cache: place.cache,
            progress_interval_ms: config.tuning.watch_progress_every_ms,
            defects: config.defects,
            first_endpoint: id as usize % place.endpoints.len(),
            ..ProxyConfig::new(id, place.endpoints.len())
        };
        let tick_ms = proxy.tick_ms;
        let boot = move || Proxy::new(proxy.clone());
        (node_of(id), node_before(config, id, &place.endpoints, tick_ms, boot))
    };
    config.proxies.iter().enumerate().map(node).collect()
}

/// The node of a machine that stands before these endpoints, as a proxy does.
pub(crate) fn node_before<M>(
    config: &SimulationConfig,
    id: MemberId,
    endpoints: &[MemberId],
    tick_ms: u64,
    boot: impl Fn() -> M + Send + 'static,
) -> Box<dyn AnyNode + Send>
where
    M: Machine<Input = ProxyInput, Output = ProxyOutput> + Send + 'static,
{
    let offset_ms = generator(config.seed, &format!("clock p{id}")).gen_range(0..=config.clock_offset_ms);
    let host = ProxyHost {
        node: node_of(id),
        tick_ms,
        endpoints: endpoints.iter().copied().map(node_of).collect(),
        boot: Box::new(boot),
        upstream: BTreeMap::new(),
    };
    Box::new(Node::new(node_of(id), NodeProcess::new(Clock::new(offset_ms * 1_000_000)), host))
}

impl<M> ProxyHost<M> {
    /// True if a stream is the one that this start of the process opened under this number.
    fn is_upstream(&self, session: SessionId, stream: StreamId) -> bool {
        self.upstream.get(&session) == Some(&stream)
    }
}

impl<M: Machine<Input = ProxyInput, Output = ProxyOutput>> Host for ProxyHost<M> {
    type Machine = M;

    fn starts(&mut self, around: &mut Around<'_>) {
        around.cx.record(self.node, Event::Start { term: 0, last_index: 0, torn_bytes: 0 });
    }

    fn boot(&self, _: u64, _: Time, _: &mut Vec<ProxyOutput>) -> Result<M, String> {
        Ok((self.boot)())
    }

    fn tick_ms(&self) -> u64 {
        self.tick_ms
    }

    fn input(&mut self, _: &mut Around<'_>, _: u64, told: Told) -> Option<ProxyInput> {
        Some(match told {
            Told::Tick => ProxyInput::Tick,
            Told::Client { stream, frame } => ProxyInput::Client { session: stream, frame: *frame },
            Told::ClientGone { stream } => ProxyInput::SessionClosed { session: stream },
            Told::Stalled { stream, watch_stream } => {
                ProxyInput::Stalled { session: stream, stream: watch_stream }
            }
            Told::Flowing { stream, watch_stream } => {
                ProxyInput::Flowing { session: stream, stream: watch_stream }
            }
            Told::Server { session, stream, frame } => self
                .is_upstream(session, stream)
                .then_some(ProxyInput::Upstream { session, frame: *frame })?,
            Told::ServerGone { session, stream, refused } => {
                if !self.is_upstream(session, stream) {
                    return None;
                }
                self.upstream.remove(&session);
                ProxyInput::UpstreamClosed { session, refused }
            }
            Told::Datagram(_)
            | Told::DiskFinished
            | Told::DiskFailed(_)
            | Told::DiskGoesOn
            | Told::ClockSet { .. } => {
                unreachable!("a proxy has neither peers nor a disk, and reads no wall clock")
            }
        })
    }

    fn nature(input: &ProxyInput) -> Nature {
        if matches!(input, ProxyInput::Tick) { Nature::Tick } else { Nature::Message }
    }

    fn work_ns(cpu: &CpuConfig, _: Nature, outputs: &[ProxyOutput]) -> u64 {
        cpu.proxy_step_ns(outputs)
    }

    fn carry_out(&mut self, around: &mut Around<'_>, _: u64, outputs: &mut Vec<ProxyOutput>) {
        let Around { cx, network, .. } = around;
        for output in outputs.drain(..) {
            match output {
                ProxyOutput::Client { session, frame } => {
                    let watch = matches!(frame, ServerFrame::Watch { .. });
                    cx.counters.watch_responses_of_proxies += u64::from(watch);
                    network.send_frame(cx, session, Direction::ToClient, Frame::ToClient(Box::new(frame)));
                }
                ProxyOutput::CloseSession { session } => network.break_stream(cx, session),
                ProxyOutput::Connect { session, endpoint } => {
                    let server = self.endpoints[endpoint % self.endpoints.len()];
                    let opening = Opening { client: self.node, server, session, queues_responses: false };
                    self.upstream.insert(session, network.open_stream(cx, opening));
                }
                ProxyOutput::Upstream { session, frame } => {
                    if let Some(&stream) = self.upstream.get(&session) {
                        network.send_frame(cx, stream, Direction::ToServer, Frame::ToServer(Box::new(frame)));
                    }
                }
                ProxyOutput::Disconnect { session } => {
                    if let Some(stream) = self.upstream.remove(&session) {
                        network.close_stream_at_client(cx, stream);
                    }
                }
                ProxyOutput::Event(event) => count(cx.counters, &event),
            }
        }
    }

    fn ended(&mut self, around: &mut Around<'_>, _: &End) {
        self.upstream.clear();
        around.cx.counters.proxy_crashes += 1;
        let nothing = Fingerprint(0);
        around.cx.record(self.node, Event::Crash { log_bytes: 0, log: nothing, snapshot: nothing });
    }
}

fn count(counters: &mut Counters, event: &ProxyEvent) {
    match event {
        ProxyEvent::Joined { .. } => counters.watches_joined += 1,
        ProxyEvent::Merged { .. } => counters.watches_merged += 1,
        ProxyEvent::CutOff { .. } => counters.slow_clients_cut_off += 1,
        ProxyEvent::Cached { .. } => counters.reads_cached += 1,
        ProxyEvent::Lost { .. } => counters.endpoints_lost += 1,
        ProxyEvent::Connected { .. } | ProxyEvent::Parked { .. } => {}
    }
}
