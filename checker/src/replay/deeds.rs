//! Key changes by lease and lock calls whose responses do not carry the revision of the change.
//!
//! A lock or a campaign puts its own key some time before it is answered, and takes it away if it gives up
//! (etcd: `client/v3/concurrency/{mutex,election}.go`). A revocation, an unlock and a resignation are
//! answered with a revision that is their own only if there was something to delete. A campaign of one who
//! stands already proclaims its value.

use super::ceilings::Ceilings;
use super::maker::Bound;
use super::positions::{Floor, Position};
use super::sighting::Sighting;
use crate::bytes::Bytes;
use crate::history::{
    ElectionRequest, ElectionResponse, History, LeaseRequest, LeaseResponse, LockRequest, LockResponse,
    Operation, Outcome, Request, Response, Revision, lease_of, own_key,
};
use crate::lease_times::denied_leases;
use std::cell::LazyCell;
use std::collections::BTreeMap;

/// One step of an operation.
#[derive(Debug)]
pub(super) struct Deed<'h> {
    pub(super) operation: usize,
    pub(super) bound: Bound,
    pub(super) act: Act<'h>,
}

/// The action of a step.
#[derive(Debug)]
pub(super) enum Act<'h> {
    /// All that the request asks for.
    Whole(&'h Request),
    /// Put the own key, if it is absent.
    Take { own: Own<'h>, value: &'h Bytes },
    /// Put the own key, if it is there.
    Restate { own: Own<'h>, value: &'h Bytes },
    /// Delete the own key.
    Release { own: Own<'h> },
}

/// The key with which a client queues for a lock or an election.
#[derive(Clone, Debug)]
pub(super) struct Own<'h> {
    name: &'h Bytes,
    /// The key and its lease. `None` where the lease is one of the call's own, and no answer names it.
    known: Option<(Bytes, i64)>,
    operation: usize,
}

/// The steps of a history's operations.
#[derive(Debug, Default)]
pub(super) struct Deeds<'h> {
    list: Vec<Deed<'h>>,
    by_key: BTreeMap<Bytes, Vec<usize>>,
    by_revision: BTreeMap<Revision, Vec<usize>>,
    /// Those on keys that no answer names.
    keyless: Vec<usize>,
    /// The most times that a lease can have expired with keys attached to it: each time takes a put with a lease.
    run_out_at_most: usize,
}

impl<'h> Own<'h> {
    fn new(name: &'h Bytes, lease: i64, answered: Option<&Bytes>, operation: usize) -> Self {
        let known = match answered {
            Some(key) => {
                Some((key.clone(), if lease == 0 { lease_of(name, key).unwrap_or(0) } else { lease }))
            }
            None => (lease != 0).then(|| (own_key(name, lease), lease)),
        };
        Own { name, known, operation }
    }

    /// The key and its lease, where they are known.
    pub(super) fn known(&self) -> Option<&(Bytes, i64)> {
        self.known.as_ref()
    }

    /// The key and its lease; where they are not known, as they were seen, or else made up.
    pub(super) fn key(&self, seen: &[Sighting<'_>]) -> (Bytes, i64) {
        if let Some(known) = &self.known {
            return known.clone();
        }
        let seen = seen.iter().filter(|seen| seen.kv.is_some());
        let own = seen.filter_map(|seen| Some((seen.key.clone(), lease_of(self.name, seen.key)?))).next();
        own.unwrap_or_else(|| {
            let mut key = self.name.as_slice().to_vec();
            key.extend(format!("/?{}", self.operation).bytes());
            // No lease that anybody names is called so.
            (key.into(), i64::MIN + i64::try_from(self.operation).unwrap_or(0))
        })
    }
}

impl<'h> Deeds<'h> {
    /// The steps of a history.
    pub(super) fn of(history: &'h History, ceilings: &LazyCell<Ceilings, impl FnOnce() -> Ceilings>) -> Self {
        let mut deeds = Deeds::default();
        for (index, operation) in history.operations.iter().enumerate() {
            if !matches!(operation.outcome, Outcome::Failed(_)) {
                deeds.run_out_at_most += puts_with_lease(&operation.request);
            }
            let queued = match operation.outcome {
                // What was refused had queued by then, if it ever did.
                Outcome::Failed(_) if queues(&operation.request) => {
                    ceilings.after(operation).map_or(Bound::Never, Bound::UpTo)
                }
                _ => Bound::Never,
            };
            deeds.note(index, operation, queued);
        }
        deeds.run_out_at_most += deeds
            .list
            .iter()
            .filter(|deed| matches!(deed.act, Act::Take { .. } | Act::Restate { .. }))
            .count();
        deeds
    }

    /// Notes the steps of an operation; `queued`: by when it put its own key, if no answer says that.
    fn note(&mut self, operation: usize, of: &'h Operation, queued: Bound) {
        static NOTHING: std::sync::OnceLock<Bytes> = std::sync::OnceLock::new();
        let response = of.response();
        match &of.request {
            // Its first step is to put its key with the lease: without one it takes no other.
            Request::Lock(LockRequest::Lock { .. }) if is_without_lease(of) => {}
            Request::Lock(LockRequest::Lock { name, lease }) => {
                let (key, bound) = match response {
                    Some(Response::Lock(LockResponse::Lock { header, key })) => {
                        (Some(key), Bound::UpTo(header.revision))
                    }
                    _ => (None, queued),
                };
                let own = Own::new(name, *lease, key, operation);
                let value = NOTHING.get_or_init(Bytes::default);
                self.queue(operation, bound, own, value, response.is_none());
            }
            Request::Election(ElectionRequest::Campaign { name, lease, value }) => {
                let (key, bound) = match response {
                    Some(Response::Election(ElectionResponse::Campaign { leader, .. })) => {
                        (Some(&leader.key), Bound::At(leader.rev))
                    }
                    _ => (None, queued),
                };
                let own = Own::new(name, *lease, key, operation);
                if is_without_lease(of) {
                    // A key that stands already is resigned when its value cannot be stated anew.
                    return self.add(Deed { operation, bound: Bound::Never, act: Act::Release { own } });
                }
                if own.known.is_some() {
                    let act = Act::Restate { own: own.clone(), value };
                    self.add(Deed { operation, bound: queued, act });
                }
                self.queue(operation, bound, own, value, response.is_none());
            }
            request => {
                if let Some(revision) = response.and_then(|response| may_have_deleted_at(request, response)) {
                    self.add(Deed { operation, bound: Bound::At(revision), act: Act::Whole(request) });
                }
            }
        }
    }

    fn queue(&mut self, operation: usize, bound: Bound, own: Own<'h>, value: &'h Bytes, gives_up: bool) {
        self.add(Deed { operation, bound, act: Act::Take { own: own.clone(), value } });
        // A call's own lease ends with its failure, and takes the key along.
        if gives_up && own.known.is_some() {
            self.add(Deed { operation, bound: Bound::Never, act: Act::Release { own } });
        }
    }

    fn add(&mut self, deed: Deed<'h>) {
        let at = self.list.len();
        match &deed.act {
            Act::Whole(_) => match deed.bound {
                Bound::At(revision) | Bound::UpTo(revision) => {
                    self.by_revision.entry(revision).or_default().push(at);
                }
                Bound::Never => {}
            },
            Act::Take { own, .. } | Act::Restate { own, .. } | Act::Release { own } => match &own.known {
                Some((key, _)) => self.by_key.entry(key.clone()).or_default().push(at),
                None => self.keyless.push(at),
            },
        }
        self.list.push(deed);
    }

    /// The deed at an index.
    pub(super) fn get(&self, at: usize) -> &Deed<'h> {
        &self.list[at]
    }

    /// The number of deeds.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The most revisions that they and leases that ran out can have made.
    pub(super) fn revisions_at_most(&self) -> usize {
        self.list.len() + self.run_out_at_most
    }

    /// True if any lease can have run out while keys were attached to it.
    pub(super) fn may_run_out(&self) -> bool {
        self.run_out_at_most > 0
    }

    /// True if any of them may have put a key.
    pub(super) fn may_put(&self, key: &Bytes) -> bool {
        self.by_key.contains_key(key) || !self.keyless.is_empty()
    }

    /// Those that may have made a revision, of which `seen` was seen.
    pub(super) fn of_revision(
        &self,
        floors: &[Option<Floor>],
        used: &[bool],
        revision: Revision,
        seen: &[Sighting<'_>],
    ) -> Vec<usize> {
        if self.list.is_empty() {
            return Vec::new();
        }
        let place = Position::of_write(revision);
        let fits = |at: &usize| {
            let deed = &self.list[*at];
            !used[*at]
                && deed.bound.allows(revision)
                && floors[deed.operation].is_none_or(|floor| floor.place < place)
        };
        let Some(first) = seen.first() else { return (0..self.list.len()).filter(fits).collect() };
        let lists = [self.by_revision.get(&revision), self.by_key.get(first.key), Some(&self.keyless)];
        lists.into_iter().flatten().flatten().copied().filter(fits).collect()
    }
}

/// True if a request puts a key of its own, and waits for others.
fn queues(request: &Request) -> bool {
    matches!(
        request,
        Request::Lock(LockRequest::Lock { .. }) | Request::Election(ElectionRequest::Campaign { .. })
    )
}

/// True if an operation was refused because there is no such lease.
pub(super) fn is_without_lease(operation: &Operation) -> bool {
    matches!(operation.outcome, Outcome::Failed(_)) && !denied_leases(operation).is_empty()
}

/// The revision in the answer to what deletes keys, if there are any.
fn may_have_deleted_at(request: &Request, response: &Response) -> Option<Revision> {
    match (request, response) {
        (Request::Lease(LeaseRequest::Revoke { .. }), Response::Lease(LeaseResponse::Revoke { header }))
        | (Request::Lock(LockRequest::Unlock { .. }), Response::Lock(LockResponse::Unlock { header }))
        | (
            Request::Election(ElectionRequest::Resign { .. }),
            Response::Election(ElectionResponse::Resign { header }),
        ) => Some(header.revision),
        _ => None,
    }
}

/// The most keys that a request puts with a lease.
pub(crate) fn puts_with_lease(request: &Request) -> usize {
    match request {
        Request::Put(put) => usize::from(put.lease != 0),
        Request::Txn(txn) => txn.branches().map(puts_with_lease).sum(),
        Request::Election(ElectionRequest::Proclaim { .. }) => 1,
        _ => 0,
    }
}
