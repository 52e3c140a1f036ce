//! Calls that nobody answers: a member that cannot do what it is asked for says so after a while.
//!
//! etcd: `ErrTimeout`, after `ReqTimeout` in `server/config/config.go`.

use crate::evidence::{Evidence, Exhibit};
use crate::history::{AdminRequest, History, MemberId, Observation, Outcome, Request};
use crate::verdict::Verdict;

/// Examines the calls between a heal and the one before it: none stays open for the time that recovery may take while no
/// fault is in force. What waits for somebody else may wait on.
pub(super) fn check(history: &History, heal: usize) -> Verdict {
    let Observation::Healed { at_ns: healed_ns, bound_ns } = history.observations[heal] else {
        return Verdict::Vacuous;
    };
    let before = history.observations[..heal].iter().rev();
    let begin_ns =
        before.clone().find(|seen| matches!(seen, Observation::Healed { .. })).map(Observation::at_ns);
    let begin_ns = begin_ns.unwrap_or(0);
    let faults = Faults::between(&history.observations[..heal], begin_ns, healed_ns);
    let is_long = |invoke_ns: u64, return_ns: Option<u64>| {
        let until_ns = return_ns.unwrap_or(healed_ns).min(healed_ns);
        (begin_ns..healed_ns).contains(&invoke_ns)
            && faults.longest_without_ns(invoke_ns, until_ns) > bound_ns
    };
    let waits = |request: &Request| matches!(request, Request::Lock(_) | Request::Election(_));
    let is_gone = |member: Option<MemberId>, invoke_ns: u64, return_ns: Option<u64>| {
        member.is_some_and(|member| {
            is_gone(&history.observations[..heal], member, (invoke_ns, return_ns.unwrap_or(healed_ns)))
        })
    };
    // Without a member it was sent nowhere.
    let operation = history.operations.iter().position(|operation| {
        operation.member.is_some()
            && !is_gone(operation.member, operation.invoke_ns, operation.return_ns)
            && !waits(&operation.request)
            && matches!(operation.outcome, Outcome::Unknown(_))
            && is_long(operation.invoke_ns, operation.return_ns)
    });
    let call = || {
        history.admin_calls.iter().position(|call| {
            call.member.is_some()
                && !takes_its_time(&call.request)
                && !is_gone(call.member, call.invoke_ns, call.return_ns)
                && matches!(call.outcome, Outcome::Unknown(_))
                && is_long(call.invoke_ns, call.return_ns)
        })
    };
    let exhibit = operation
        .map(|index| Exhibit::operation(history, index))
        .or_else(|| call().map(|index| Exhibit::admin_call(history, index)));
    let Some(exhibit) = exhibit else { return Verdict::Vacuous };
    let message = format!("a call was not answered within {} ms without a fault", bound_ns / 1_000_000);
    let evidence = Evidence::new("unanswered", message, vec![exhibit]);
    Verdict::of(1, Some(evidence))
}

/// True if a member's process ended by itself, or never began, and did not start again before a span began: nobody was there to
/// answer for some of it.
fn is_gone(observations: &[Observation], member: MemberId, (from_ns, until_ns): (u64, u64)) -> bool {
    let mut gone = false;
    let mut by_then: Vec<&Observation> =
        observations.iter().filter(|seen| seen.at_ns() <= until_ns).collect();
    by_then.sort_by_key(|seen| seen.at_ns());
    for seen in by_then {
        match seen {
            Observation::Refused { member: one, .. }
            | Observation::Stopped { member: one, .. }
            | Observation::Panicked { member: one, .. } => gone |= *one == member,
            Observation::Started { at_ns, member: one } if *one == member && *at_ns < from_ns => gone = false,
            _ => {}
        }
    }
    gone
}

/// True for what takes as long as there is data: etcd ends none of these.
fn takes_its_time(request: &AdminRequest) -> bool {
    matches!(request, AdminRequest::Snapshot | AdminRequest::Defragment)
}

/// The times at which faults were in force, in order of their beginnings.
struct Faults(Vec<(u64, u64)>);

impl Faults {
    /// The times of faults that strike after `begin_ns`; what is not said to be over is in force until `end_ns`.
    fn between(observations: &[Observation], begin_ns: u64, end_ns: u64) -> Faults {
        let heals = observations.iter().filter_map(|seen| match seen {
            Observation::FaultHealed { at_ns, name } => Some((name, *at_ns)),
            _ => None,
        });
        let span = |seen: &Observation| match seen {
            Observation::Fault { at_ns, name, .. } if *at_ns >= begin_ns => {
                let own = |(healed, _): &(&String, u64)| Some(*healed) == name.as_ref();
                let healed_ns = heals.clone().find(own).map(|(_, healed_ns)| healed_ns);
                Some((*at_ns, healed_ns.unwrap_or(end_ns)))
            }
            _ => None,
        };
        let mut spans: Vec<(u64, u64)> = observations.iter().filter_map(span).collect();
        spans.sort_unstable();
        Faults(spans)
    }

    /// The longest time in an interval without a fault.
    fn longest_without_ns(&self, from_ns: u64, until_ns: u64) -> u64 {
        let (mut longest_ns, mut free_ns) = (0, from_ns);
        for (strikes_ns, healed_ns) in self.0.iter().filter(|(_, healed_ns)| *healed_ns > from_ns) {
            longest_ns = longest_ns.max((*strikes_ns).min(until_ns).saturating_sub(free_ns));
            free_ns = free_ns.max(*healed_ns);
        }
        longest_ns.max(until_ns.saturating_sub(free_ns))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;

    /// A call at 20 ns, a fault from 10 ns to 30 ns, everything healed at 200 ns with a bound of 50 ns.
    fn judged(
        request: Request,
        member: Option<u64>,
        ended_ns: Option<u64>,
        second_fault: Option<u64>,
    ) -> Verdict {
        let mut h = Builder::default();
        let open = h.unknown(0, request);
        match ended_ns {
            Some(ended_ns) => h.during(open, 20, ended_ns),
            None => h.left_open(open, 20),
        }
        if let Some(member) = member {
            h.sent_to(open, member);
        }
        let fault = |at_ns: u64, name: Option<&str>| Observation::Fault {
            at_ns,
            what: "a fault".to_owned(),
            name: name.map(str::to_owned),
            victims: Vec::new(),
        };
        h.observation(fault(10, Some("first")));
        h.observation(Observation::FaultHealed { at_ns: 30, name: "first".to_owned() });
        if let Some(at_ns) = second_fault {
            h.observation(fault(at_ns, None));
        }
        h.observation(Observation::Healed { at_ns: 200, bound_ns: 50 });
        h.observation(Observation::Probed {
            at_ns: 210,
            member: MemberId(1),
            service: "watch".to_owned(),
            served: true,
        });
        let history = h.build();
        let heal = history.observations.iter().position(|seen| matches!(seen, Observation::Healed { .. }));
        check(&history, heal.unwrap())
    }

    #[test]
    fn rejects_a_call_that_is_never_answered() {
        let kind = |verdict: Verdict| verdict.evidence().map(|evidence| evidence.kind.clone());
        assert_eq!(kind(judged(put("a", "1"), Some(1), None, None)).as_deref(), Some("unanswered"));
        assert_eq!(kind(judged(compact(3), Some(1), Some(81), None)).as_deref(), Some("unanswered"));
        assert_eq!(kind(judged(compact(3), Some(1), Some(90), Some(81))).as_deref(), Some("unanswered"));
    }

    #[test]
    fn rejects_a_change_of_members_that_is_never_answered() {
        let judged_of = |request: AdminRequest, seen: &[Observation], ended_ns: u64| {
            let mut h = Builder::default();
            seen.iter().for_each(|seen| h.observation(seen.clone()));
            let open = h.admin_unknown(9, request);
            h.admin_during(open, 20, ended_ns);
            h.observation(Observation::Healed { at_ns: 200, bound_ns: 50 });
            let mut history = h.build();
            history.admin_calls[open].member = Some(MemberId(1));
            check(&history, seen.len())
        };
        let remove = AdminRequest::MemberRemove { id: MemberId(3) };
        let judged = |ended_ns: u64| judged_of(remove.clone(), &[], ended_ns);
        assert_eq!(judged(71).evidence().map(|evidence| evidence.kind.as_str()), Some("unanswered"));
        assert_eq!(judged(70), Verdict::Vacuous);
        assert_eq!(judged_of(AdminRequest::Snapshot, &[], 71), Verdict::Vacuous, "it has no limit");
        let refused = refused_to_start(1);
        let started = |at_ns| Observation::Started { at_ns, member: MemberId(1) };
        assert_eq!(
            judged_of(remove.clone(), std::slice::from_ref(&refused), 71),
            Verdict::Vacuous,
            "nobody is there"
        );
        assert_eq!(
            judged_of(remove.clone(), &[refused.clone(), started(30)], 71),
            Verdict::Vacuous,
            "nor then"
        );
        for seen in [[refused.clone(), started(15)], [started(15), refused]] {
            let there_again = judged_of(remove.clone(), &seen, 71);
            assert_eq!(there_again.evidence().map(|evidence| evidence.kind.as_str()), Some("unanswered"));
        }
    }

    #[test]
    fn accepts_what_gave_up_in_time_or_met_another_fault_or_waits_for_somebody() {
        assert_eq!(judged(put("a", "1"), Some(1), Some(80), None), Verdict::Vacuous);
        assert_eq!(judged(put("a", "1"), Some(1), None, Some(80)), Verdict::Vacuous);
        assert_eq!(judged(put("a", "1"), None, None, None), Verdict::Vacuous);
        assert_eq!(judged(lock("l", 1), Some(1), None, None), Verdict::Vacuous);
    }
}
