//! The steps of a test with a proxy, and the answers its clients see.

use crate::behind::Behind;
use crate::harness::cluster::{Cluster, isolated};
use crate::harness::requests::{compact, delete_from, put};
use crate::seen::Clients;
use revline_store::api::{
    Event, RangeRequest, RangeResponse, Request, Response, WatchCancelRequest, WatchCreateRequest,
    WatchRequest,
};
use revline_store::defect::Defects;
use revline_store::frame::{Call, ClientFrame, Reply, ServerFrame, SessionId};
use revline_store::member::Input;
use revline_store::proxy::ProxyInput;
use std::collections::BTreeMap;

/// The session on which a test hears everything from member 1 itself.
const DIRECT: SessionId = 900_000;

#[derive(Clone, Debug)]
pub enum Act {
    Put(u8),
    Delete(u8, u8),
    Compact(i64),
    Watch {
        session: u64,
        stream: u64,
        create: WatchCreateRequest,
    },
    Cancel {
        session: u64,
        stream: u64,
        id: i64,
    },
    Progress {
        session: u64,
        stream: u64,
    },
    CloseStream {
        session: u64,
        stream: u64,
    },
    CloseSession {
        session: u64,
    },
    Stall {
        session: u64,
        stream: u64,
    },
    Flow {
        session: u64,
        stream: u64,
    },
    Read {
        session: u64,
        range: RangeRequest,
    },
    Break,
    /// A member hears nothing from the others; 0 for all is well.
    Isolate(u64),
    Up(usize),
    Down(usize),
    Tick,
}

pub fn key(number: u8) -> String {
    format!("k{number}")
}

/// Lets frames arrive, at most so many.
fn let_arrive(frames: usize, mut arrives: impl FnMut() -> bool) {
    let _arrived = (0..frames).take_while(|_| arrives()).count();
}

/// A proxy, its clients, and the answers they saw.
pub struct Run {
    pub behind: Behind,
    pub clients: Clients,
    reads: BTreeMap<(SessionId, u64), (RangeRequest, i64)>,
    /// The newest revision that an answer showed.
    shown: i64,
    calls: u64,
    read: usize,
    /// Sessions are not used twice: each of three clients has its present one.
    present: [SessionId; 4],
}

impl Run {
    pub fn new(defects: Defects) -> Run {
        Run::before(1, defects)
    }

    /// A proxy before so many members; member 1 leads.
    pub fn before(members: u64, defects: Defects) -> Run {
        let mut cluster = Cluster::new(members, |_| {});
        cluster.elect(1);
        let create = WatchCreateRequest { range_end: b"\0".into(), prev_kv: true, ..Default::default() };
        let frame = ClientFrame::Watch { stream: 1, request: WatchRequest::Create(create), token: None };
        cluster.step(1, Input::Client { session: DIRECT, frame });
        let behind = Behind::new(cluster, |config| {
            config.progress_interval_ms = 1_000;
            config.defects = defects;
        });
        Run {
            behind,
            clients: Clients::default(),
            reads: BTreeMap::new(),
            shown: 0,
            calls: 0,
            read: 0,
            present: [0, 1, 2, 3],
        }
    }

    fn client(&mut self, session: u64, frame: ClientFrame) {
        let session = self.present[session as usize];
        self.clients.sent(session, &frame);
        self.behind.step(ProxyInput::Client { session, frame });
    }

    pub fn act(&mut self, act: Act) {
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
            Act::Read { session, range } => {
                let now = self.behind.cluster.member(1).status().revision;
                let after = if range.serializable { self.shown } else { now };
                self.calls += 1;
                let request = Call::Kv(Request::Range(range.clone()));
                self.reads.insert((self.present[session as usize], self.calls), (range, after));
                self.client(
                    session,
                    ClientFrame::Call { call: self.calls, request, token: None, requires_leader: false },
                );
            }
            Act::Isolate(0) => self.behind.cluster.loss = None,
            Act::Isolate(member) => self.behind.cluster.loss = isolated(member),
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

    pub fn receive(&mut self) {
        for at in self.read..self.behind.received.len() {
            let (session, frame) = self.behind.received[at].clone();
            if let ServerFrame::Reply { call, result: Ok(Reply::Kv(Response::Range(response))) } = &frame {
                self.answered(session, *call, response);
            }
            self.clients.received(session, &frame);
        }
        self.read = self.behind.received.len();
        for closed in std::mem::take(&mut self.behind.closed) {
            self.renew(closed);
        }
    }

    pub fn finish(&mut self) {
        self.behind.cluster.loss = None;
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

    /// The events that member 1 told itself.
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

    /// Checks that an answer is the member's state at its revision, and is not older than it may be.
    fn answered(&mut self, session: SessionId, call: u64, response: &RangeResponse) {
        let (range, after) = self.reads.remove(&(session, call)).expect("it is answered once");
        let revision = response.header.revision;
        assert!(revision >= after, "{range:?} is answered at {revision}, and {after} was shown before");
        self.shown = self.shown.max(revision);
        let request = RangeRequest { revision, serializable: true, ..range };
        let Ok(Reply::Kv(Response::Range(held))) =
            self.behind.cluster.ask(1, Call::Kv(Request::Range(request.clone())))
        else {
            // It is compacted by now.
            return;
        };
        assert_eq!((&held.kvs, held.count), (&response.kvs, response.count), "{request:?}");
    }
}
