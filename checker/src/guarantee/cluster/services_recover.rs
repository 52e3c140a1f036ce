//! `services-recover`: within the bound after the last fault heals, every service answers each client of the host that
//! asks it: watches, leases, locks, elections.
//!
//! Liveness. A client of the host is one that puts a key below `revline/probe/`; it asks again and again until it is answered or
//! the bound is over, and nobody else holds what it asks for.

use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::{Case, Guarantee};
use crate::history::{
    ClientId, ElectionRequest, History, LeaseRequest, LockRequest, Observation, Operation, Request, WatchFrame,
};
use crate::verdict::Verdict;
use std::collections::{BTreeMap, BTreeSet};

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "services-recover",
    about: "within a bound after the last fault heals watches, leases, locks and elections answer those that ask",
    check,
};

/// The keys by which clients of the host are known.
const PROBED: &[u8] = b"revline/probe/";

/// Examines, for each heal whose bound was over while the recording went on, what each client of the host asked for.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let history = case.history;
    let last_ns = history.observations.iter().map(Observation::at_ns).max().unwrap_or(0);
    let probes = probes(history);
    let mut verdict = Verdict::Vacuous;
    for (heal, observation) in history.observations.iter().enumerate() {
        let Observation::Healed { at_ns, bound_ns } = observation else { continue };
        let until_ns = at_ns.saturating_add(*bound_ns);
        if until_ns <= last_ns {
            verdict = verdict.merge(answered(history, &probes, heal, *at_ns..=until_ns));
        }
    }
    verdict
}

/// The service that shows leaders.
const OBSERVATION: &str = "observer";

/// The service that tells changes.
const WATCH: &str = "watch";

/// The service that tells how far a watch has come.
const PROGRESS: &str = "question for progress";

fn probes(history: &History) -> BTreeSet<ClientId> {
    let is_probe = |operation: &&Operation| match &operation.request {
        Request::Put(put) => put.key.as_slice().starts_with(PROBED),
        _ => false,
    };
    history.operations.iter().filter(is_probe).map(|operation| operation.client).collect()
}

fn answered(
    history: &History,
    probes: &BTreeSet<ClientId>,
    heal: usize,
    time: std::ops::RangeInclusive<u64>,
) -> Verdict {
    // The last attempt, and whether any was answered.
    let mut tried: BTreeMap<(ClientId, &str), (usize, bool)> = BTreeMap::new();
    for (index, operation) in history.operations.iter().enumerate() {
        let Some(service) = service(&operation.request).filter(|_| probes.contains(&operation.client)) else {
            continue;
        };
        if time.contains(&operation.invoke_ns) {
            let in_time = operation.return_ns.is_some_and(|ns| time.contains(&ns));
            let (last, answered) = tried.entry((operation.client, service)).or_default();
            *last = index;
            *answered |= in_time && operation.response().is_some();
        }
    }
    for observer in history.observers.iter().filter(|observer| probes.contains(&observer.client)) {
        if time.contains(&observer.invoke_ns) {
            let shown = observer.frames.iter().any(|frame| time.contains(&frame.received_ns));
            let (_, answered) = tried.entry((observer.client, OBSERVATION)).or_default();
            *answered |= shown;
        }
    }
    for watch in history.watches.iter().filter(|watch| probes.contains(&watch.client)) {
        if time.contains(&watch.invoke_ns) {
            let mut frames = watch.frames.iter().filter(|frame| time.contains(&frame.received_ns));
            let events = frames.clone().any(|frame| !frame.events.is_empty());
            tried.entry((watch.client, WATCH)).or_default().1 |= events;
            // It asks for progress once it was told of a change.
            if events {
                tried.entry((watch.client, PROGRESS)).or_default().1 |= frames.any(WatchFrame::is_progress);
            }
        }
    }
    let examined = tried.len() as u64;
    let silent = tried.into_iter().find(|(_, (_, answered))| !answered);
    let evidence = silent.map(|((_, service), (last, _))| {
        let message = format!("no {service} was answered although every fault healed");
        let mut exhibits = vec![Exhibit::observation(history, heal)];
        let is_operation = ![OBSERVATION, WATCH, PROGRESS].contains(&service);
        exhibits.extend(is_operation.then(|| Exhibit::operation(history, last)));
        Evidence::new("unanswered", message, exhibits)
    });
    Verdict::of(examined, evidence)
}

/// The service that a request asks.
fn service(request: &Request) -> Option<&'static str> {
    Some(match request {
        Request::Lease(LeaseRequest::Grant { .. }) => "lease grant",
        Request::Lease(LeaseRequest::Revoke { .. }) => "lease revocation",
        Request::Lease(LeaseRequest::KeepAlive { .. }) => "keepalive",
        Request::Lease(LeaseRequest::TimeToLive { .. }) => "question for a time to live",
        Request::Lease(LeaseRequest::Leases) => "question for leases",
        Request::Lock(LockRequest::Lock { .. }) => "lock",
        Request::Lock(LockRequest::Unlock { .. }) => "unlock",
        Request::Election(ElectionRequest::Campaign { .. }) => "campaign",
        Request::Election(ElectionRequest::Proclaim { .. }) => "proclamation",
        Request::Election(ElectionRequest::Leader { .. }) => "question for the leader",
        Request::Election(ElectionRequest::Resign { .. }) => "resignation",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guarantee::by_hand::{judged, kind};
    use crate::history::build::*;

    const BOUND_NS: u64 = 1_000_000;

    /// A client that asks for a lock after a heal, and then does as it is told.
    fn asked(history: &mut Builder, key: &str, locks: impl FnOnce(&mut Builder)) {
        history.observation(Observation::Healed { at_ns: 0, bound_ns: BOUND_NS });
        history.ok(1, put(key, "asks"), written(2));
        history.unknown(1, lock());
        locks(history);
        history.observation(Observation::Healed { at_ns: BOUND_NS, bound_ns: BOUND_NS });
    }

    fn lock() -> Request {
        Request::Lock(LockRequest::Lock { name: "revline/probe/m1".into(), lease: 7 })
    }

    #[test]
    fn accepts_a_lock_at_the_second_attempt() {
        let verdict = judged(check, |history| {
            asked(history, "revline/probe/m1", |history| {
                history.ok(1, lock(), locked(3, "revline/probe/m1/7"));
            });
        });
        assert_eq!(verdict, Verdict::Holds { examined: 1 });
    }

    #[test]
    fn rejects_a_lock_that_is_never_answered() {
        assert_eq!(kind(check, |history| asked(history, "revline/probe/m1", |_| {})), "unanswered");
    }

    #[test]
    fn rejects_an_observer_that_is_shown_nothing() {
        let observed = |shows: bool| {
            judged(check, |history| {
                asked(history, "revline/probe/m1", |history| {
                    history.ok(1, lock(), locked(3, "revline/probe/m1/7"));
                    let observer = history.observe(1, "revline/probe/m1");
                    if shows {
                        history.observed(observer, 3, kv("revline/probe/m1/7", "first", 3, 3, 1));
                    }
                });
            })
        };
        assert_eq!(observed(true), Verdict::Holds { examined: 2 });
        assert!(observed(false).is_violated());
    }

    #[test]
    fn rejects_a_watch_that_is_not_told_how_far_it_has_come() {
        let watched = |progress: bool| {
            judged(check, |history| {
                asked(history, "revline/probe/m1", |history| {
                    history.ok(1, lock(), locked(3, "revline/probe/m1/7"));
                    let watch = history.watch(1, watching("revline/probe/m1", "", 2));
                    history.created(watch, 2);
                    history.events(watch, [put_event(kv("revline/probe/m1", "asks", 2, 2, 1))]);
                    if progress {
                        history.progress(watch, 3);
                    }
                });
            })
        };
        assert_eq!(watched(true), Verdict::Holds { examined: 3 });
        assert!(watched(false).is_violated());
    }

    #[test]
    fn does_not_judge_what_others_wait_for() {
        assert_eq!(judged(check, |history| asked(history, "k", |_| {})), Verdict::Vacuous);
    }
}
