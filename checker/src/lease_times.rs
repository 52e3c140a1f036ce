//! The times at which leases were granted, kept alive and revoked, as their clients measured them.

use crate::history::{
    ElectionRequest, History, LeaseRequest, LeaseResponse, LockRequest, Observation, Operation, Outcome,
    Request, Response,
};
use std::collections::BTreeMap;

/// An answer that gave a lease its TTL anew.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Renewal {
    pub(crate) operation: usize,
    pub(crate) invoke_ns: u64,
    pub(crate) return_ns: u64,
    pub(crate) ttl_ns: u64,
}

/// The requests on one lease.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lease {
    /// Grants that happened or may have.
    pub(crate) grants: Vec<usize>,
    /// Answered grants and keepalives.
    pub(crate) renewals: Vec<Renewal>,
    /// Revocations that happened or may have.
    pub(crate) revocations: Vec<usize>,
    /// The times of requests that may have renewed it without a response that says so.
    pub(crate) loose_ns: Vec<u64>,
}

/// The declared bounds of leases.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bounds {
    /// See [`Observation::Bounds`]; 0 where nothing was declared.
    pub(crate) clock_drift_ppm: u64,
    /// By how much clocks may jump between two renewals.
    pub(crate) clock_jump_ns: u64,
    /// `None` where nothing was declared.
    pub(crate) slack_ns: Option<u64>,
    /// `None` where a new leader may begin the TTL anew.
    pub(crate) leader_slack_ns: Option<u64>,
}

/// The leases of a history.
#[derive(Clone, Debug, Default)]
pub(crate) struct LeaseTimes {
    pub(crate) leases: BTreeMap<i64, Lease>,
    /// True if a lease may have been granted whose id is unknown.
    pub(crate) has_nameless: bool,
    pub(crate) bounds: Bounds,
}

const SECOND_NS: u64 = 1_000_000_000;
const MILLISECOND_NS: u64 = 1_000_000;
const MILLION: u128 = 1_000_000;

impl LeaseTimes {
    pub(crate) fn of(history: &History) -> Self {
        let mut times = LeaseTimes { bounds: Bounds::of(history), ..LeaseTimes::default() };
        for (index, operation) in history.operations.iter().enumerate() {
            if !operation.request.is_of_leases() || matches!(operation.outcome, Outcome::Failed(_)) {
                continue;
            }
            let answered = operation.response();
            let renewal = |ttl_s: i64| Renewal {
                operation: index,
                invoke_ns: operation.invoke_ns,
                return_ns: operation.return_ns.unwrap_or(u64::MAX),
                ttl_ns: u64::try_from(ttl_s).unwrap_or(0).saturating_mul(SECOND_NS),
            };
            match (&operation.request, answered) {
                (
                    Request::Lease(LeaseRequest::Grant { .. }),
                    Some(Response::Lease(LeaseResponse::Grant { id, ttl_s, .. })),
                ) => {
                    let lease = times.leases.entry(*id).or_default();
                    lease.grants.push(index);
                    lease.renewals.push(renewal(*ttl_s));
                }
                (Request::Lease(LeaseRequest::Grant { id: 0, .. }), _) => times.has_nameless = true,
                (Request::Lease(LeaseRequest::Grant { id, .. }), _) => {
                    let lease = times.leases.entry(*id).or_default();
                    lease.grants.push(index);
                    lease.loose_ns.push(operation.invoke_ns);
                }
                (Request::Lease(LeaseRequest::Revoke { id }), _) => {
                    times.leases.entry(*id).or_default().revocations.push(index);
                }
                (
                    Request::Lease(LeaseRequest::KeepAlive { id }),
                    Some(Response::Lease(LeaseResponse::KeepAlive { ttl_s, .. })),
                ) if *ttl_s > 0 => times.leases.entry(*id).or_default().renewals.push(renewal(*ttl_s)),
                // It was too late.
                (Request::Lease(LeaseRequest::KeepAlive { .. }), Some(_)) => {}
                (Request::Lease(LeaseRequest::KeepAlive { id }), _) => times.loose(*id, operation.invoke_ns),
                (Request::Lock(LockRequest::Lock { lease: 0, .. }), _)
                | (Request::Election(ElectionRequest::Campaign { lease: 0, .. }), _) => {
                    times.has_nameless = true
                }
                // The services keep a lease alive while they work with it.
                (Request::Lock(LockRequest::Lock { lease, .. }), _)
                | (Request::Election(ElectionRequest::Campaign { lease, .. }), _) => {
                    times.loose(*lease, operation.return_ns.unwrap_or(u64::MAX));
                }
                (
                    Request::Election(
                        ElectionRequest::Proclaim { leader, .. } | ElectionRequest::Resign { leader },
                    ),
                    _,
                ) => times.loose(leader.lease, operation.return_ns.unwrap_or(u64::MAX)),
                _ => {}
            }
        }
        times
    }

    /// True if a lease cannot have run out by a moment: it was granted once, and a renewal was in force.
    pub(crate) fn is_alive(&self, lease: i64, at_ns: u64) -> bool {
        let lease = self.leases.get(&lease).filter(|lease| lease.granted_once().is_some());
        lease.and_then(|lease| lease.alive_until(&self.bounds)).is_some_and(|(_, until_ns)| until_ns > at_ns)
    }

    fn loose(&mut self, lease: i64, at_ns: u64) {
        if lease != 0 {
            self.leases.entry(lease).or_default().loose_ns.push(at_ns);
        }
    }
}

impl Lease {
    /// Its one grant, if there was one, it was answered, and no other can have happened.
    pub(crate) fn granted_once(&self) -> Option<&Renewal> {
        let [grant] = self.grants[..] else { return None };
        self.renewals.iter().find(|renewal| renewal.operation == grant)
    }

    /// The renewal that keeps it alive longest, and until when.
    pub(crate) fn alive_until(&self, bounds: &Bounds) -> Option<(Renewal, u64)> {
        let until =
            |renewal: &Renewal| (*renewal, renewal.invoke_ns.saturating_add(bounds.at_least(renewal.ttl_ns)));
        self.renewals.iter().map(until).max_by_key(|(_, until_ns)| *until_ns)
    }

    /// True if it may have been revoked by a moment.
    pub(crate) fn may_be_revoked(&self, history: &History, at_ns: u64) -> bool {
        self.revocations.iter().any(|revocation| history.operations[*revocation].invoke_ns <= at_ns)
    }
}

impl Bounds {
    fn of(history: &History) -> Self {
        let mut bounds = Bounds::default();
        for observation in &history.observations {
            let Observation::Bounds {
                clock_drift_ppm,
                clock_jump_ms,
                lease_expiry_slack_ms,
                lease_leader_slack_ms,
                ..
            } = observation
            else {
                continue;
            };
            // Of several the widest.
            bounds.clock_drift_ppm = bounds.clock_drift_ppm.max(*clock_drift_ppm);
            let ns = |ms: u64| ms.saturating_mul(MILLISECOND_NS);
            bounds.clock_jump_ns = bounds.clock_jump_ns.max(ns(*clock_jump_ms));
            bounds.slack_ns = bounds.slack_ns.max(Some(ns(*lease_expiry_slack_ms)));
            bounds.leader_slack_ns = bounds.leader_slack_ns.max(lease_leader_slack_ms.map(ns));
        }
        bounds
    }

    /// The least that a client measures while a member measures `ns`; 0 where nothing is promised.
    pub(crate) fn at_least(&self, ns: u64) -> u64 {
        if !self.promises() {
            return 0;
        }
        let ran = u128::from(ns.saturating_sub(self.clock_jump_ns));
        saturated(ran * MILLION / (MILLION + u128::from(self.clock_drift_ppm)))
    }

    /// The most that a client measures while a member measures `ns`. A clock that may stand still never
    /// gets there.
    pub(crate) fn at_most(&self, ns: u64) -> u64 {
        if !self.promises() {
            return u64::MAX;
        }
        let ran = u128::from(ns.saturating_add(self.clock_jump_ns));
        saturated(ran * MILLION / (MILLION - u128::from(self.clock_drift_ppm)))
    }

    /// The least that a member measures while a client measures `ns`, but for what clocks jump.
    pub(crate) fn passed_at_least(&self, ns: u64) -> u64 {
        if !self.promises() {
            return 0;
        }
        let ran = u128::from(ns) * (MILLION - u128::from(self.clock_drift_ppm)) / MILLION;
        saturated(ran)
    }

    /// The most that a member measures while a client measures `ns`.
    pub(crate) fn passed_at_most(&self, ns: u64) -> u64 {
        if !self.promises() {
            return u64::MAX;
        }
        let ran = u128::from(ns) * (MILLION + u128::from(self.clock_drift_ppm));
        saturated(ran.div_ceil(MILLION)).saturating_add(self.clock_jump_ns)
    }

    /// True if a member's clock tells anything of a client's.
    fn promises(&self) -> bool {
        u128::from(self.clock_drift_ppm) < MILLION
    }
}

fn saturated(ns: u128) -> u64 {
    u64::try_from(ns).unwrap_or(u64::MAX)
}

/// etcd's error for a lease that does not exist.
const NOT_FOUND: &str = "requested lease not found";

/// The leases that a request puts with.
fn attaches(request: &Request, found: &mut Vec<i64>) {
    match request {
        Request::Put(put) if put.lease != 0 => found.push(put.lease),
        Request::Txn(txn) => txn.branches().for_each(|request| attaches(request, found)),
        _ => {}
    }
}

/// The leases that an operation was told of not to exist.
pub(crate) fn denied_leases(operation: &Operation) -> Vec<i64> {
    let mut leases = Vec::new();
    match (&operation.request, &operation.outcome) {
        (Request::Lease(request), Outcome::Failed(error)) if error.message.ends_with(NOT_FOUND) => {
            leases.extend(request.id());
        }
        (request, Outcome::Failed(error)) if error.message.ends_with(NOT_FOUND) => {
            attaches(request, &mut leases)
        }
        (
            _,
            Outcome::Ok(Response::Lease(
                LeaseResponse::KeepAlive { id, ttl_s, .. } | LeaseResponse::TimeToLive { id, ttl_s, .. },
            )),
        ) if *ttl_s <= 0 && matches!(operation.request, Request::Lease(LeaseRequest::KeepAlive { .. }))
            || *ttl_s < 0 =>
        {
            leases.push(*id);
        }
        _ => {}
    }
    leases.dedup();
    leases
}

/// The leases that an answered operation attached keys to.
pub(crate) fn attached_to(operation: &Operation) -> Vec<i64> {
    let mut leases = Vec::new();
    match (&operation.request, operation.response()) {
        (request @ Request::Put(_), Some(_)) => attaches(request, &mut leases),
        (Request::Txn(txn), Some(Response::Txn(response))) => {
            let branch = if response.succeeded { &txn.success } else { &txn.failure };
            // Which branch a nested txn took is not looked at.
            branch
                .iter()
                .filter(|request| matches!(request, Request::Put(_)))
                .for_each(|request| attaches(request, &mut leases));
        }
        _ => {}
    }
    leases
}
