//! `lease-expires`: once nothing keeps it alive, a lease and its keys go, all keys in one revision, within
//! its TTL and the declared bound, given a working quorum.
//!
//! etcd: `server/lease/lessor.go` (`revokeExpiredLeases`, `Revoke`, `checkpointScheduledLeases`): what is left
//! of a TTL outlives a change of leader (PR #13508).
//!
//! A working quorum is one that showed that it works: the leader of one term proposes the end of a lease
//! within the bound; a write that was asked for after that, and was answered in the same term, stands behind it
//! in the log; and a read that was asked for after that write was answered sees what both did. Without a
//! declared bound ([`crate::history::Observation::Bounds`]) or without terms in the answers only the first half is
//! judged.

use crate::bytes::Bytes;
use crate::evidence::Evidence;
use crate::guarantee::{Case, Guarantee};
use crate::history::modified;
use crate::history::{
    AdminRequest, AlarmAction, AlarmKind, History, KeyValue, LeaseId, Observation, Operation, Request,
};
use crate::lease_times::{Lease, LeaseTimes};
use crate::replay::{Flaw, Line, seen_in};
use crate::verdict::Verdict;
use std::collections::BTreeMap;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "lease-expires",
    about: "once nothing keeps it alive a lease goes within the declared bound, and all its keys in one revision",
    check,
};

/// Examines every lease that ran out, and every key that was read after its lease had to be gone.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let is_leased = |operation: &Operation| operation.request.is_of_leases();
    if !case.history.operations.iter().any(is_leased) {
        return Verdict::Vacuous;
    }
    case.by_line(|line| {
        let evidence = split(case, line).or_else(|| outlived(case));
        (line.run_out().len() as u64 + u64::from(evidence.is_some()), evidence)
    })
}

/// A key that went by itself, when other keys of its lease had gone before it.
fn split(case: &Case<'_>, line: &Line) -> Option<Evidence> {
    line.flaws[..line.proven].iter().find_map(|flaw| {
        let Flaw::NoWriter { revision, seen: Some(witness) } = flaw else { return None };
        line.changes(*revision).iter().filter(|change| change.after.is_none()).find_map(|change| {
            let (end, _) = line.last_change(&change.key, revision - 1)?;
            let lease = line.run_out().get(&end)?;
            if !line.is_certain(end) && line.seen(end) == 0 {
                return None;
            }
            let key = &change.key;
            let message = format!(
                "revision {end} took keys of lease {} away, and {revision} took {key}",
                LeaseId(*lease)
            );
            let others = line.changes(end).iter().find(|other| other.key != *key)?;
            let attached = others.before.as_ref().and_then(|kv| case.writer(line, kv.mod_revision));
            let exhibits = [case.witness(*witness)].into_iter().chain(attached).collect();
            Some(Evidence::new("split-expiry", message, exhibits))
        })
    })
}

/// A read that shows a key whose lease had to be gone.
fn outlived(case: &Case<'_>) -> Option<Evidence> {
    let history = case.history;
    let times = LeaseTimes::of(history);
    let slack_ns = times.bounds.slack_ns?;
    let terms = Terms::of(history);
    let corrupt_ns = corrupt_since(history);
    for (index, operation) in history.operations.iter().enumerate() {
        let (Some(response), Some(return_ns)) = (operation.response(), operation.return_ns) else { continue };
        let term = response.header().term;
        if operation.request.is_serializable() || term == 0 || return_ns >= corrupt_ns {
            continue;
        }
        let mut held: BTreeMap<i64, Bytes> = BTreeMap::new();
        seen_in(&operation.request, response, &mut |kv, _| {
            if ![0, KeyValue::NOT_RECORDED].contains(&kv.lease) && is_current(operation) {
                held.entry(kv.lease).or_insert_with(|| kv.key.clone());
            }
        });
        for (id, key) in &held {
            let Some(lease) = times.leases.get(id) else { continue };
            let Some((renewal, end_ns)) = ends(history, &times, &terms, lease, return_ns, term) else {
                continue;
            };
            let Some(first_ns) = terms.first_ns.get(&term) else { continue };
            let proposed_ns = end_ns.max(*first_ns).saturating_add(slack_ns);
            if let Some(write) = terms.write_after(history, term, proposed_ns, operation.invoke_ns) {
                let kept_ns = history.operations[renewal].invoke_ns;
                let message = format!(
                    "{key} was still attached to lease {}, which nothing kept alive after {} ms and which had to be gone {} ms later",
                    LeaseId(*id),
                    kept_ns / 1_000_000,
                    proposed_ns.saturating_sub(kept_ns) / 1_000_000
                );
                let exhibits = vec![case.operation(index), case.operation(renewal), case.operation(write)];
                return Some(Evidence::new("outlived", message, exhibits));
            }
        }
    }
    None
}

/// The time from which an alarm CORRUPT may have stood: then no lease is ended, and it is not said when that is tried
/// again.
fn corrupt_since(history: &History) -> u64 {
    let raised = history.admin_calls.iter().filter(|call| match &call.request {
        AdminRequest::Alarm(request) => {
            request.action == AlarmAction::Activate && request.alarm == Some(AlarmKind::Corrupt)
        }
        _ => false,
    });
    let seen = history.observations.iter().filter_map(|seen| match seen {
        Observation::Alarm { at_ns, alarm: AlarmKind::Corrupt, .. } => Some(*at_ns),
        _ => None,
    });
    raised.map(|call| call.invoke_ns).chain(seen).min().unwrap_or(u64::MAX)
}

/// True if what an operation shows is the state of now.
fn is_current(operation: &Operation) -> bool {
    match &operation.request {
        Request::Range(range) => range.revision <= 0,
        Request::Election(_) => true,
        // Parts of a txn may ask for the past, and previous values are of before.
        _ => false,
    }
}

/// The renewal that kept a lease alive last before a moment in a term, and when its TTL was over at the latest;
/// `None` where that is not known.
fn ends(
    history: &History,
    times: &LeaseTimes,
    terms: &Terms,
    lease: &Lease,
    until_ns: u64,
    term: u64,
) -> Option<(usize, u64)> {
    // Whoever may have kept it alive without saying so may have done it at any time.
    if lease.renewals.is_empty() || lease.loose_ns.iter().any(|at_ns| *at_ns <= until_ns) {
        return None;
    }
    let asked = lease.renewals.iter().filter(|renewal| renewal.invoke_ns <= until_ns);
    let end = |return_ns: u64, ttl_ns: u64| return_ns.saturating_add(times.bounds.at_most(ttl_ns));
    let last = asked.max_by_key(|renewal| end(renewal.return_ns, renewal.ttl_ns))?;
    let mut end_ns = end(last.return_ns, last.ttl_ns);
    let renewed_in = history.operations[last.operation].response()?.header().term;
    if renewed_in == term {
        return Some((last.operation, end_ns));
    }
    // Each new leader lets it live longer by what was not checkpointed, and by the time without a leader.
    let leader_slack_ns = times.bounds.leader_slack_ns?;
    let mut reached = false;
    for (at_ns, led) in &terms.leaders {
        if *at_ns < last.invoke_ns || *at_ns > until_ns {
            continue;
        }
        reached |= *led == term;
        let served_ns = terms.served_before(*at_ns).max(last.invoke_ns);
        end_ns = end_ns.saturating_add(leader_slack_ns).saturating_add(at_ns - served_ns.min(*at_ns));
    }
    reached.then_some((last.operation, end_ns))
}

/// The operations served in each term.
#[derive(Default)]
struct Terms {
    /// By term, when the first operation was asked that was answered in it.
    first_ns: BTreeMap<u64, u64>,
    /// By term, the answered writes: when they were answered, in order, with the one of those so far that was
    /// asked for last.
    writes: BTreeMap<u64, Vec<(u64, usize)>>,
    /// The times at which leaders were elected, with their terms.
    leaders: Vec<(u64, u64)>,
    /// The times of answers, in order, each with the latest invocation so far.
    served: Vec<(u64, u64)>,
}

impl Terms {
    fn of(history: &History) -> Self {
        let mut terms = Terms::default();
        for (index, operation) in history.operations.iter().enumerate() {
            let (Some(response), Some(return_ns)) = (operation.response(), operation.return_ns) else {
                continue;
            };
            if operation.request.is_serializable() {
                continue;
            }
            terms.served.push((return_ns, operation.invoke_ns));
            let term = response.header().term;
            let first_ns = terms.first_ns.entry(term).or_insert(operation.invoke_ns);
            *first_ns = operation.invoke_ns.min(*first_ns);
            if modified(response) {
                terms.writes.entry(term).or_default().push((return_ns, index));
            }
        }
        terms.served.sort_unstable();
        for at in 1..terms.served.len() {
            terms.served[at].1 = terms.served[at].1.max(terms.served[at - 1].1);
        }
        let asked_ns = |write: usize| history.operations[write].invoke_ns;
        for writes in terms.writes.values_mut() {
            writes.sort_unstable();
            for at in 1..writes.len() {
                if asked_ns(writes[at - 1].1) > asked_ns(writes[at].1) {
                    writes[at].1 = writes[at - 1].1;
                }
            }
        }
        for observation in &history.observations {
            if let Observation::Leader { at_ns, term, .. } = observation {
                terms.leaders.push((*at_ns, *term));
            }
        }
        terms
    }

    /// The latest invocation of the operations answered by a moment.
    fn served_before(&self, at_ns: u64) -> u64 {
        let answered = self.served.partition_point(|(return_ns, _)| *return_ns <= at_ns);
        self.served[..answered].last().map_or(0, |(_, invoke_ns)| *invoke_ns)
    }

    /// A write of a term that was asked for after one moment, and answered before another.
    fn write_after(&self, history: &History, term: u64, after_ns: u64, before_ns: u64) -> Option<usize> {
        let writes = self.writes.get(&term)?;
        let answered = writes.partition_point(|(return_ns, _)| *return_ns < before_ns);
        let (_, write) = writes[..answered].last()?;
        (history.operations[*write].invoke_ns > after_ns).then_some(*write)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guarantee::by_hand::{judged, kind};
    use crate::history::build::*;
    use crate::history::{MemberId, Response};

    const SECOND_NS: u64 = 1_000_000_000;

    /// A history whose clock is in seconds, and whose answers come in a term.
    struct Told<'b>(&'b mut Builder, u64);

    impl Told<'_> {
        fn ok(&mut self, from_s: u64, to_s: u64, request: Request, response: Response) {
            let index = self.0.ok_in_term(0, request, response, self.1);
            self.0.during(index, from_s * SECOND_NS, to_s * SECOND_NS);
        }

        fn leader(&mut self, at_s: u64, term: u64) {
            self.1 = term;
            let at_ns = at_s * SECOND_NS;
            self.0.observation(Observation::Leader { at_ns, member: MemberId(1), term, last_index: None });
        }
    }

    /// Leases go within 2 s, and each leader may give 3 s more; lease 7 is granted for 10 s by second 2.
    fn attached(h: &mut Builder, leader_slack_ms: Option<u64>) -> Told<'_> {
        h.observation(Observation::Bounds {
            at_ns: 0,
            clock_drift_ppm: 0,
            clock_jump_ms: 0,
            lease_expiry_slack_ms: 2000,
            lease_leader_slack_ms: leader_slack_ms,
        });
        let mut told = Told(h, 0);
        told.leader(0, 1);
        told.ok(1, 2, grant(7, 10), granted(1, 7, 10));
        told.ok(3, 4, put_with("a", "1", 7), written(2));
        told
    }

    fn held() -> Response {
        ranged(3, [with_lease(kv("a", "1", 2, 2, 1), 7)])
    }

    #[test]
    fn accepts_what_goes_all_at_once() {
        let verdict = judged(check, |h| {
            let mut told = attached(h, None);
            told.ok(20, 21, get("a"), ranged(3, []));
        });
        assert_eq!(verdict, Verdict::Holds { examined: 1 });
    }

    #[test]
    fn rejects_keys_that_go_one_by_one() {
        let kind = kind(check, |h| {
            let mut told = attached(h, None);
            told.ok(5, 6, put_with("b", "1", 7), written(3));
            let watch = h.watch(1, watching("a", "z", 4));
            h.created(watch, 3);
            h.events(watch, [delete_event("a", 4)]);
            h.events(watch, [delete_event("b", 5)]);
        });
        assert_eq!(kind, "split-expiry");
        // What nobody attached to a lease is not the lease's.
        let free = judged(check, |h| {
            let mut told = attached(h, None);
            told.ok(5, 6, put("b", "1"), written(3));
            let watch = h.watch(1, watching("b", "", 4));
            h.created(watch, 3);
            h.events(watch, [delete_event("b", 4)]);
        });
        assert!(!free.is_violated(), "{free}");
    }

    /// A write is asked for at `write_s` and answered a second later, and the key is read after that.
    fn read_after(write_s: u64, more: impl FnOnce(&mut Told<'_>)) -> Verdict {
        judged(check, |h| {
            let mut told = attached(h, None);
            more(&mut told);
            told.ok(write_s, write_s + 1, put("w", "1"), written(3));
            told.ok(write_s + 2, write_s + 3, get("a"), held());
        })
    }

    #[test]
    fn rejects_a_key_that_outlives_its_lease() {
        // Granted by 2, over at 12, proposed by 14.
        assert_eq!(
            read_after(15, |_| ()).evidence().map(|evidence| evidence.kind.as_str()),
            Some("outlived")
        );
        assert!(!read_after(14, |_| ()).is_violated());
        // It was kept alive.
        let kept = |told: &mut Told<'_>| told.ok(9, 10, keep_alive(7), kept_alive(2, 7, 10));
        assert!(!read_after(15, kept).is_violated() && read_after(23, kept).is_violated());
        // It may have been.
        let perhaps = |told: &mut Told<'_>| {
            let unknown = told.0.unknown(1, keep_alive(7));
            told.0.during(unknown, 9 * SECOND_NS, 10 * SECOND_NS);
        };
        assert!(!read_after(23, perhaps).is_violated());
        // A new leader may begin anew, where nothing else was declared.
        assert!(!read_after(40, |told| told.leader(5, 2)).is_violated());
        // While CORRUPT stands no lease is ended.
        let corrupt = |told: &mut Told<'_>| _ = told.0.admin(9, raise(corrupt(1)), alarmed(2, &[corrupt(1)]));
        assert!(!read_after(15, corrupt).is_violated());
        // Nobody promised anything.
        let undeclared = judged(check, |h| {
            let mut told = Told(h, 1);
            told.ok(1, 2, grant(7, 10), granted(1, 7, 10));
            told.ok(3, 4, put_with("a", "1", 7), written(2));
            told.ok(40, 41, put("w", "1"), written(3));
            told.ok(42, 43, get("a"), held());
        });
        assert_eq!(undeclared, Verdict::Vacuous);
    }

    #[test]
    fn a_read_without_a_write_before_it_proves_no_quorum() {
        let verdict = judged(check, |h| {
            let mut told = attached(h, None);
            told.ok(5, 6, put("w", "1"), written(3));
            told.ok(40, 41, get("a"), held());
        });
        assert!(!verdict.is_violated(), "{verdict}");
    }

    #[test]
    fn each_leader_may_let_it_live_longer_but_not_for_ever() {
        // The last that was served by the old leader was asked at 3, the new one leads at 5: over at 12 + 3 + 2,
        // proposed by 19.
        let read_at = |write_s: u64| {
            judged(check, |h| {
                let mut told = attached(h, Some(3000));
                told.leader(5, 2);
                told.ok(6, 7, get("x"), ranged(2, []));
                told.ok(write_s, write_s + 1, put("w", "1"), written(3));
                told.ok(write_s + 2, write_s + 3, get("a"), held());
            })
        };
        assert!(!read_at(19).is_violated());
        assert!(read_at(20).is_violated());
    }

    #[test]
    fn a_new_leader_has_its_time_too() {
        // The first that the new leader served was asked at 30.
        let read_at = |write_s: u64| {
            judged(check, |h| {
                let mut told = attached(h, Some(3000));
                told.leader(5, 2);
                told.ok(30, 31, get("x"), ranged(2, []));
                told.ok(write_s, write_s + 1, put("w", "1"), written(3));
                told.ok(write_s + 2, write_s + 3, get("a"), held());
            })
        };
        assert!(!read_at(32).is_violated());
        assert!(read_at(33).is_violated());
    }
}
