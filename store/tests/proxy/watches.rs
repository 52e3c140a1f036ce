//! Watches of many clients through connections that break, compactions, and clients that take nothing.

use crate::behind::{Behind, DIRECT};
use crate::harness::cluster::Cluster;
use crate::harness::requests::{compact, delete_from, put};
use crate::seen::Clients;
use proptest::prelude::*;
use revline_store::api::{Event, FilterType, WatchCancelRequest, WatchCreateRequest, WatchRequest};
use revline_store::machine::{ClientFrame, Input, ServerFrame, SessionId};
use revline_store::proxy::ProxyInput;

#[derive(Clone, Debug)]
enum Act {
    Put(u8),
    Delete(u8, u8),
    Compact(i64),
    Watch { session: u64, stream: u64, create: WatchCreateRequest },
    Cancel { session: u64, stream: u64, id: i64 },
    Progress { session: u64, stream: u64 },
    CloseStream { session: u64, stream: u64 },
    CloseSession { session: u64 },
    Stall { session: u64, stream: u64 },
    Flow { session: u64, stream: u64 },
    Break,
    Up(usize),
    Down(usize),
    Tick,
}

fn key(number: u8) -> String {
    format!("k{number}")
}

fn acts() -> impl Strategy<Value = Act> {
    let place = || (1..4_u64, 0..2_u64);
    let create =
        (0..5_u8, 0..4_u8, prop_oneof![3 => Just(0), 2 => 1..40_i64], any::<(bool, bool)>(), 0..4_u8)
            .prop_map(|(first, end, start_revision, (prev_kv, progress_notify), filter)| {
                WatchCreateRequest {
                    key: key(first).as_str().into(),
                    range_end: [b"".as_slice(), b"k3", b"\0", b"k9"][usize::from(end)].into(),
                    start_revision,
                    prev_kv,
                    progress_notify,
                    filters: [vec![FilterType::NoPut], vec![FilterType::NoDelete], vec![], vec![]]
                        [usize::from(filter)]
                    .clone(),
                    ..WatchCreateRequest::default()
                }
            });
    prop_oneof![
        12 => (0..5_u8).prop_map(Act::Put),
        4 => (0..5_u8, 0..6_u8).prop_map(|(key, end)| Act::Delete(key, end)),
        1 => (0..8_i64).prop_map(Act::Compact),
        6 => (place(), create).prop_map(|((session, stream), create)| Act::Watch { session, stream, create }),
        1 => (place(), 0..3_i64).prop_map(|((session, stream), id)| Act::Cancel { session, stream, id }),
        3 => place().prop_map(|(session, stream)| Act::Progress { session, stream }),
        1 => place().prop_map(|(session, stream)| Act::CloseStream { session, stream }),
        1 => (1..4_u64).prop_map(|session| Act::CloseSession { session }),
        1 => place().prop_map(|(session, stream)| Act::Stall { session, stream }),
        2 => place().prop_map(|(session, stream)| Act::Flow { session, stream }),
        2 => Just(Act::Break),
        6 => (1..6_usize).prop_map(Act::Up),
        8 => (1..12_usize).prop_map(Act::Down),
        6 => Just(Act::Tick),
    ]
}

/// Lets frames arrive, at most so many.
fn let_arrive(frames: usize, mut arrives: impl FnMut() -> bool) {
    let _arrived = (0..frames).take_while(|_| arrives()).count();
}

struct Run {
    behind: Behind,
    clients: Clients,
    read: usize,
    /// Sessions are not used twice: each of three clients has its present one.
    present: [SessionId; 4],
}

impl Run {
    fn new() -> Run {
        let mut cluster = Cluster::new(1, |_| {});
        cluster.elect(1);
        let create = WatchCreateRequest { range_end: b"\0".into(), prev_kv: true, ..Default::default() };
        let frame = ClientFrame::Watch { stream: 1, request: WatchRequest::Create(create), token: None };
        cluster.step(1, Input::Client { session: DIRECT, frame });
        let behind = Behind::new(cluster, |config| {
            config.progress_interval_ms = 1_000;
        });
        Run { behind, clients: Clients::default(), read: 0, present: [0, 1, 2, 3] }
    }

    fn client(&mut self, session: u64, frame: ClientFrame) {
        let session = self.present[session as usize];
        self.clients.sent(session, &frame);
        self.behind.client(session, frame);
    }

    fn act(&mut self, act: Act) {
        let watch = |stream, request| ClientFrame::Watch { stream, request, token: None };
        match act {
            Act::Put(number) => {
                let value = format!("{}", self.behind.cluster.now.as_millis());
                self.behind.cluster.call(1, put(&key(number), &value));
            }
            Act::Delete(number, end) => {
                let end = if end == 0 { String::new() } else { key(end) };
                self.behind.cluster.call(1, delete_from(&key(number), &end));
            }
            Act::Compact(behind) => {
                let revision = self.behind.cluster.member(1).status().revision - behind;
                self.behind.cluster.call(1, compact(revision, false));
            }
            Act::Watch { session, stream, create } => {
                self.client(session, watch(stream, WatchRequest::Create(create)));
            }
            Act::Cancel { session, stream, id } => {
                self.client(
                    session,
                    watch(stream, WatchRequest::Cancel(WatchCancelRequest { watch_id: id })),
                );
            }
            Act::Progress { session, stream } => self.client(session, watch(stream, WatchRequest::Progress)),
            Act::CloseStream { session, stream } => {
                self.client(session, ClientFrame::CloseStream { stream });
                self.receive();
                self.clients.stream_closed(self.present[session as usize], stream);
            }
            Act::CloseSession { session } => {
                let closed = self.present[session as usize];
                self.behind.step(ProxyInput::SessionClosed { session: closed });
                self.receive();
                self.renew(closed);
            }
            Act::Stall { session, stream } => {
                self.behind.step(ProxyInput::Stalled { session: self.present[session as usize], stream });
            }
            Act::Flow { session, stream } => {
                self.behind.step(ProxyInput::Flowing { session: self.present[session as usize], stream });
            }
            Act::Break => self.behind.break_connection(),
            Act::Up(frames) => let_arrive(frames, || self.behind.one_up()),
            Act::Down(frames) => let_arrive(frames, || self.behind.one_down()),
            Act::Tick => self.behind.tick(),
        }
        self.receive();
    }

    fn renew(&mut self, closed: SessionId) {
        self.clients.session_closed(closed);
        if let Some(session) = self.present.iter_mut().find(|session| **session == closed) {
            *session += 10;
        }
    }

    fn receive(&mut self) {
        for (session, frame) in &self.behind.received[self.read..] {
            self.clients.received(*session, frame);
        }
        self.read = self.behind.received.len();
        for closed in std::mem::take(&mut self.behind.closed) {
            self.renew(closed);
        }
    }

    fn finish(&mut self) {
        for session in 1..4 {
            for stream in 0..2 {
                self.act(Act::Flow { session, stream });
            }
        }
        for _ in 0..40 {
            self.behind.run();
            self.behind.tick();
            self.receive();
        }
        for session in 1..4 {
            for stream in 0..2 {
                self.act(Act::Progress { session, stream });
            }
        }
        self.behind.run();
        self.receive();
        assert_eq!(self.clients.unanswered(), 0, "every creation is answered");
        let history = self.history();
        self.clients.check(&history);
    }

    /// What member 1 said itself.
    fn history(&mut self) -> Vec<Event> {
        let frames = self.behind.cluster.node(1).frames.iter().filter(|(session, _)| *session == DIRECT);
        frames
            .filter_map(|(_, frame)| match frame {
                ServerFrame::Watch { response, .. } => Some(response.events.to_vec()),
                _ => None,
            })
            .flatten()
            .collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_watch_sees_exactly_what_happened(acts in prop::collection::vec(acts(), 20..160)) {
        let mut run = Run::new();
        for act in acts {
            run.act(act);
        }
        run.finish();
    }
}

#[test]
fn many_watchers_of_one_range_cost_the_member_one_watch() {
    let mut run = Run::new();
    for session in 1..4 {
        for _ in 0..300 {
            let create = WatchCreateRequest { key: "k".into(), range_end: "l".into(), ..Default::default() };
            run.act(Act::Watch { session, stream: 0, create });
        }
    }
    run.finish();
    assert_eq!(run.behind.proxy.watch_counts(), (900, 1));
    let before = run.behind.cluster.node(1).frames.len();
    run.act(Act::Put(1));
    run.behind.run();
    run.receive();
    // One for the test itself, and one for the proxy.
    assert_eq!(run.behind.cluster.node(1).frames.len() - before, 2);
    run.finish();
}
