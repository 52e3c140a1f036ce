//! Clients of leases, locks and elections, and time.

use super::super::random::Random;
use super::flaw::LeaseFlaw;
use super::lessor::{Lease, Lessor};
use crate::bytes::Bytes;
use crate::history::*;
use std::collections::BTreeMap;

pub(super) const MILLISECOND_NS: u64 = 1_000_000;
const CLIENTS: u32 = 5;

/// The ids that clients choose.
const IDS: [i64; 6] = [7, 0x1f, -7, -0xab, 12, -1_000];

/// A step due at a moment.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Invoke(u32),
    Effect(usize),
    Return(usize),
    /// A client stops waiting for its turn.
    GiveUp(usize),
    /// The key of one that stopped waiting is deleted.
    Release(usize),
    Expire(i64, u64),
    NewLeader,
}

/// An operation that was asked.
#[derive(Clone, Debug)]
pub(super) struct OpenOperation {
    pub(super) operation: Operation,
    /// True if its answer never comes.
    pub(super) is_lost: bool,
    /// The key with which it waits, when that was created, and the revision of its first step.
    pub(super) waits: Option<(Bytes, Revision, Revision)>,
    pub(super) is_over: bool,
}

/// A world of clients.
pub(super) struct World {
    pub(super) random: Random,
    pub(super) lessor: Lessor,
    pub(super) now_ns: u64,
    agenda: BTreeMap<(u64, u64), Step>,
    next: u64,
    pub(super) open: Vec<OpenOperation>,
    operations: usize,
    pub(super) term: u64,
    pub(super) drift_ppm: u64,
    pub(super) unknown_percent: u64,
    pub(super) values: u64,
    watch: Option<Watch>,
    /// The keys of locks, and the leaderships, that were answered.
    pub(super) locks: Vec<Bytes>,
    pub(super) leaders: Vec<LeaderKey>,
    pub(super) flaw: Option<LeaseFlaw>,
    /// The operation that the flaw is put into, until it is answered: meanwhile others only read.
    pub(super) trapped: Option<usize>,
    pub(super) is_flawed: bool,
    /// Everything is to be read next, so that what a flaw did is seen.
    must_read: bool,
}

impl World {
    pub(super) fn new(operations: usize, seed: u64, flaw: Option<LeaseFlaw>) -> Self {
        let mut random = Random::new(seed);
        let drift_ppm = [0, 50_000, 200_000][random.below(3) as usize];
        let unknown_percent = [0, 5, 20][random.below(3) as usize];
        let watch = random.percent(50).then(|| Watch {
            frames: vec![WatchFrame { received_ns: 2, revision: 1, created: true, ..WatchFrame::default() }],
            ..Watch::new(0, ClientId(CLIENTS), WatchRequest::of_everything(2), 1)
        });
        let mut world = World {
            random,
            lessor: Lessor::default(),
            now_ns: 10,
            agenda: BTreeMap::new(),
            next: 0,
            open: Vec::new(),
            operations,
            term: 2,
            drift_ppm,
            unknown_percent,
            values: 0,
            watch,
            locks: Vec::new(),
            leaders: Vec::new(),
            flaw,
            trapped: None,
            is_flawed: false,
            must_read: false,
        };
        (0..CLIENTS).for_each(|client| world.later(u64::from(client) * 50, Step::Invoke(client)));
        let change_ms = world.random.below(60_000);
        if world.random.percent(30) {
            world.later(change_ms, Step::NewLeader);
        }
        world
    }

    /// Something happens within so many milliseconds.
    pub(super) fn later(&mut self, within_ms: u64, step: Step) {
        let at_ns = self.now_ns + 1 + self.random.below(within_ms.max(1) * MILLISECOND_NS);
        self.at(at_ns, step);
    }

    fn at(&mut self, at_ns: u64, step: Step) {
        self.next += 1;
        self.agenda.insert((at_ns, self.next), step);
    }

    pub(super) fn run(mut self) -> (History, bool) {
        while let Some(((at_ns, _), step)) = self.agenda.pop_first() {
            self.now_ns = at_ns.max(self.now_ns + 1);
            match step {
                Step::Invoke(client) if self.open.len() < self.operations => self.invoke(client),
                Step::Invoke(_) => {}
                Step::Effect(index) => self.effect(index),
                Step::Return(index) => self.finish(index),
                Step::GiveUp(index) => self.give_up(index),
                Step::Release(index) => {
                    if let Some((key, created, _)) = self.open[index].waits.take()
                        && self.lessor.kvs.get(&key).is_some_and(|kv| kv.create_revision == created)
                    {
                        self.lessor.delete(vec![key]);
                    }
                }
                Step::Expire(lease, renewal) => {
                    if self.lessor.leases.get(&lease).is_some_and(|lease| lease.renewal == renewal) {
                        self.lessor.end(lease, None);
                    }
                }
                Step::NewLeader => self.new_leader(),
            }
            self.settle();
        }
        let is_flawed = self.is_flawed;
        let operations = self.open.into_iter().map(|open| open.operation).collect();
        let bounds = Observation::Bounds {
            at_ns: 0,
            clock_drift_ppm: self.drift_ppm,
            clock_jump_ms: 0,
            lease_expiry_slack_ms: 1000,
            lease_leader_slack_ms: None,
        };
        let watches = self.watch.into_iter().collect();
        (History { operations, watches, observations: vec![bounds], ..History::default() }, is_flawed)
    }

    /// A lease gets its TTL anew.
    pub(super) fn begin(&mut self, id: i64, ttl_s: i64, extra_ns: u64) {
        let drift_ppm = self.random.below(2 * self.drift_ppm + 1);
        self.next += 1;
        let lease = Lease {
            ttl_s,
            begun_ns: self.now_ns,
            rate_ppm: 1_000_000 - self.drift_ppm + drift_ppm,
            extra_ns,
            renewal: self.next,
        };
        self.lessor.leases.insert(id, lease);
        let late_ns = self.random.below(500 * MILLISECOND_NS);
        self.at(lease.over_ns() + late_ns, Step::Expire(id, lease.renewal));
    }

    fn new_leader(&mut self) {
        self.term += 1;
        let leases: Vec<(i64, i64)> =
            self.lessor.leases.iter().map(|(id, lease)| (*id, lease.ttl_s)).collect();
        leases.into_iter().for_each(|(id, ttl_s)| self.begin(id, ttl_s, 1_000 * MILLISECOND_NS));
    }

    fn invoke(&mut self, client: u32) {
        let index = self.open.len();
        let trap = match self.trapped.is_none() && !self.is_flawed && 3 * index > self.operations {
            true => self.flaw.and_then(|flaw| self.trap(flaw)),
            false => None,
        };
        let is_trap = trap.is_some();
        let must_read = std::mem::take(&mut self.must_read);
        let is_quiet = self.trapped.is_some() || index == 0;
        let request = match trap {
            Some(request) => request,
            None if must_read => Request::Range(RangeRequest {
                key: "\0".into(),
                range_end: "\0".into(),
                ..RangeRequest::default()
            }),
            None if is_quiet => Request::Range(RangeRequest { key: "a".into(), ..RangeRequest::default() }),
            None => self.draw(),
        };
        if is_trap {
            self.trapped = Some(index);
        }
        let is_lost = !is_trap && !is_quiet && !must_read && self.random.percent(self.unknown_percent);
        let operation = Operation {
            client: ClientId(client),
            member: Some(MemberId(1 + self.random.below(3))),
            user: None,
            invoke_ns: self.now_ns,
            return_ns: None,
            request,
            outcome: Outcome::Unknown("the recording ended first".to_owned()),
        };
        self.open.push(OpenOperation { operation, is_lost, waits: None, is_over: false });
        if is_lost {
            self.later(100, Step::GiveUp(index));
            if self.random.percent(70) {
                self.later(400, Step::Effect(index));
            }
        } else {
            self.later(20, Step::Effect(index));
        }
    }

    /// A request, of whatever sort.
    fn draw(&mut self) -> Request {
        let ids = IDS.len() as u64;
        let lease = IDS[self.random.below(ids) as usize];
        let keys = ["a", "b", "c"];
        let key: Bytes = keys[self.random.below(3) as usize].into();
        self.values += 1;
        let value: Bytes = format!("v{}", self.values).as_str().into();
        let name: Bytes = ["l", "e", "l/x"][self.random.below(3) as usize].into();
        let put = |lease: i64| {
            Request::Put(PutRequest {
                key: key.clone(),
                value: value.clone(),
                lease,
                ..PutRequest::default()
            })
        };
        let range = |key: &str, range_end: &str| {
            Request::Range(RangeRequest {
                key: key.into(),
                range_end: range_end.into(),
                ..RangeRequest::default()
            })
        };
        match self.random.below(100) {
            0..=14 => Request::Lease(LeaseRequest::Grant {
                id: if self.random.percent(15) { 0 } else { lease },
                ttl_s: 2 + self.random.below(30) as i64,
            }),
            15..=18 => Request::Lease(LeaseRequest::Revoke { id: lease }),
            19..=29 => Request::Lease(LeaseRequest::KeepAlive { id: lease }),
            30..=36 => Request::Lease(LeaseRequest::TimeToLive { id: lease, keys: self.random.percent(70) }),
            37..=39 => Request::Lease(LeaseRequest::Leases),
            40..=51 => put(lease),
            52..=54 => put(0),
            55..=57 => Request::Delete(DeleteRequest { key: key.clone(), ..DeleteRequest::default() }),
            58..=61 => Request::Txn(TxnRequest {
                compare: vec![Compare {
                    key: key.clone(),
                    range_end: Bytes::default(),
                    result: CompareResult::Equal,
                    target: CompareTarget::Version(0),
                }],
                success: vec![put(lease)],
                failure: vec![range("a", "d")],
            }),
            62..=69 => range("\0", "\0"),
            70..=79 => {
                let lease = if self.random.percent(10) { 0 } else { lease };
                Request::Lock(LockRequest::Lock { name: "l".into(), lease })
            }
            80..=84 => match self.locks.last().cloned() {
                Some(key) => Request::Lock(LockRequest::Unlock { key }),
                None => range("l/", "l0"),
            },
            85..=91 => {
                let lease = if self.random.percent(10) { 0 } else { lease };
                Request::Election(ElectionRequest::Campaign { name: "e".into(), lease, value })
            }
            92..=94 => Request::Election(ElectionRequest::Leader { name }),
            _ => match self.leaders.last().cloned() {
                Some(leader) if self.random.percent(50) => {
                    Request::Election(ElectionRequest::Proclaim { leader, value })
                }
                Some(leader) => Request::Election(ElectionRequest::Resign { leader }),
                None => Request::Election(ElectionRequest::Leader { name: "e".into() }),
            },
        }
    }

    /// An answer arrives.
    fn finish(&mut self, index: usize) {
        let now_ns = self.now_ns;
        let open = &mut self.open[index];
        if open.is_over {
            return;
        }
        open.is_over = true;
        open.operation.return_ns = Some(now_ns);
        let client = open.operation.client.0;
        match open.operation.response() {
            Some(Response::Lock(LockResponse::Lock { key, .. })) => self.locks.push(key.clone()),
            Some(Response::Election(ElectionResponse::Campaign { leader, .. })) => {
                self.leaders.push(leader.clone());
            }
            _ => {}
        }
        if self.trapped == Some(index) {
            self.trapped = None;
            self.is_flawed = true;
            self.must_read = true;
        }
        self.later(1_000, Step::Invoke(client));
    }

    /// Ends an operation whose client gave up on the answer.
    fn give_up(&mut self, index: usize) {
        let now_ns = self.now_ns;
        let open = &mut self.open[index];
        if open.is_over {
            return;
        }
        open.is_over = true;
        open.is_lost = true;
        open.operation.return_ns = Some(now_ns);
        open.operation.outcome = Outcome::Unknown("timed out".to_owned());
        let client = open.operation.client.0;
        self.later(1_000, Step::Invoke(client));
        if self.open[index].waits.is_some() && self.random.percent(70) {
            self.later(5_000, Step::Release(index));
        }
    }

    /// Answers the waiters whose turn has come, and notifies watches.
    fn settle(&mut self) {
        while (0..self.open.len()).any(|index| self.has_turn(index)) {}
        let events = std::mem::take(&mut self.lessor.events);
        let Some(watch) = &mut self.watch else { return };
        for event in events {
            let revision = event.kv.mod_revision;
            let frame = match watch.frames.last_mut() {
                Some(last) if last.revision == revision && !last.created => last,
                _ => {
                    let received_ns = self.now_ns + 1;
                    watch.frames.push(WatchFrame { received_ns, revision, ..WatchFrame::default() });
                    let last = watch.frames.len() - 1;
                    &mut watch.frames[last]
                }
            };
            frame.events.push(event);
        }
    }
}
