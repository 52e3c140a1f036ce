//! The answers to clients.

use super::world::{Step, World};
use crate::bytes::Bytes;
use crate::history::*;

const NOT_FOUND: (&str, &str) = ("NotFound", "etcdserver: requested lease not found");
const EXISTS: (&str, &str) = ("FailedPrecondition", "etcdserver: lease already exists");

fn refused((code, message): (&str, &str)) -> Outcome {
    Outcome::Failed(Error { code: code.to_owned(), message: message.to_owned() })
}

impl World {
    pub(super) fn header(&self, index: usize) -> Header {
        let member = self.open[index].operation.member.unwrap_or(MemberId(1));
        Header { member, revision: self.lessor.revision, term: self.term }
    }

    /// An operation takes effect.
    pub(super) fn effect(&mut self, index: usize) {
        let outcome = match self.flaw.filter(|_| self.trapped == Some(index)) {
            Some(flaw) => Some(self.flawed(flaw, index)),
            None => self.outcome(index),
        };
        if let Some(outcome) = outcome {
            self.answer(index, outcome);
        }
    }

    fn answer(&mut self, index: usize, outcome: Outcome) {
        if !self.open[index].is_lost {
            self.open[index].operation.outcome = outcome;
            self.later(20, Step::Return(index));
        }
    }

    /// The answer of a sequential store; `None` while a caller waits for its turn.
    pub(super) fn outcome(&mut self, index: usize) -> Option<Outcome> {
        let request = self.open[index].operation.request.clone();
        let ok = |response: Response| Some(Outcome::Ok(response));
        match &request {
            Request::Lease(request) => Some(self.lease(index, request)),
            Request::Lock(LockRequest::Lock { name, lease }) => {
                self.queue(index, name, *lease, &Bytes::default(), false)
            }
            Request::Election(ElectionRequest::Campaign { name, lease, value }) => {
                self.queue(index, name, *lease, value, true)
            }
            Request::Lock(LockRequest::Unlock { key }) => {
                self.lessor.delete(vec![key.clone()]);
                ok(Response::Lock(LockResponse::Unlock { header: self.header(index) }))
            }
            Request::Election(request) => Some(self.election(index, request)),
            request => Some(self.keys(index, request)),
        }
    }

    fn lease(&mut self, index: usize, request: &LeaseRequest) -> Outcome {
        let response = match request {
            LeaseRequest::Grant { id, ttl_s } => {
                let id = if *id == 0 { 1 + self.random.below(1 << 60) as i64 } else { *id };
                if self.lessor.leases.contains_key(&id) {
                    return refused(EXISTS);
                }
                let ttl_s = (*ttl_s).max(3);
                self.begin(id, ttl_s, 0);
                LeaseResponse::Grant { header: self.header(index), id, ttl_s }
            }
            LeaseRequest::Revoke { id } => {
                if !self.lessor.end(*id, None) {
                    return refused(NOT_FOUND);
                }
                LeaseResponse::Revoke { header: self.header(index) }
            }
            LeaseRequest::KeepAlive { id } => {
                let header = self.header(index);
                let lease = self.lessor.leases.get(id).copied();
                let is_over = lease.is_some_and(|lease| lease.over_ns() <= self.now_ns);
                match lease {
                    // It is renewed no more, and its end is waited for.
                    Some(_) if is_over => {
                        self.lessor.end(*id, None);
                        LeaseResponse::KeepAlive { header, id: *id, ttl_s: 0 }
                    }
                    Some(lease) => {
                        self.begin(*id, lease.ttl_s, 0);
                        LeaseResponse::KeepAlive { header, id: *id, ttl_s: lease.ttl_s }
                    }
                    None => LeaseResponse::KeepAlive { header, id: *id, ttl_s: 0 },
                }
            }
            LeaseRequest::TimeToLive { id, keys } => {
                let header = self.header(index);
                match self.lessor.leases.get(id) {
                    Some(lease) => LeaseResponse::TimeToLive {
                        header,
                        id: *id,
                        ttl_s: (lease.left_ns(self.now_ns) / 1_000_000_000) as i64,
                        granted_ttl_s: lease.ttl_s,
                        keys: if *keys { self.lessor.keys_of(*id) } else { Vec::new() },
                    },
                    None => LeaseResponse::TimeToLive {
                        header,
                        id: *id,
                        ttl_s: -1,
                        granted_ttl_s: 0,
                        keys: Vec::new(),
                    },
                }
            }
            LeaseRequest::Leases => {
                let leases = self.lessor.leases.keys().copied().collect();
                LeaseResponse::Leases { header: self.header(index), leases }
            }
        };
        Outcome::Ok(Response::Lease(response))
    }

    fn election(&mut self, index: usize, request: &ElectionRequest) -> Outcome {
        let is_there = |world: &World, leader: &LeaderKey| {
            world.lessor.kvs.get(&leader.key).is_some_and(|kv| kv.create_revision == leader.rev)
        };
        let response = match request {
            ElectionRequest::Proclaim { leader, .. } if !is_there(self, leader) => {
                return refused(("Unknown", "election: not leader"));
            }
            ElectionRequest::Proclaim { leader, value } => {
                if !self.lessor.leases.contains_key(&leader.lease) {
                    return refused(NOT_FOUND);
                }
                self.lessor.put(&leader.key, value, leader.lease, self.lessor.revision + 1);
                ElectionResponse::Proclaim { header: self.header(index) }
            }
            ElectionRequest::Resign { leader } => {
                if is_there(self, leader) {
                    self.lessor.delete(vec![leader.key.clone()]);
                }
                ElectionResponse::Resign { header: self.header(index) }
            }
            ElectionRequest::Leader { name } | ElectionRequest::Campaign { name, .. } => {
                let Some(kv) = self.lessor.first_under(name).cloned() else {
                    return refused(("Unknown", "election: no leader"));
                };
                ElectionResponse::Leader { header: self.header(index), kv: Some(kv) }
            }
        };
        Outcome::Ok(Response::Election(response))
    }

    /// The first step of a lock or a campaign.
    fn queue(
        &mut self,
        index: usize,
        name: &Bytes,
        lease: i64,
        value: &Bytes,
        is_campaign: bool,
    ) -> Option<Outcome> {
        let lease = match lease {
            0 => {
                let id = 1 + self.random.below(1 << 60) as i64;
                self.begin(id, 60, 0);
                id
            }
            lease => lease,
        };
        let key = own_key(name, lease);
        match self.lessor.kvs.get(&key).cloned() {
            None if !self.lessor.leases.contains_key(&lease) => {
                let (_, message) = NOT_FOUND;
                return Some(refused(("Unknown", message)));
            }
            None => self.lessor.put(&key, value, lease, self.lessor.revision + 1),
            Some(kv) if is_campaign && kv.value != *value => {
                self.lessor.put(&key, value, kv.lease, self.lessor.revision + 1);
            }
            Some(_) => {}
        }
        let created = self.lessor.kvs.get(&key).map_or(0, |kv| kv.create_revision);
        self.open[index].waits = Some((key, created, self.lessor.revision));
        if !self.open[index].is_lost {
            let wait_ms = 2_000 + self.random.below(10_000);
            self.later(wait_ms, Step::GiveUp(index));
        } else if self.random.percent(70) {
            self.later(5_000, Step::Release(index));
        }
        None
    }

    /// Answers one that waits, if its key is the first or gone. Says whether it did.
    pub(super) fn has_turn(&mut self, index: usize) -> bool {
        let open = &self.open[index];
        if open.is_over || open.is_lost {
            return false;
        }
        let Some((key, created, first)) = open.waits.clone() else { return false };
        let (name, is_lock) = match &open.operation.request {
            Request::Lock(LockRequest::Lock { name, .. }) => (name.clone(), true),
            Request::Election(ElectionRequest::Campaign { name, .. }) => (name.clone(), false),
            _ => return false,
        };
        let is_there = self.lessor.kvs.get(&key).is_some_and(|kv| kv.create_revision == created);
        let is_first = self.lessor.first_under(&name).is_some_and(|kv| kv.key == key);
        if is_there && !is_first {
            return false;
        }
        self.open[index].waits = None;
        let mut header = self.header(index);
        let outcome = match (is_there, is_lock) {
            (false, true) => refused(("Unknown", "mutex: session is expired")),
            (false, false) => refused(("Unknown", "election: session is expired")),
            (true, true) => Outcome::Ok(Response::Lock(LockResponse::Lock { header, key })),
            (true, false) => {
                // etcd answers with the revision of the first step.
                if self.random.percent(50) {
                    header.revision = first;
                }
                let lease = lease_of(&name, &key).unwrap_or(0);
                let leader = LeaderKey { name, key, rev: created, lease };
                Outcome::Ok(Response::Election(ElectionResponse::Campaign { header, leader }))
            }
        };
        self.answer(index, outcome);
        true
    }

    fn keys(&mut self, index: usize, request: &Request) -> Outcome {
        let is_missing = |world: &World, lease: i64| lease != 0 && !world.lessor.leases.contains_key(&lease);
        let next = self.lessor.revision + 1;
        let response = match request {
            Request::Put(put) => {
                if is_missing(self, put.lease) {
                    return refused(NOT_FOUND);
                }
                self.lessor.put(&put.key, &put.value, put.lease, next);
                Response::Put(PutResponse { header: self.header(index), prev_kv: None })
            }
            Request::Delete(delete) => {
                let deleted = self.lessor.delete(vec![delete.key.clone()]);
                Response::Delete(DeleteResponse { header: self.header(index), deleted, prev_kvs: Vec::new() })
            }
            Request::Range(range) => Response::Range(self.range(index, range)),
            Request::Txn(txn) => {
                let succeeded = !self.lessor.kvs.contains_key(&txn.compare[0].key);
                let part = if succeeded { &txn.success[0] } else { &txn.failure[0] };
                let response = match part {
                    Request::Put(put) if is_missing(self, put.lease) => return refused(NOT_FOUND),
                    Request::Put(put) => {
                        self.lessor.put(&put.key, &put.value, put.lease, next);
                        let header = Header { member: MemberId(0), revision: next, term: 0 };
                        Response::Put(PutResponse { header, prev_kv: None })
                    }
                    Request::Range(range) => {
                        let mut response = self.range(index, range);
                        response.header = Header { member: MemberId(0), term: 0, ..response.header };
                        Response::Range(response)
                    }
                    _ => return refused(("Internal", "no such part")),
                };
                Response::Txn(TxnResponse {
                    header: self.header(index),
                    succeeded,
                    responses: vec![response],
                })
            }
            _ => return refused(("Unimplemented", "no such request")),
        };
        Outcome::Ok(response)
    }

    fn range(&self, index: usize, range: &RangeRequest) -> RangeResponse {
        let end = &range.range_end;
        let is_wanted = |key: &Bytes| match end.as_slice() {
            b"" => *key == range.key,
            b"\0" => *key >= range.key,
            _ => *key >= range.key && key < end,
        };
        let kvs: Vec<_> = self.lessor.kvs.values().filter(|kv| is_wanted(&kv.key)).cloned().collect();
        let count = kvs.len() as i64;
        RangeResponse { header: self.header(index), kvs, more: false, count }
    }
}
