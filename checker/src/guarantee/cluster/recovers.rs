//! `recovers`: within a bound after the last fault heals, the cluster has a leader, serves a linearizable
//! read and a write, every call is answered, and every live member catches up.
//!
//! Liveness, as etcd's functional tester asks for it after each fault (`tests/functional/tester/cluster.go`,
//! `WaitHealth`).

use super::quorum_lost::QuorumLost;
use super::unanswered;
use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::{Case, Guarantee};
use crate::history::{History, Observation};
use crate::verdict::Verdict;
use std::collections::BTreeMap;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "recovers",
    about: "within a bound after the last fault heals there is a leader, a read, a write, and every member catches up",
    check,
};

/// Examines, after each heal, unless a quorum is gone for ever, the first read and write that were served and where members settled.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let history = case.history;
    if let Some(lost) = QuorumLost::of(history) {
        return Verdict::of(1, lost.served_without(history));
    }
    let heals: Vec<usize> = (0..history.observations.len())
        .filter(|at| matches!(history.observations[*at], Observation::Healed { .. }))
        .collect();
    let end_ns = last_moment_ns(history);
    let mut verdict = Verdict::Vacuous;
    for (at, heal) in heals.iter().enumerate() {
        let next = heals.get(at + 1).copied().unwrap_or(history.observations.len());
        verdict = verdict
            .merge(served(history, *heal, end_ns, "read", |operation| {
                operation.request.is_linearizable_read()
            }))
            .merge(served(history, *heal, end_ns, "write", |operation| operation.request.may_write()))
            .merge(unanswered::check(history, *heal))
            .merge(probed(history, *heal, next))
            .merge(settled(history, *heal, next));
    }
    verdict
}

/// True if an operation of some sort, if one was tried, was answered within the bound.
fn served(
    history: &History,
    heal: usize,
    end_ns: u64,
    sort: &str,
    wanted: impl Fn(&crate::history::Operation) -> bool,
) -> Verdict {
    let Observation::Healed { at_ns, bound_ns } = history.observations[heal] else { return Verdict::Vacuous };
    let until_ns = at_ns.saturating_add(bound_ns);
    let mut tried = Vec::new();
    for (index, operation) in history.operations.iter().enumerate().filter(|(_, operation)| wanted(operation))
    {
        let returned_ns = operation.return_ns.unwrap_or(u64::MAX);
        if operation.response().is_some() && (at_ns..=until_ns).contains(&returned_ns) {
            return Verdict::Holds { examined: 1 };
        }
        if (at_ns..=until_ns).contains(&operation.invoke_ns) {
            tried.push(index);
        }
    }
    let (Some(first), Some(last)) = (tried.first(), tried.last()) else { return Verdict::Vacuous };
    if end_ns < until_ns {
        return Verdict::Unknown { why: format!("the recording ends before the bound for a {sort} is over") };
    }
    let message = format!("no {sort} was served within {} ms after the faults healed", bound_ns / 1_000_000);
    let mut exhibits = vec![Exhibit::observation(history, heal), Exhibit::operation(history, *first)];
    if last != first {
        exhibits.push(Exhibit::operation(history, *last));
    }
    Verdict::of(1, Some(Evidence::new(&format!("no-{sort}"), message, exhibits)))
}

/// True if every service that was asked for between a heal and the next was served.
fn probed(history: &History, heal: usize, next: usize) -> Verdict {
    let probes = history.observations[heal..next].iter().enumerate().filter_map(|(at, observation)| {
        let Observation::Probed { member, service, served, .. } = observation else { return None };
        Some((heal + at, member, service, *served))
    });
    let examined = probes.clone().count() as u64;
    let Some((at, member, service, _)) = probes.clone().find(|(.., served)| !served) else {
        return Verdict::of_examined(examined);
    };
    let message = format!("{member} does not serve `{service}` although every fault healed");
    let exhibits = vec![Exhibit::observation(history, heal), Exhibit::observation(history, at)];
    Verdict::of(examined, Some(Evidence::new("no-service", message, exhibits)))
}

/// True if every member that settled between a heal and the next knows a leader and caught up.
fn settled(history: &History, heal: usize, next: usize) -> Verdict {
    let mut last = BTreeMap::new();
    for (index, observation) in history.observations[..next].iter().enumerate().skip(heal) {
        if let Observation::Settled { member, revision, leader, .. } = observation {
            last.insert(*member, (index, *revision, *leader));
        }
    }
    let examined = last.len() as u64;
    let shown = |kind: &str, message: String, at: &[usize]| {
        let exhibits = at.iter().map(|at| Exhibit::observation(history, *at)).collect();
        Verdict::of(examined, Some(Evidence::new(kind, message, exhibits)))
    };
    if let Some((member, (index, ..))) = last.iter().find(|(_, (_, _, leader))| leader.is_none()) {
        return shown(
            "no-leader",
            format!("{member} knows no leader although every fault healed"),
            &[heal, *index],
        );
    }
    let ahead = last.values().max_by_key(|(_, revision, _)| *revision);
    let behind = last.iter().min_by_key(|(_, (_, revision, _))| *revision);
    match (ahead, behind) {
        (Some((front, reached, _)), Some((member, (index, revision, _)))) if revision < reached => {
            let message = format!("{member} stays at revision {revision}, others reached {reached}");
            shown("left-behind", message, &[heal, *front, *index])
        }
        _ => Verdict::of_examined(examined),
    }
}

/// The last moment of the recording.
pub(in crate::guarantee) fn last_moment_ns(history: &History) -> u64 {
    let operations =
        history.operations.iter().map(|operation| operation.return_ns.unwrap_or(operation.invoke_ns));
    let frames = history.watches.iter().flat_map(|watch| watch.frames.iter().map(|frame| frame.received_ns));
    let observations = history.observations.iter().map(Observation::at_ns);
    let holds = history.holds.iter().map(|hold| hold.until_ns.unwrap_or(hold.from_ns));
    let observers = history.observers.iter().flat_map(|observer| observer.frames.iter());
    let shown = observers.map(|frame| frame.received_ns);
    operations.chain(frames).chain(observations).chain(holds).chain(shown).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::MemberId;
    use crate::history::build::*;

    /// Faults heal at 100 ns, recovery may take 50 ns. `read` and `write` are when they are asked and
    /// answered; `settled` are revisions and leaders of members.
    fn judged(
        read: Option<(u64, Option<u64>)>,
        write: Option<(u64, Option<u64>)>,
        settled: &[(i64, Option<u64>)],
        end_ns: u64,
    ) -> Verdict {
        let mut h = Builder::default();
        let early = h.ok(0, get("a"), ranged(1, []));
        h.during(early, 10, 90);
        let tried = [(read, get("a"), ranged(1, [])), (write, put("a", "1"), written(2))];
        for (client, (times, request, response)) in tried.into_iter().enumerate() {
            let Some((invoke_ns, return_ns)) = times else { continue };
            let index = match return_ns {
                Some(_) => h.ok(client as u32, request, response),
                None => h.unknown(client as u32, request),
            };
            h.during(index, invoke_ns, return_ns.unwrap_or(invoke_ns + 1));
        }
        let old = h.ok(7, serializable("a", ""), ranged(1, []));
        h.during(old, 110, 111);
        h.observation(Observation::Healed { at_ns: 100, bound_ns: 50 });
        for (member, (revision, leader)) in settled.iter().enumerate() {
            let (revision, leader) = (*revision, leader.map(MemberId));
            h.observation(Observation::Settled {
                at_ns: end_ns,
                member: MemberId(member as u64),
                revision,
                leader,
                auth_revision: None,
                auth_hash: None,
            });
        }
        h.observation(Observation::Fault {
            at_ns: end_ns,
            what: "the end".to_owned(),
            name: None,
            victims: Vec::new(),
        });
        check(&Case::new(&h.build()))
    }

    const SERVED: Option<(u64, Option<u64>)> = Some((105, Some(120)));

    fn rejected(verdict: &Verdict) -> &str {
        verdict.evidence().unwrap_or_else(|| panic!("{verdict}")).kind.as_str()
    }

    #[test]
    fn accepts_a_cluster_that_serves_again() {
        let settled = [(4, Some(1)), (4, Some(1))];
        assert_eq!(judged(SERVED, SERVED, &settled, 500), Verdict::Holds { examined: 4 });
        // Asked before the heal, answered at the very end of the bound.
        assert!(judged(Some((20, Some(150))), SERVED, &[], 500).holds());
        assert_eq!(judged(None, None, &[], 500), Verdict::Vacuous);
    }

    #[test]
    fn rejects_a_cluster_that_does_not() {
        assert_eq!(rejected(&judged(Some((105, Some(151))), SERVED, &[], 500)), "no-read");
        assert_eq!(rejected(&judged(Some((105, None)), SERVED, &[], 500)), "no-read");
        assert_eq!(rejected(&judged(SERVED, Some((105, None)), &[], 500)), "no-write");
    }

    #[test]
    fn rejects_a_service_that_does_not_answer() {
        let probed = |served: &[bool]| {
            let mut h = Builder::default();
            h.observation(Observation::Healed { at_ns: 100, bound_ns: 50 });
            for (at, served) in served.iter().enumerate() {
                let (at_ns, member, service) = (110 + at as u64, MemberId(2), "watch".to_owned());
                h.observation(Observation::Probed { at_ns, member, service, served: *served });
            }
            check(&Case::new(&h.build()))
        };
        assert_eq!(probed(&[true, true]), Verdict::Holds { examined: 2 });
        let verdict = probed(&[true, false]);
        assert_eq!(rejected(&verdict), "no-service");
        assert_eq!(verdict.evidence().map(|evidence| evidence.exhibits.len()), Some(2));
    }

    #[test]
    fn shows_the_first_and_the_last_that_was_tried() {
        let exhibits = |tries: u64| {
            let mut h = Builder::default();
            h.observation(Observation::Healed { at_ns: 100, bound_ns: 50 });
            for at in 0..tries {
                let read = h.unknown(0, get("a"));
                h.during(read, 110 + at * 10, 111 + at * 10);
            }
            h.observation(Observation::Fault {
                at_ns: 500,
                what: "the end".to_owned(),
                name: None,
                victims: Vec::new(),
            });
            let verdict = check(&Case::new(&h.build()));
            verdict.evidence().unwrap().exhibits.iter().map(|shown| shown.from_ns).collect::<Vec<_>>()
        };
        assert_eq!(exhibits(1), [100, 110]);
        assert_eq!(exhibits(3), [100, 110, 130]);
    }

    #[test]
    fn does_not_decide_before_the_bound_is_over() {
        assert!(matches!(judged(Some((105, None)), None, &[], 149), Verdict::Unknown { .. }));
        assert!(matches!(judged(Some((105, None)), None, &[], 150), Verdict::Violated { .. }));
    }

    #[test]
    fn rejects_members_without_a_leader_or_behind() {
        assert_eq!(rejected(&judged(SERVED, SERVED, &[(4, Some(1)), (4, None)], 500)), "no-leader");
        assert_eq!(rejected(&judged(SERVED, SERVED, &[(4, Some(1)), (3, Some(1))], 500)), "left-behind");
    }

    #[test]
    fn every_heal_counts_for_itself() {
        let mut h = Builder::default();
        for at_ns in [100, 1000] {
            h.observation(Observation::Healed { at_ns, bound_ns: 50 });
        }
        for (invoke_ns, return_ns) in [(105, 120), (1010, 1100)] {
            let read = h.ok(0, get("a"), ranged(1, []));
            h.during(read, invoke_ns, return_ns);
        }
        assert_eq!(rejected(&check(&Case::new(&h.build()))), "no-read");
    }
}
