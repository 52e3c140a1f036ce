//! Clients that use leases, locks and elections beside plain keys, and lease after lease runs out.

use super::super::random::Random;
use crate::bytes::Bytes;
use crate::history::*;
use std::collections::BTreeMap;

const MS_NS: u64 = 1_000_000;
const SECOND_NS: u64 = 1_000_000_000;

/// The effect of one revision on one key.
struct Change {
    key: Bytes,
    before: Option<KeyValue>,
    after: Option<KeyValue>,
}

/// A client that waits until its key is the first of its name.
struct Waiter {
    client: usize,
    invoke_ns: u64,
    request: Request,
    name: Bytes,
    key: Bytes,
    lease: i64,
}

struct Lease {
    ttl_s: i64,
    until_ns: u64,
}

struct Services {
    random: Random,
    now_ns: u64,
    revision: Revision,
    keys: BTreeMap<Bytes, KeyValue>,
    leases: BTreeMap<i64, Lease>,
    granted: i64,
    /// By revision from 2 on: when it was made, and what it did.
    log: Vec<(u64, Vec<Change>)>,
    free_ns: Vec<u64>,
    waiters: Vec<Waiter>,
    history: History,
    drawn: u64,
}

/// A legal history of leases, locks and elections: a pure function of its arguments. All keys of one name or another
/// are watched by some of the watchers.
pub fn services(operations: usize, clients: usize, watchers: u32, seed: u64) -> History {
    let mut services = Services {
        random: Random::new(seed),
        now_ns: SECOND_NS,
        revision: 1,
        keys: BTreeMap::new(),
        leases: BTreeMap::new(),
        granted: 0,
        log: Vec::new(),
        free_ns: vec![0; clients.max(1)],
        waiters: Vec::new(),
        history: History::default(),
        drawn: 0,
    };
    while services.history.operations.len() + services.waiters.len() < operations {
        services.now_ns += MS_NS * (1 + services.random.below(60));
        services.expire();
        services.act();
    }
    for waiter in std::mem::take(&mut services.waiters) {
        services.end(waiter.client, waiter.invoke_ns, waiter.request, unknown());
    }
    for number in 0..watchers {
        services.watch(number);
    }
    let mut history = services.history;
    history.operations.sort_by_key(|operation| (operation.invoke_ns, operation.client));
    history
}

fn unknown() -> Outcome {
    Outcome::Unknown("timed out".to_owned())
}

fn failed(code: &str, message: &str) -> Outcome {
    Outcome::Failed(Error { code: code.to_owned(), message: message.to_owned() })
}

fn own_key(name: &Bytes, lease: i64) -> Bytes {
    Bytes::from([name.as_slice(), format!("/{lease:x}").as_bytes()].concat())
}

impl Services {
    fn header(&self) -> Header {
        Header { member: MemberId(1), revision: self.revision, term: 2 }
    }

    fn draw(&mut self, bound: u64) -> u64 {
        self.random.below(bound)
    }

    /// Leases run out, some time after they might have.
    fn expire(&mut self) {
        let due: Vec<i64> =
            self.leases.iter().filter(|(_, lease)| lease.until_ns < self.now_ns).map(|(id, _)| *id).collect();
        for id in due {
            if self.random.percent(30) {
                self.end_lease(id);
                self.now_ns += MS_NS;
            }
        }
    }

    fn end_lease(&mut self, id: i64) {
        self.leases.remove(&id);
        let attached: Vec<Bytes> =
            self.keys.values().filter(|kv| kv.lease == id).map(|kv| kv.key.clone()).collect();
        self.commit(attached.into_iter().map(|key| (key, None)).collect());
    }

    /// Makes a revision of what changes anything.
    fn commit(&mut self, writes: Vec<(Bytes, Option<(Bytes, i64)>)>) {
        let next = self.revision + 1;
        let mut changes = Vec::new();
        for (key, put) in writes {
            let before = self.keys.get(&key).cloned();
            let after = put.map(|(value, lease)| KeyValue {
                key: key.clone(),
                value,
                create_revision: before.as_ref().map_or(next, |kv| kv.create_revision),
                mod_revision: next,
                version: before.as_ref().map_or(0, |kv| kv.version) + 1,
                lease,
            });
            if before.is_none() && after.is_none() {
                continue;
            }
            match &after {
                Some(after) => self.keys.insert(key.clone(), after.clone()),
                None => self.keys.remove(&key),
            };
            changes.push(Change { key, before, after });
        }
        if !changes.is_empty() {
            self.revision = next;
            self.log.push((self.now_ns, changes));
            self.wake();
        }
    }

    /// Answers those whose turn it is, and those whose key is gone.
    fn wake(&mut self) {
        for waiter in std::mem::take(&mut self.waiters) {
            match self.keys.contains_key(&waiter.key) {
                true if self.is_first(&waiter.name, &waiter.key) => self.acquire(waiter),
                true => self.waiters.push(waiter),
                false => {
                    let outcome = failed("Unknown", "mutex: session is expired");
                    self.end(waiter.client, waiter.invoke_ns, waiter.request, outcome);
                }
            }
        }
    }

    fn is_first(&self, name: &Bytes, key: &Bytes) -> bool {
        self.first(name).is_some_and(|first| first.key == *key)
    }

    fn first(&self, name: &Bytes) -> Option<&KeyValue> {
        let prefix = [name.as_slice(), b"/"].concat();
        let under = self.keys.values().filter(|kv| kv.key.as_slice().starts_with(&prefix));
        under.min_by_key(|kv| kv.create_revision)
    }

    fn acquire(&mut self, waiter: Waiter) {
        let header = self.header();
        let response = match &waiter.request {
            Request::Lock(_) => Response::Lock(LockResponse::Lock { header, key: waiter.key.clone() }),
            _ => {
                let rev = self.keys[&waiter.key].create_revision;
                let leader = LeaderKey { name: waiter.name, key: waiter.key, rev, lease: waiter.lease };
                Response::Election(ElectionResponse::Campaign { header, leader })
            }
        };
        self.end(waiter.client, waiter.invoke_ns, waiter.request, Outcome::Ok(response));
    }

    /// The client has its answer some time from now.
    fn end(&mut self, client: usize, invoke_ns: u64, request: Request, outcome: Outcome) {
        let return_ns = self.now_ns + 1 + self.draw(20 * MS_NS);
        self.free_ns[client] = return_ns;
        self.history.operations.push(Operation {
            client: ClientId(client as u32),
            member: Some(MemberId(1)),
            user: None,
            invoke_ns,
            return_ns: Some(return_ns),
            request,
            outcome,
        });
    }

    /// One client asks for something, and it takes effect now.
    fn act(&mut self) {
        let client = self.draw(self.free_ns.len() as u64) as usize;
        if self.free_ns[client] >= self.now_ns || self.waiters.iter().any(|waiter| waiter.client == client) {
            return;
        }
        let back_ns = self.draw(20 * MS_NS);
        let invoke_ns = (self.free_ns[client] + 1).max(self.now_ns - back_ns);
        let request = self.request();
        if let Some((name, lease, value)) = queues(&request) {
            let key = own_key(&name, lease);
            let is_other = self.keys.get(&key).is_some_and(|kv| kv.value != value);
            let is_campaign = matches!(request, Request::Election(_));
            if !self.keys.contains_key(&key) || is_campaign && is_other {
                self.commit(vec![(key.clone(), Some((value, lease)))]);
            }
            let waiter = Waiter { client, invoke_ns, request, name, key, lease };
            match self.is_first(&waiter.name, &waiter.key) {
                true => self.acquire(waiter),
                false => self.waiters.push(waiter),
            }
            return;
        }
        let outcome = self.run(&request);
        self.end(client, invoke_ns, request, outcome);
    }

    fn request(&mut self) -> Request {
        self.drawn += 1;
        let lease = match self.leases.len() as u64 {
            0 => 0,
            count => {
                let at = self.draw(count) as usize;
                self.leases.keys().nth(at).copied().unwrap_or(0)
            }
        };
        let name = Bytes::from(["l", "e"][self.draw(2) as usize]);
        let plain = Bytes::from(format!("k{}", self.draw(4)));
        let value = Bytes::from(format!("v{}", if self.random.percent(20) { 1 } else { self.drawn + 10 }));
        let first = self.first(&name).cloned();
        match self.draw(100) {
            0..=9 => Request::Lease(LeaseRequest::Grant {
                id: 0x70 + self.granted,
                ttl_s: 1 + self.draw(3) as i64,
            }),
            10..=17 if lease != 0 => Request::Lease(LeaseRequest::KeepAlive { id: lease }),
            18..=22 if lease != 0 => Request::Lease(LeaseRequest::Revoke { id: lease }),
            23..=26 if lease != 0 => Request::Lease(LeaseRequest::TimeToLive { id: lease, keys: true }),
            27..=34 if lease != 0 => Request::Lock(LockRequest::Lock { name: "l".into(), lease }),
            35..=42 if lease != 0 => {
                Request::Election(ElectionRequest::Campaign { name: "e".into(), lease, value })
            }
            43..=52 if lease != 0 => {
                Request::Put(PutRequest { key: plain, value, lease, ..PutRequest::default() })
            }
            53..=60 => match first {
                Some(kv) if name.as_slice() == b"l" => Request::Lock(LockRequest::Unlock { key: kv.key }),
                Some(kv) => {
                    let leader = LeaderKey { name, key: kv.key, rev: kv.create_revision, lease: kv.lease };
                    match self.random.percent(50) {
                        true => Request::Election(ElectionRequest::Resign { leader }),
                        false => Request::Election(ElectionRequest::Proclaim { leader, value }),
                    }
                }
                None => Request::Election(ElectionRequest::Leader { name: "e".into() }),
            },
            61..=63 => Request::Election(ElectionRequest::Leader { name: "e".into() }),
            64..=68 => Request::Delete(DeleteRequest {
                key: plain,
                range_end: "k9".into(),
                prev_kv: self.random.percent(30),
            }),
            69..=74 => Request::Delete(DeleteRequest { key: plain, ..DeleteRequest::default() }),
            75..=86 => Request::Put(PutRequest {
                key: plain,
                value,
                prev_kv: self.random.percent(20),
                ..PutRequest::default()
            }),
            87..=93 => Request::Range(RangeRequest { key: plain, ..RangeRequest::default() }),
            _ => Request::Range(RangeRequest {
                key: "\0".into(),
                range_end: "\0".into(),
                ..RangeRequest::default()
            }),
        }
    }

    /// Carries out what is not queued for.
    fn run(&mut self, request: &Request) -> Outcome {
        let not_found = || failed("NotFound", "etcdserver: requested lease not found");
        let response = match request {
            Request::Lease(LeaseRequest::Grant { id, ttl_s }) => {
                self.granted += 1;
                let until_ns = self.now_ns + *ttl_s as u64 * SECOND_NS;
                self.leases.insert(*id, Lease { ttl_s: *ttl_s, until_ns });
                Response::Lease(LeaseResponse::Grant { header: self.header(), id: *id, ttl_s: *ttl_s })
            }
            Request::Lease(LeaseRequest::KeepAlive { id }) => {
                let header = self.header();
                let Some(lease) = self.leases.get_mut(id) else { return not_found() };
                lease.until_ns = self.now_ns + lease.ttl_s as u64 * SECOND_NS;
                Response::Lease(LeaseResponse::KeepAlive { header, id: *id, ttl_s: lease.ttl_s })
            }
            Request::Lease(LeaseRequest::Revoke { id }) => {
                if !self.leases.contains_key(id) {
                    return not_found();
                }
                self.end_lease(*id);
                Response::Lease(LeaseResponse::Revoke { header: self.header() })
            }
            Request::Lease(LeaseRequest::TimeToLive { id, .. }) => {
                let header = self.header();
                let Some(lease) = self.leases.get(id) else { return not_found() };
                let ttl_s = (lease.until_ns.saturating_sub(self.now_ns) / SECOND_NS) as i64;
                let attached = self.keys.values().filter(|kv| kv.lease == *id);
                let keys = attached.map(|kv| kv.key.clone()).collect();
                let granted_ttl_s = lease.ttl_s;
                Response::Lease(LeaseResponse::TimeToLive { header, id: *id, ttl_s, granted_ttl_s, keys })
            }
            Request::Lock(LockRequest::Unlock { key }) => {
                self.commit(vec![(key.clone(), None)]);
                Response::Lock(LockResponse::Unlock { header: self.header() })
            }
            Request::Election(ElectionRequest::Resign { leader }) => {
                self.commit(vec![(leader.key.clone(), None)]);
                Response::Election(ElectionResponse::Resign { header: self.header() })
            }
            Request::Election(ElectionRequest::Proclaim { leader, value }) => {
                self.commit(vec![(leader.key.clone(), Some((value.clone(), leader.lease)))]);
                Response::Election(ElectionResponse::Proclaim { header: self.header() })
            }
            Request::Election(ElectionRequest::Leader { name }) => {
                let Some(kv) = self.first(name).cloned() else {
                    return failed("Unknown", "election: no leader");
                };
                Response::Election(ElectionResponse::Leader { header: self.header(), kv: Some(kv) })
            }
            Request::Put(put) => {
                let before = self.keys.get(&put.key).cloned();
                self.commit(vec![(put.key.clone(), Some((put.value.clone(), put.lease)))]);
                Response::Put(PutResponse { header: self.header(), prev_kv: before.filter(|_| put.prev_kv) })
            }
            Request::Delete(delete) => {
                let found = self.within(&delete.key, &delete.range_end);
                self.commit(found.iter().map(|kv| (kv.key.clone(), None)).collect());
                let deleted = found.len() as i64;
                let prev_kvs = if delete.prev_kv { found } else { Vec::new() };
                Response::Delete(DeleteResponse { header: self.header(), deleted, prev_kvs })
            }
            Request::Range(range) => {
                let kvs = self.within(&range.key, &range.range_end);
                let count = kvs.len() as i64;
                Response::Range(RangeResponse { header: self.header(), kvs, more: false, count })
            }
            _ => return unknown(),
        };
        Outcome::Ok(response)
    }

    fn within(&self, key: &Bytes, end: &Bytes) -> Vec<KeyValue> {
        let all = self.keys.values().filter(|kv| super::super::store::contains(key, end, &kv.key));
        all.cloned().collect()
    }

    /// Tells what a watcher saw.
    fn watch(&mut self, number: u32) {
        let spans = [("\0", "\0"), ("l/", "l0"), ("e/", "e0"), ("k", "l"), ("k1", "")];
        let (key, range_end) = spans[if number == 0 { 0 } else { self.draw(5) as usize }];
        let is_late = self.random.percent(30);
        let begun = if is_late { self.draw(self.log.len() as u64 / 2 + 1) as usize } else { 0 };
        let made_ns = begun.checked_sub(1).map_or(SECOND_NS, |at| self.log[at].0);
        let start_revision = if is_late { 0 } else { 1 };
        let request = WatchRequest {
            key: key.into(),
            range_end: range_end.into(),
            start_revision,
            prev_kv: self.random.percent(40),
            no_put: self.random.percent(10),
            no_delete: self.random.percent(10),
            ..WatchRequest::default()
        };
        let mut at_ns = made_ns + 1;
        let created = WatchFrame {
            received_ns: at_ns,
            revision: begun as Revision + 1,
            created: true,
            ..WatchFrame::default()
        };
        let mut frames = vec![created];
        let cut = self.log.len() as u64 - self.draw(self.log.len() as u64 / 2 + 1);
        let mut events = Vec::new();
        for at in begun..cut as usize {
            let revision = at as Revision + 2;
            let (made_ns, changes) = &self.log[at];
            events.extend(changes.iter().filter_map(|change| event(&request, change, revision)));
            at_ns = at_ns.max(made_ns + self.random.below(30 * MS_NS)) + 1;
            let frame = WatchFrame { received_ns: at_ns, revision, ..WatchFrame::default() };
            match events.is_empty() {
                false if self.random.percent(60) => {
                    frames.push(WatchFrame { events: std::mem::take(&mut events), ..frame });
                }
                true if self.random.percent(10) => frames.push(frame),
                _ => {}
            }
        }
        let watch = Watch::new(u64::from(number), ClientId(1_000_000 + number), request, made_ns);
        self.history.watches.push(Watch { frames, ..watch });
    }
}

/// The name, the lease and the value of a request that queues.
fn queues(request: &Request) -> Option<(Bytes, i64, Bytes)> {
    match request {
        Request::Lock(LockRequest::Lock { name, lease }) => Some((name.clone(), *lease, Bytes::default())),
        Request::Election(ElectionRequest::Campaign { name, lease, value }) => {
            Some((name.clone(), *lease, value.clone()))
        }
        _ => None,
    }
}

fn event(request: &WatchRequest, change: &Change, revision: Revision) -> Option<Event> {
    let is_put = change.after.is_some();
    let is_filtered = if is_put { request.no_put } else { request.no_delete };
    if is_filtered || !super::super::store::contains(&request.key, &request.range_end, &change.key) {
        return None;
    }
    let deleted = || KeyValue { key: change.key.clone(), mod_revision: revision, ..KeyValue::default() };
    Some(Event {
        kind: if is_put { EventKind::Put } else { EventKind::Delete },
        kv: change.after.clone().unwrap_or_else(deleted),
        prev_kv: change.before.clone().filter(|_| request.prev_kv),
        is_create: None,
    })
}
