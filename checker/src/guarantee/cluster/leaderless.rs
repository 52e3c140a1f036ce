//! Calls that a member without a leader takes although they require one.
//!
//! etcd: `newUnaryInterceptor` in `server/etcdserver/api/v3rpc/interceptor.go`.

use crate::evidence::{Evidence, Exhibit};
use crate::history::{AdminCall, AdminResponse, History, MemberId, Observation};

/// No member finds a leader and loses it again so soon, unless another one is elected: that takes an election timeout, or a
/// term.
const AT_ONCE_NS: u64 = 20_000_000;

/// Two answers in a row to calls that require a leader, of a member that says in both that it knows none. It may have lost
/// it between looking for it and writing one answer, but has not found it again then, and lost it once more, for the next.
pub(super) fn served(history: &History, examined: &mut u64) -> Option<Evidence> {
    let mut told: Vec<(usize, MemberId, &AdminCall, bool)> = Vec::new();
    for (index, call) in history.admin_calls.iter().enumerate() {
        let Some(AdminResponse::Status { header, leader }) = call.response() else { continue };
        // A proxy asks in its own name.
        if !call.requires_leader || call.member != Some(header.member) {
            continue;
        }
        let knows_none = *leader == MemberId(0);
        // One that knows none shows nothing by itself.
        *examined += u64::from(!knows_none);
        told.push((index, header.member, call, knows_none));
    }
    told.sort_by_key(|(index, member, call, _)| (*member, call.invoke_ns, *index));
    let pair = told.windows(2).find(|pair| {
        let [(_, member, first, knew_none), (_, other, second, knows_none)] = [pair[0], pair[1]];
        let (first_ns, last_ns) = (first.invoke_ns, second.return_ns.unwrap_or(u64::MAX));
        let in_a_row = first.return_ns.is_some_and(|return_ns| return_ns < second.invoke_ns);
        let is_leaderless = knew_none && knows_none && member == other;
        let is_elected = |seen: &Observation| {
            matches!(seen, Observation::Leader { at_ns, .. } if (first_ns..=last_ns).contains(at_ns))
        };
        is_leaderless
            && in_a_row
            && last_ns - first_ns < AT_ONCE_NS
            && !history.observations.iter().any(is_elected)
    })?;
    *examined += 1;
    let message = format!("{} took what requires a leader, and knew none", pair[0].1);
    let exhibits = pair.iter().map(|(index, ..)| Exhibit::admin_call(history, *index)).collect();
    Some(Evidence::new("served-without-leader", message, exhibits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::AdminRequest;
    use crate::history::build::*;

    /// Answers of `member`, each with its times in milliseconds and the leader that it tells of.
    fn judged(member: u64, requires_leader: bool, answers: &[(u64, u64, u64)]) -> (u64, Option<String>) {
        let mut h = Builder::default();
        for (begin_ms, end_ms, leader) in answers {
            let call = h.admin(1, AdminRequest::Status, status(1, *leader));
            h.admin_during(call, begin_ms * 1_000_000, end_ms * 1_000_000);
        }
        let mut history = h.build();
        for call in &mut history.admin_calls {
            (call.member, call.requires_leader) = (Some(MemberId(member)), requires_leader);
        }
        let mut examined = 0;
        let evidence = served(&history, &mut examined);
        (examined, evidence.map(|evidence| evidence.kind))
    }

    #[test]
    fn rejects_two_answers_without_a_leader() {
        let answers = [(0, 2, 3), (3, 5, 0), (6, 8, 0)];
        assert_eq!(judged(1, true, &answers), (2, Some("served-without-leader".to_owned())));
    }

    #[test]
    fn accepts_one_of_them_and_what_asks_for_no_leader_and_what_a_proxy_answers() {
        assert_eq!(judged(1, true, &[(0, 2, 0), (3, 5, 1), (6, 8, 0)]), (1, None));
        let none = [(0, 2, 0), (3, 5, 0)];
        assert_eq!(judged(1, false, &none), (0, None));
        assert_eq!(judged(7, true, &none), (0, None));
        assert_eq!(judged(1, true, &[(0, 2, 0), (15, 21, 0)]), (0, None), "it may have had one between");
        assert_eq!(judged(1, true, &[(0, 4, 0), (3, 5, 0)]), (0, None), "both lost it at once");
    }

    #[test]
    fn accepts_two_between_which_a_leader_was_elected() {
        let judged = |elected_ms: u64| {
            let mut h = Builder::default();
            for (begin_ns, end_ns) in [(0, 2_000_000), (3_000_000, 5_000_000)] {
                let call = h.admin(1, AdminRequest::Status, status(1, 0));
                h.admin_during(call, begin_ns, end_ns);
            }
            h.observation(Observation::Leader {
                at_ns: elected_ms * 1_000_000,
                member: MemberId(2),
                term: 3,
                last_index: None,
            });
            let mut history = h.build();
            for call in &mut history.admin_calls {
                (call.member, call.requires_leader) = (Some(MemberId(1)), true);
            }
            served(&history, &mut 0).map(|evidence| evidence.kind)
        };
        assert_eq!(judged(4), None);
        assert_eq!(judged(6).as_deref(), Some("served-without-leader"));
    }
}
