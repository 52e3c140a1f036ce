//! The moments at which a flaw is certain to be one, and its answer.

use super::flaw::LeaseFlaw;
use super::world::{MILLISECOND_NS, OpenOperation, World};
use crate::bytes::Bytes;
use crate::history::*;

/// The least remaining time of a lease for a flaw that needs it: until the answer and the next request are over.
const MARGIN_NS: u64 = 1_500 * MILLISECOND_NS;

/// An id that no other request asks for; nor does the store choose one below 0.
const UNUSED: i64 = -0x777;

const NOT_FOUND: &str = "etcdserver: requested lease not found";

impl World {
    /// A request to put a flaw into, if this is a moment for it.
    pub(super) fn trap(&mut self, flaw: LeaseFlaw) -> Option<Request> {
        let value: Bytes = format!("trap{}", self.open.len()).as_str().into();
        let put = |lease: i64| {
            let put = PutRequest { key: "a".into(), value: value.clone(), lease, ..PutRequest::default() };
            Request::Put(put)
        };
        let keys = |id: i64| Request::Lease(LeaseRequest::TimeToLive { id, keys: true });
        let name: Bytes = "l".into();
        match flaw {
            LeaseFlaw::PutUngranted => Some(put(UNUSED)),
            LeaseFlaw::PutAfterRevoke => self.revoked().map(put),
            LeaseFlaw::RevokedTwice => self.revoked().map(|id| Request::Lease(LeaseRequest::Revoke { id })),
            LeaseFlaw::AnotherId | LeaseFlaw::ShorterTtl | LeaseFlaw::FalseExists => {
                Some(Request::Lease(LeaseRequest::Grant { id: UNUSED, ttl_s: 10 }))
            }
            LeaseFlaw::GrantedTwice => {
                self.alive().map(|(id, ttl_s)| Request::Lease(LeaseRequest::Grant { id, ttl_s }))
            }
            LeaseFlaw::Denied => {
                let (id, _) = self.alive()?;
                Some(match self.random.below(5) {
                    0 => put(id),
                    1 => Request::Lease(LeaseRequest::Revoke { id }),
                    2 => Request::Lease(LeaseRequest::KeepAlive { id }),
                    3 => Request::Lock(LockRequest::Lock { name, lease: id }),
                    _ => keys(id),
                })
            }
            LeaseFlaw::RenewedAfterRevoke => {
                self.revoked().map(|id| Request::Lease(LeaseRequest::KeepAlive { id }))
            }
            LeaseFlaw::ShownAfterRevoke => self.revoked().map(keys),
            LeaseFlaw::TtlAboveGranted | LeaseFlaw::ForeignKey => self.alive().map(|(id, _)| keys(id)),
            LeaseFlaw::LockAfterRevoke => {
                self.revoked().map(|lease| Request::Lock(LockRequest::Lock { name: "unused".into(), lease }))
            }
            LeaseFlaw::SecondLock => {
                let owner = self.owner("l")?;
                let (lease, _) = self.alive_but(owner)?;
                Some(Request::Lock(LockRequest::Lock { name, lease }))
            }
            LeaseFlaw::SecondLeader => {
                let owner = self.owner("e")?;
                let (lease, _) = self.alive_but(owner)?;
                Some(Request::Election(ElectionRequest::Campaign { name: "e".into(), lease, value }))
            }
            LeaseFlaw::FalseNoLeader => {
                self.owner("e")?;
                Some(Request::Election(ElectionRequest::Leader { name: "e".into() }))
            }
            LeaseFlaw::FalseNotLeader => {
                let lease = self.owner("e")?;
                let key = own_key(&"e".into(), lease);
                let leader = self.leaders.iter().rev().find(|leader| leader.key == key)?.clone();
                let is_there = self.lessor.kvs.get(&key).is_some_and(|kv| kv.create_revision == leader.rev);
                is_there.then_some(Request::Election(ElectionRequest::Proclaim { leader, value }))
            }
            LeaseFlaw::RevokeLeavesKey => {
                let (id, _) = self.alive()?;
                let has_keys = !self.lessor.keys_of(id).is_empty();
                has_keys.then_some(Request::Lease(LeaseRequest::Revoke { id }))
            }
            LeaseFlaw::WrongLease => {
                let kv = self.lessor.kvs.values().find(|kv| kv.lease > 0)?;
                Some(Request::Range(RangeRequest { key: kv.key.clone(), ..RangeRequest::default() }))
            }
        }
    }

    /// The answer with the flaw in it.
    pub(super) fn flawed(&mut self, flaw: LeaseFlaw, index: usize) -> Outcome {
        let header = self.header(index);
        let request = self.open[index].operation.request.clone();
        let denied = || {
            let message = NOT_FOUND.to_owned();
            Outcome::Failed(Error { code: "NotFound".to_owned(), message })
        };
        match (flaw, &request) {
            (LeaseFlaw::Denied, Request::Lease(LeaseRequest::TimeToLive { id, .. })) => {
                let gone = LeaseResponse::TimeToLive {
                    header,
                    id: *id,
                    ttl_s: -1,
                    granted_ttl_s: 0,
                    keys: Vec::new(),
                };
                Outcome::Ok(Response::Lease(gone))
            }
            (LeaseFlaw::Denied, Request::Lease(LeaseRequest::KeepAlive { id })) => {
                Outcome::Ok(Response::Lease(LeaseResponse::KeepAlive { header, id: *id, ttl_s: 0 }))
            }
            (LeaseFlaw::Denied, _) => denied(),
            (LeaseFlaw::PutUngranted | LeaseFlaw::PutAfterRevoke, Request::Put(put)) => {
                self.lessor.put(&put.key, &put.value, put.lease, self.lessor.revision + 1);
                Outcome::Ok(Response::Put(PutResponse { header: self.header(index), prev_kv: None }))
            }
            (LeaseFlaw::RevokedTwice, _) => Outcome::Ok(Response::Lease(LeaseResponse::Revoke { header })),
            (LeaseFlaw::AnotherId, _) => {
                Outcome::Ok(Response::Lease(LeaseResponse::Grant { header, id: UNUSED + 1, ttl_s: 10 }))
            }
            (LeaseFlaw::ShorterTtl, _) => {
                Outcome::Ok(Response::Lease(LeaseResponse::Grant { header, id: UNUSED, ttl_s: 9 }))
            }
            (LeaseFlaw::GrantedTwice, Request::Lease(LeaseRequest::Grant { id, ttl_s })) => {
                Outcome::Ok(Response::Lease(LeaseResponse::Grant { header, id: *id, ttl_s: *ttl_s }))
            }
            (LeaseFlaw::FalseExists, _) => {
                let message = "etcdserver: lease already exists".to_owned();
                Outcome::Failed(Error { code: "FailedPrecondition".to_owned(), message })
            }
            (LeaseFlaw::RenewedAfterRevoke, Request::Lease(LeaseRequest::KeepAlive { id })) => {
                Outcome::Ok(Response::Lease(LeaseResponse::KeepAlive { header, id: *id, ttl_s: 10 }))
            }
            (LeaseFlaw::ShownAfterRevoke, Request::Lease(LeaseRequest::TimeToLive { id, .. })) => {
                let response = LeaseResponse::TimeToLive {
                    header,
                    id: *id,
                    ttl_s: 3,
                    granted_ttl_s: 10,
                    keys: Vec::new(),
                };
                Outcome::Ok(Response::Lease(response))
            }
            (LeaseFlaw::TtlAboveGranted | LeaseFlaw::ForeignKey, _) => {
                let mut outcome = self.outcome(index).unwrap_or_else(denied);
                if let Outcome::Ok(Response::Lease(LeaseResponse::TimeToLive {
                    ttl_s,
                    granted_ttl_s,
                    keys,
                    ..
                })) = &mut outcome
                {
                    match flaw {
                        LeaseFlaw::ForeignKey => keys.push("zz".into()),
                        _ => *ttl_s = *granted_ttl_s + 100,
                    }
                }
                outcome
            }
            (
                LeaseFlaw::LockAfterRevoke | LeaseFlaw::SecondLock,
                Request::Lock(LockRequest::Lock { name, lease }),
            ) => {
                let key = own_key(name, *lease);
                if !self.lessor.kvs.contains_key(&key) {
                    self.lessor.put(&key, &Bytes::default(), *lease, self.lessor.revision + 1);
                }
                let header = self.header(index);
                Outcome::Ok(Response::Lock(LockResponse::Lock { header, key }))
            }
            (
                LeaseFlaw::SecondLeader,
                Request::Election(ElectionRequest::Campaign { name, lease, value }),
            ) => {
                let key = own_key(name, *lease);
                self.lessor.put(&key, value, *lease, self.lessor.revision + 1);
                let rev = self.lessor.kvs.get(&key).map_or(0, |kv| kv.create_revision);
                let leader = LeaderKey { name: name.clone(), key, rev, lease: *lease };
                let header = self.header(index);
                Outcome::Ok(Response::Election(ElectionResponse::Campaign { header, leader }))
            }
            (LeaseFlaw::FalseNoLeader | LeaseFlaw::FalseNotLeader, _) => {
                let what = if flaw == LeaseFlaw::FalseNoLeader { "no" } else { "not" };
                let message = format!("election: {what} leader");
                Outcome::Failed(Error { code: "Unknown".to_owned(), message })
            }
            (LeaseFlaw::RevokeLeavesKey, Request::Lease(LeaseRequest::Revoke { id })) => {
                let left = self.lessor.keys_of(*id).first().cloned();
                self.lessor.end(*id, left.as_ref());
                Outcome::Ok(Response::Lease(LeaseResponse::Revoke { header: self.header(index) }))
            }
            (LeaseFlaw::WrongLease, _) => {
                let mut outcome = self.outcome(index).unwrap_or_else(denied);
                if let Outcome::Ok(Response::Range(range)) = &mut outcome {
                    range.kvs.iter_mut().for_each(|kv| kv.lease += 1);
                }
                outcome
            }
            _ => self.outcome(index).unwrap_or_else(denied),
        }
    }

    /// True if an answer never came, or has not yet.
    fn is_doubtful(&self, open: &OpenOperation) -> bool {
        let is_contest = matches!(
            open.operation.request,
            Request::Lock(LockRequest::Lock { .. }) | Request::Election(ElectionRequest::Campaign { .. })
        );
        match open.operation.outcome {
            Outcome::Ok(_) => open.is_lost || !open.is_over,
            // It may have put its key and deleted it before.
            Outcome::Failed(_) => !open.is_over || is_contest,
            Outcome::Unknown(_) => true,
        }
    }

    /// A lease that was revoked, and that no request asked to grant since.
    fn revoked(&self) -> Option<i64> {
        let revoked = |open: &&OpenOperation| match open.operation.request {
            Request::Lease(LeaseRequest::Revoke { .. }) => {
                open.is_over && open.operation.response().is_some()
            }
            _ => false,
        };
        self.open.iter().filter(revoked).find_map(|revocation| {
            let Request::Lease(LeaseRequest::Revoke { id }) = revocation.operation.request else {
                return None;
            };
            let may_grant = |open: &OpenOperation| {
                let is_grant = matches!(open.operation.request,
                    Request::Lease(LeaseRequest::Grant { id: other, .. }) if other == id);
                let is_before =
                    open.operation.return_ns.is_some_and(|at| at < revocation.operation.invoke_ns);
                is_grant
                    && (!is_before || self.is_doubtful(open))
                    && !(open.is_over && matches!(open.operation.outcome, Outcome::Failed(_)))
            };
            (!self.open.iter().any(may_grant)).then_some(id)
        })
    }

    /// A lease that is alive for a while, as clients know, with its TTL.
    fn alive(&self) -> Option<(i64, i64)> {
        self.alive_but(0)
    }

    fn alive_but(&self, not: i64) -> Option<(i64, i64)> {
        self.lessor
            .leases
            .iter()
            .map(|(id, lease)| (*id, lease.ttl_s))
            .find(|(id, _)| *id != not && self.is_alive(*id))
    }

    /// True if clients know that a lease lives for a while.
    fn is_alive(&self, id: i64) -> bool {
        let renewed = self.open.iter().filter(|open| open.is_over).filter_map(|open| {
            let ttl_s = match open.operation.response()? {
                Response::Lease(
                    LeaseResponse::Grant { id: of, ttl_s, .. }
                    | LeaseResponse::KeepAlive { id: of, ttl_s, .. },
                ) if *of == id && *ttl_s > 0 => u64::try_from(*ttl_s).ok()?,
                _ => return None,
            };
            let least_ns =
                u128::from(ttl_s) * 1_000_000_000 * 1_000_000 / u128::from(1_000_000 + self.drift_ppm);
            let until_ns = open.operation.invoke_ns + u64::try_from(least_ns).ok()?;
            (until_ns > self.now_ns + MARGIN_NS).then_some(open.operation.invoke_ns)
        });
        let Some(renewed_ns) = renewed.max() else { return false };
        let may_be_revoked = |open: &OpenOperation| {
            matches!(open.operation.request, Request::Lease(LeaseRequest::Revoke { id: of }) if of == id)
                && !(open.is_over && matches!(open.operation.outcome, Outcome::Failed(_)))
                && (self.is_doubtful(open) || open.operation.return_ns.is_none_or(|at| at >= renewed_ns))
        };
        self.lessor.leases.contains_key(&id) && !self.open.iter().any(may_be_revoked)
    }

    /// The lease of whoever owns a name, as it was answered, if clients know that its key is there for a while.
    fn owner(&self, name: &str) -> Option<i64> {
        let name: Bytes = name.into();
        let kv = self.lessor.first_under(&name)?;
        let lease = lease_of(&name, &kv.key)?;
        let answered = self.open.iter().rev().find(|open| {
            open.is_over
                && match open.operation.response() {
                    Some(Response::Lock(LockResponse::Lock { key, .. })) => *key == kv.key,
                    Some(Response::Election(ElectionResponse::Campaign { leader, .. })) => {
                        leader.key == kv.key && leader.rev == kv.create_revision
                    }
                    _ => false,
                }
        })?;
        // Since then, and while it was open, nobody may have asked for what takes the key away.
        let takes = |open: &OpenOperation| {
            let takes = match &open.operation.request {
                Request::Lock(LockRequest::Unlock { key }) => *key == kv.key,
                Request::Lock(LockRequest::Lock { name: of, lease })
                | Request::Election(ElectionRequest::Campaign { name: of, lease, .. }) => {
                    own_key(of, *lease) == kv.key
                }
                Request::Election(
                    ElectionRequest::Resign { leader } | ElectionRequest::Proclaim { leader, .. },
                ) => leader.key == kv.key,
                Request::Lease(LeaseRequest::Revoke { id } | LeaseRequest::Grant { id, .. }) => *id == lease,
                _ => false,
            };
            let is_answer = std::ptr::eq(open, answered);
            let is_over = open.operation.return_ns.is_some_and(|at| at < answered.operation.invoke_ns);
            takes && !is_answer && (!is_over || self.is_doubtful(open))
        };
        (self.is_alive(lease) && !self.open.iter().any(takes)).then_some(lease)
    }
}
