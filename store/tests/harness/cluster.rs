//! The members, and the datagrams between them.

use super::disk::Disk;
use revline_store::api::{LeaderRequest, LeaderResponse, Token, WatchRequest, WatchResponse};
use revline_store::disk::DiskImage;
use revline_store::error::Error;
use revline_store::frame::{Call, ClientFrame, Reply, ServerFrame, SessionId};
use revline_store::machine::{Machine, MemberId, Time};
use revline_store::member::{Config, Member, MemberEvent, Start};
use revline_store::member::{Input, Output};
use revline_store::peer::PeerMessage;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// The session on which a cluster makes its calls.
pub const SESSION: SessionId = 1;

/// From here on, sessions are those of a test's own hosts: it reads their frames from [`Node::frames`].
pub const FIRST_HOST: SessionId = 10_000;

/// Says of a datagram whether it gets lost.
pub type Loss = Box<dyn Fn(&PeerMessage) -> bool>;

pub struct Cluster {
    pub now: Time,
    pub nodes: BTreeMap<MemberId, Node>,
    /// Datagrams on their way.
    pub network: VecDeque<PeerMessage>,
    /// The datagrams that get lost when they are sent.
    pub loss: Option<Loss>,
    /// Every datagram that was sent, lost ones too, in order.
    pub sent: Vec<PeerMessage>,
    calls: u64,
    /// The token of the calls.
    pub token: Option<Token>,
}

pub struct Node {
    pub config: Config,
    pub member: Option<Member>,
    pub disk: Disk,
    pub events: Vec<MemberEvent>,
    pub replies: BTreeMap<u64, Result<Reply, Error>>,
    pub watched: Vec<WatchResponse>,
    /// Every frame for a session of a test's own, in order.
    pub frames: Vec<(SessionId, ServerFrame)>,
    /// The responses of streams that observe an election.
    pub observed: Vec<(u64, Result<LeaderResponse, Error>)>,
    /// The time its clock fell behind.
    pub behind: Duration,
}

impl Node {
    /// From its first durable write on, an empty disk is a loss.
    fn was_started(&mut self) {
        if self.disk.wal.is_some() {
            self.config.start = Start::Restart;
        }
    }
}

/// A call that was made.
#[derive(Clone, Copy, Debug)]
pub struct Made {
    pub member: MemberId,
    pub call: u64,
}

impl Cluster {
    /// A new cluster of members 1 to `size`.
    pub fn new(size: u64, configure: impl Fn(&mut Config)) -> Cluster {
        let images = (1..=size).map(|id| (id, DiskImage::default())).collect();
        Cluster::from_images(&images, configure)
    }

    /// A cluster that starts from these disks.
    pub fn from_images(images: &BTreeMap<MemberId, DiskImage>, configure: impl Fn(&mut Config)) -> Cluster {
        let ids: Vec<MemberId> = images.keys().copied().collect();
        let node = |(&id, image): (&MemberId, &DiskImage)| {
            let mut config = Config { incarnation: 0, ..Config::new(id, ids.clone()) };
            configure(&mut config);
            let node = Node {
                config,
                member: None,
                disk: Disk::holding(image),
                events: Vec::new(),
                replies: BTreeMap::new(),
                watched: Vec::new(),
                frames: Vec::new(),
                observed: Vec::new(),
                behind: Duration::ZERO,
            };
            (id, node)
        };
        let mut cluster = Cluster {
            now: Time::default(),
            nodes: images.iter().map(node).collect(),
            network: VecDeque::new(),
            loss: None,
            sent: Vec::new(),
            calls: 0,
            token: None,
        };
        for id in ids {
            cluster.start(id);
        }
        cluster.run();
        cluster
    }

    /// Starts a member that joins a running cluster.
    pub fn join(&mut self, id: MemberId, configure: impl Fn(&mut Config)) {
        let mut config = Config { incarnation: 0, start: Start::Joining, ..Config::new(id, Vec::new()) };
        configure(&mut config);
        let node = Node {
            config,
            member: None,
            disk: Disk::default(),
            events: Vec::new(),
            replies: BTreeMap::new(),
            watched: Vec::new(),
            frames: Vec::new(),
            observed: Vec::new(),
            behind: Duration::ZERO,
        };
        assert!(self.nodes.insert(id, node).is_none(), "an id is used once");
        self.start(id);
        self.run();
    }

    pub fn node(&mut self, id: MemberId) -> &mut Node {
        self.nodes.get_mut(&id).expect("a member of the cluster")
    }

    pub fn member(&self, id: MemberId) -> &Member {
        self.nodes[&id].member.as_ref().expect("it runs")
    }

    /// Starts a member from its disk.
    pub fn start(&mut self, id: MemberId) {
        let now = self.now;
        let node = self.node(id);
        node.config.incarnation += 1;
        let mut out = Vec::new();
        let image = DiskImage { wal: node.disk.wal.clone(), snapshot: node.disk.snapshot.clone() };
        let member = Member::boot(node.config.clone(), &image, now, &mut out);
        node.member = Some(member.unwrap_or_else(|error| panic!("member {id} refuses to start: {error}")));
        self.carry_out(id, out);
    }

    /// A member loses power, and everything that is not durable.
    pub fn crash(&mut self, id: MemberId) {
        let node = self.node(id);
        node.member = None;
        node.disk = Disk::holding(&node.disk.durable_image());
        node.was_started();
        node.replies.clear();
        node.watched.clear();
        node.observed.clear();
    }

    /// A member's process dies. Its machine goes on, and the written bytes are still to be read.
    pub fn kill(&mut self, id: MemberId) {
        let node = self.node(id);
        node.member = None;
        node.disk.queue.clear();
        node.was_started();
        node.replies.clear();
        node.watched.clear();
        node.observed.clear();
    }

    /// Steps one member with one input. Its outputs are queued.
    pub fn step(&mut self, id: MemberId, input: Input) {
        let now = Time((self.now - Time::default() - self.node(id).behind).as_nanos() as u64);
        let Some(member) = self.node(id).member.as_mut() else { return };
        let mut out = Vec::new();
        member.step(now, input, &mut out);
        self.carry_out(id, out);
    }

    fn carry_out(&mut self, id: MemberId, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Client { session, frame } if session >= FIRST_HOST => {
                    self.node(id).frames.push((session, frame));
                }
                Output::Peer(message) => {
                    self.sent.push(message.clone());
                    if !self.loss.as_ref().is_some_and(|lost| lost(&message)) {
                        self.network.push_back(message);
                    }
                }
                Output::Client { frame: ServerFrame::Reply { call, result }, .. } => {
                    let before = self.node(id).replies.insert(call, result);
                    assert!(before.is_none(), "call {call} of member {id} is answered twice");
                }
                Output::Client { frame: ServerFrame::Watch { response, .. }, .. } => {
                    self.node(id).watched.push(response);
                }
                Output::Client { frame: ServerFrame::Observe { stream, response }, .. } => {
                    self.node(id).observed.push((stream, response));
                }
                Output::Disk { operation, done } => self.node(id).disk.queue.push_back((operation, done)),
                Output::Event(event) => self.node(id).events.push(event),
            }
        }
    }

    /// A datagram arrives, if its receiver was ever started.
    pub fn arrive(&mut self, message: PeerMessage) {
        if self.nodes.contains_key(&message.to()) {
            self.step(message.to(), Input::Peer(message));
        }
    }

    /// Ticks the clock of a member; the outputs are queued.
    pub fn tick_quietly(&mut self, id: MemberId) {
        self.now = self.now + Duration::from_millis(20);
        self.step(id, Input::Tick);
    }

    /// The disk of a member does the next operation, if there is one.
    pub fn advance_disk(&mut self, id: MemberId) {
        if let Some(Some(token)) = self.node(id).disk.advance() {
            self.step(id, Input::DiskDone { token });
        }
    }

    /// Lets one thing happen: a disk operation, or else the arrival of a datagram. False if nothing is left.
    pub fn advance(&mut self) -> bool {
        let ids: Vec<MemberId> = self.nodes.keys().copied().collect();
        for id in ids {
            if let Some(done) = self.node(id).disk.advance() {
                if let Some(token) = done {
                    self.step(id, Input::DiskDone { token });
                }
                return true;
            }
        }
        let Some(message) = self.network.pop_front() else { return false };
        self.arrive(message);
        true
    }

    /// Lets everything happen that follows, but for the passing of time.
    pub fn run(&mut self) {
        while self.advance() {}
    }

    /// Time passes, tick by tick, for these members.
    pub fn ticks_of(&mut self, ids: &[MemberId], ticks: u64) {
        for _ in 0..ticks {
            self.now = self.now + Duration::from_millis(100);
            for &id in ids {
                self.step(id, Input::Tick);
            }
            self.run();
        }
    }

    /// Lets time pass, tick by tick, for all members.
    pub fn ticks(&mut self, ticks: u64) {
        let ids: Vec<MemberId> = self.nodes.keys().copied().collect();
        self.ticks_of(&ids, ticks);
    }

    /// Lets time pass for this member until it leads.
    pub fn elect(&mut self, id: MemberId) {
        for _ in 0..100 {
            if self.member(id).is_leader() {
                return;
            }
            self.ticks_of(&[id], 1);
        }
        panic!("member {id} does not come to lead");
    }

    /// Lets time pass until all running members follow one leader; gives its id.
    pub fn await_leader(&mut self) -> MemberId {
        for _ in 0..200 {
            self.ticks(1);
            let mut leaders = self.nodes.values().filter_map(|node| node.member.as_ref()).map(|member| {
                let status = member.status();
                (status.leader, status.term)
            });
            let first = leaders.next().expect("somebody runs");
            if first.0 != 0 && leaders.all(|leader| leader == first) {
                return first.0;
            }
        }
        panic!("no leader after 20 s");
    }

    /// Makes a call, without waiting for anything.
    pub fn start_call(&mut self, member: MemberId, request: Call) -> Made {
        self.start_call_on(SESSION, member, request)
    }

    /// Makes a call on a session of its own, without waiting for anything.
    pub fn start_call_on(&mut self, session: SessionId, member: MemberId, request: Call) -> Made {
        self.calls += 1;
        let call = self.calls;
        let frame = ClientFrame::Call { call, request, token: self.token.clone(), requires_leader: false };
        self.step(member, Input::Client { session, frame });
        Made { member, call }
    }

    /// The client of a call does not wait any more.
    pub fn cancel(&mut self, made: Made) {
        let frame = ClientFrame::CancelCall { call: made.call };
        self.step(made.member, Input::Client { session: SESSION, frame });
    }

    /// Opens a stream that observes an election, and lets everything happen that follows.
    pub fn observe(&mut self, member: MemberId, stream: u64, name: &str) {
        let request = LeaderRequest { name: name.into() };
        let frame = ClientFrame::Observe { stream, request, token: self.token.clone() };
        self.step(member, Input::Client { session: SESSION, frame });
        self.run();
    }

    /// Makes a call, and lets everything happen that follows.
    pub fn call(&mut self, member: MemberId, request: Call) -> Made {
        let made = self.start_call(member, request);
        self.run();
        made
    }

    /// The answer to a call, if there is one.
    pub fn reply(&self, made: Made) -> Option<&Result<Reply, Error>> {
        self.nodes[&made.member].replies.get(&made.call)
    }

    /// Makes a call that is answered before time passes.
    pub fn ask(&mut self, member: MemberId, request: Call) -> Result<Reply, Error> {
        let made = self.call(member, request);
        self.reply(made).cloned().expect("an answer before the next tick")
    }

    /// Sends a message on a watch stream.
    pub fn watch(&mut self, member: MemberId, stream: u64, request: WatchRequest) {
        let frame = ClientFrame::Watch { stream, request, token: self.token.clone() };
        self.step(member, Input::Client { session: SESSION, frame });
    }

    /// The number of datagrams of this kind that a member sent so far.
    pub fn sent_by(&self, from: MemberId, kind: &str) -> usize {
        self.sent.iter().filter(|message| message.from() == from && message.kind() == kind).count()
    }

    /// Lets the disk of a member do nothing, or go on.
    pub fn stall(&mut self, id: MemberId, stalled: bool) {
        self.node(id).disk.stalled = stalled;
        if !stalled {
            self.run();
        }
    }

    /// The disks after all lose power now.
    pub fn durable_images(&self) -> BTreeMap<MemberId, DiskImage> {
        self.nodes.iter().map(|(&id, node)| (id, node.disk.durable_image())).collect()
    }

    /// Returns true if all members applied the same, and hold the same.
    pub fn agrees(&self) -> bool {
        let ids: Vec<MemberId> = self.nodes.keys().copied().collect();
        self.agree(&ids)
    }

    /// Returns true if these members applied the same, and hold the same.
    pub fn agree(&self, ids: &[MemberId]) -> bool {
        let mut states = ids.iter().map(|&id| {
            let (status, hash) = (self.member(id).status(), self.member(id).hash());
            let auth = (self.member(id).auth().revision(), self.member(id).auth().hash());
            (status.applied_index, hash.revision, hash.compact_revision, hash.hash, auth)
        });
        let first = states.next();
        states.all(|state| Some(state) == first)
    }
}

/// Loses every datagram of this kind.
pub fn every(kind: &'static str) -> Option<Loss> {
    Some(Box::new(move |message| message.kind() == kind))
}

/// Loses everything to and from a member.
pub fn isolated(id: MemberId) -> Option<Loss> {
    Some(Box::new(move |message| message.from() == id || message.to() == id))
}
