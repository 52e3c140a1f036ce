//! `serializable-read`: a serializable read returns exactly the state at its header revision: possibly
//! old, never torn, never a future or invented one; reads of one client from one member never go back.
//!
//! etcd: `tests/robustness/validate/operations.go`, `validateSerializableOperations`.

use super::{contradiction, explain, past_reads};
use crate::evidence::Evidence;
use crate::guarantee::{Case, Guarantee};
use crate::history::Refusal;
use crate::history::{Operation, Outcome, Revision};
use crate::replay::{Difference, Flaw, Line, Odd, asked, differences};
use crate::verdict::Verdict;
use std::collections::BTreeMap;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "serializable-read",
    about: "a serializable read returns exactly the state at its revision, and never goes back on one member",
    check,
};

/// Examines every serializable read that was answered, or refused because its revision is of the future.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    // What is told of leases and users is no state.
    let reads = |operation: &&Operation| {
        operation.request.is_serializable()
            && operation.request.is_of_keys()
            && (operation.response().is_some() || is_refused_as_future(operation))
    };
    let examined = case.recorded.operations.iter().filter(reads).count() as u64;
    if examined == 0 {
        return Verdict::Vacuous;
    }
    let beyond = |odd: &Odd, operation: &Operation| {
        odd.newest.is_some() && operation.request.is_serializable() && operation.request.is_of_keys()
    };
    let alone = back(case)
        .or_else(|| past_reads::of_the_future(case, |operation| operation.request.is_serializable()))
        .or_else(|| case.odd(beyond))
        .or_else(|| contradiction::between_answers(case, true));
    if alone.is_some() {
        return Verdict::of(examined, alone);
    }
    case.by_line(|line| {
        let evidence = of_flaws(case, line).or_else(|| of_the_future(case, line));
        (examined, evidence)
    })
}

/// True if a member said that it had not come as far as it was asked for.
fn is_refused_as_future(operation: &Operation) -> bool {
    matches!(&operation.outcome, Outcome::Failed(error) if Refusal::of(error) == Some(Refusal::FutureRev))
}

fn of_flaws(case: &Case<'_>, line: &Line) -> Option<Evidence> {
    let bears = |flaw: &&Flaw| match flaw {
        Flaw::WrongResponse { operation, .. } | Flaw::WrongPast { operation, .. } => {
            case.history.operations[*operation].request.is_serializable()
        }
        // Only serializable reads say that it exists.
        Flaw::NoWriter { revision, .. } => *revision > line.last,
        Flaw::TwoWriters { .. } | Flaw::SeenOtherwise { .. } => false,
    };
    let flaws = &line.flaws[..line.proven];
    flaws
        .iter()
        .filter(bears)
        .find(|flaw| !is_shared(case, line, flaws, flaw))
        .map(|flaw| explain::flaw(case, line, flaw))
}

/// True if a read shows nothing wrong but what linearizable reads show as well: then the state is wrong, and not the
/// read.
fn is_shared(case: &Case<'_>, line: &Line, flaws: &[Flaw], flaw: &Flaw) -> bool {
    let of = |flaw: &Flaw| {
        let Flaw::WrongResponse { operation, revision, expected } = flaw else { return None };
        let reader = &case.history.operations[*operation];
        let found = differences(line, *revision, &reader.request, reader.response()?, expected.as_ref());
        Some((reader.request.is_serializable(), *revision, found))
    };
    let Some((true, revision, wrong)) = of(flaw) else { return false };
    let binding =
        flaws.iter().filter_map(of).filter(|(is_serializable, at, _)| !is_serializable && *at <= revision);
    let binding: Vec<Difference> = binding.flat_map(|(.., found)| found).collect();
    wrong.iter().all(|difference| *difference != Difference::Other && binding.contains(difference))
}

/// A read of a revision whose request was not even asked, or of one that its member did not have.
fn of_the_future(case: &Case<'_>, line: &Line) -> Option<Evidence> {
    for (index, operation) in case.history.operations.iter().enumerate() {
        let (true, Some(response)) = (operation.request.is_serializable(), operation.response()) else {
            continue;
        };
        let revision = response.header().revision;
        if let Some(writer) = line.certain_writer(revision)
            && let Some(return_ns) = operation.return_ns
            && return_ns < case.history.operations[writer].invoke_ns
        {
            let message = format!("revision {revision} was read before the request that made it was asked");
            let exhibits = vec![case.operation(index), case.operation(writer)];
            return Some(Evidence::new("read-of-the-future", message, exhibits));
        }
    }
    None
}

/// A read that shows an earlier revision than one of the same client from the same member did before.
fn back(case: &Case<'_>) -> Option<Evidence> {
    let operations = &case.history.operations;
    let reads = |operation: &Operation| {
        operation.request.is_of_keys()
            && (operation.request.is_serializable() || operation.request.is_linearizable_read())
    };
    let mut order: Vec<usize> = (0..operations.len()).filter(|index| reads(&operations[*index])).collect();
    order.sort_by_key(|index| operations[*index].invoke_ns);
    let mut last: BTreeMap<_, (Revision, usize)> = BTreeMap::new();
    for index in order {
        let operation = &operations[index];
        let Some(member) = operation.answered_by() else { continue };
        // Who refuses something in the name of a proxy is not known: only the member that was asked itself counts.
        if let (true, true, Some(asked)) =
            (operation.request.is_serializable(), is_refused_as_future(operation), asked(&operation.request))
            && let Some((before, earlier)) = last.get(&(operation.client, operation.member, member))
            && asked.highest <= *before
        {
            let message = format!(
                "{} read revision {before} from {member}, for which {} is of the future later",
                operation.client, asked.highest
            );
            let exhibits = vec![case.operation(*earlier), case.operation(index)];
            return Some(Evidence::new("went-back", message, exhibits));
        }
        let Some(response) = operation.response() else { continue };
        let revision = response.header().revision;
        // What a proxy answers in the name of a member may be older than what that member answers itself.
        let source = (operation.client, operation.member, member);
        let (before, earlier) = *last.entry(source).or_insert((revision, index));
        if revision < before && operation.request.is_serializable() {
            let message = format!(
                "{} read revision {before} from {member}, and later revision {revision}",
                operation.client
            );
            let exhibits = vec![case.operation(index), case.operation(earlier)];
            return Some(Evidence::new("went-back", message, exhibits));
        }
        last.insert(source, (revision.max(before), index));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;
    use crate::history::{Request, Response};

    fn judged(reads: &[(u64, Response)]) -> Verdict {
        let mut h = Builder::default();
        let early = h.ok(2, serializable("a", ""), ranged(1, []));
        h.sent_to(early, 3);
        h.ok(0, put("a", "1"), written(2));
        h.ok(0, txn([], [put("a", "2"), put("b", "2")], []), decided(3, true, [written(3), written(3)]));
        for (member, response) in reads {
            let read = h.ok(1, serializable("a", "\0"), response.clone());
            h.sent_to(read, *member);
        }
        check(&Case::new(&h.build()))
    }

    fn kind(reads: &[(u64, Response)]) -> String {
        let verdict = judged(reads);
        verdict.evidence().unwrap_or_else(|| panic!("{verdict}")).kind.clone()
    }

    fn old() -> Response {
        ranged(2, [kv("a", "1", 2, 2, 1)])
    }

    fn new() -> Response {
        ranged(3, [kv("a", "2", 2, 3, 2), kv("b", "2", 3, 3, 1)])
    }

    #[test]
    fn accepts_old_states_from_different_members() {
        assert_eq!(judged(&[(1, new()), (2, old()), (2, new()), (1, new())]), Verdict::Holds { examined: 5 });
        assert_eq!(check(&Case::new(&Builder::default().build())), Verdict::Vacuous);
    }

    #[test]
    fn rejects_torn_and_invented_states() {
        assert_eq!(kind(&[(1, ranged(3, [kv("a", "2", 2, 3, 2)]))]), "lost-write");
        assert_eq!(kind(&[(1, ranged(3, [kv("a", "1", 2, 2, 1), kv("b", "2", 3, 3, 1)]))]), "lost-write");
        assert_eq!(kind(&[(1, ranged(2, [kv("a", "9", 2, 2, 1)]))]), "wrong-value");
        assert_eq!(kind(&[(1, ranged(2, [kv("c", "9", 2, 2, 1)]))]), "wrong-value");
        assert_eq!(kind(&[(1, ranged(4, []))]), "skipped-revision");
    }

    #[test]
    fn rejects_reads_that_go_back_on_one_member() {
        assert_eq!(kind(&[(1, new()), (1, old())]), "went-back");
    }

    #[test]
    fn a_member_that_lags_may_not_have_a_revision_yet() {
        const FUTURE: &str = "etcdserver: mvcc: required revision is a future revision";
        let asked = |member: u64, revision: Revision| {
            let mut h = Builder::default();
            h.ok(0, put("a", "1"), written(2));
            h.ok(0, txn([], [put("a", "2"), put("b", "2")], []), decided(3, true, [written(3), written(3)]));
            let read = h.ok(1, serializable("a", ""), old());
            h.sent_to(read, 1);
            let Request::Range(range) = range_at("a", "", revision) else { unreachable!() };
            let range = crate::history::RangeRequest { serializable: true, ..range };
            let refused = h.failed(1, Request::Range(range), "OutOfRange", FUTURE);
            h.sent_to(refused, member);
            check(&Case::new(&h.build()))
        };
        assert_eq!(asked(1, 3), Verdict::Holds { examined: 2 });
        assert_eq!(asked(2, 2), Verdict::Holds { examined: 2 });
        assert_eq!(asked(1, 2).evidence().map(|evidence| evidence.kind.as_str()), Some("went-back"));
        assert_eq!(asked(1, 1).evidence().map(|evidence| evidence.kind.as_str()), Some("went-back"));
    }

    #[test]
    fn what_a_proxy_answers_is_of_its_own_endpoint() {
        let reads = |endpoints: [u64; 2]| {
            let mut h = Builder::default();
            h.ok(0, put("a", "1"), written(2));
            h.ok(0, put("a", "2"), written(3));
            for (endpoint, mut response) in
                endpoints.into_iter().zip([ranged(3, [kv("a", "2", 2, 3, 2)]), old()])
            {
                if let Response::Range(range) = &mut response {
                    range.header.member = crate::history::MemberId(1);
                }
                let read = h.ok(1, serializable("a", ""), response);
                h.sent_to(read, endpoint);
            }
            check(&Case::new(&h.build()))
        };
        // The same member answered, but a proxy may have kept its answer.
        assert!(reads([1, 101]).holds());
        assert_eq!(reads([101, 101]).evidence().map(|evidence| evidence.kind.as_str()), Some("went-back"));
        assert_eq!(reads([1, 1]).evidence().map(|evidence| evidence.kind.as_str()), Some("went-back"));
    }

    #[test]
    fn a_write_is_no_read_to_go_back_behind() {
        let mut h = Builder::default();
        let write = h.ok(1, put("a", "1"), written(2));
        let read = h.ok(1, serializable("a", ""), ranged(1, []));
        h.sent_to(write, 1);
        h.sent_to(read, 1);
        assert_eq!(check(&Case::new(&h.build())), Verdict::Holds { examined: 1 });
    }

    #[test]
    fn leaves_what_others_saw_without_a_writer_to_linearizable() {
        let mut h = Builder::default();
        h.ok(0, put("a", "1"), written(2));
        h.ok(1, serializable("a", ""), old());
        h.ok(0, crate::history::build::get("b"), ranged(3, []));
        assert!(check(&Case::new(&h.build())).holds());
    }

    #[test]
    fn rejects_a_read_from_before_the_request() {
        let mut h = Builder::default();
        h.ok(1, serializable("a", ""), old());
        h.ok(0, put("a", "1"), written(2));
        let verdict = check(&Case::new(&h.build()));
        assert_eq!(verdict.evidence().unwrap().kind, "read-of-the-future");
    }

    #[test]
    fn accepts_a_read_from_the_moment_of_the_request() {
        let mut h = Builder::default();
        let read = h.ok(1, serializable("a", ""), old());
        let write = h.ok(0, put("a", "1"), written(2));
        h.during(read, 10, 20);
        h.during(write, 20, 30);
        assert!(check(&Case::new(&h.build())).holds());
    }

    /// The key of client 0 is gone at 3, a client reads that, and then the client asks to give it up.
    fn given_up_after_it_went(lease: i64, request: Request, response: Response) -> Verdict {
        let mut h = Builder::default();
        h.ok(0, grant(7, 10), granted(1, 7, 10));
        h.ok(0, put_with("l/7", "", lease), written(2));
        h.ok(1, serializable("l/7", ""), ranged(3, []));
        h.ok(0, request, response);
        check(&Case::new(&h.build()))
    }

    #[test]
    fn a_revision_in_an_answer_is_not_always_its_own() {
        // The lease of the key ran out at 3, and there was nothing to delete any more.
        for (request, response) in [
            (unlock("l/7"), unlocked(3)),
            (resign(leader_key("l", 7, 2)), resigned(3)),
            (revoke(7), revoked(3)),
        ] {
            let verdict = given_up_after_it_went(7, request.clone(), response);
            assert_eq!(verdict, Verdict::Holds { examined: 1 }, "{request}");
        }
        // With no lease to run out nobody else can have deleted it.
        for (request, response) in
            [(unlock("l/7"), unlocked(3)), (resign(leader_key("l", 7, 2)), resigned(3))]
        {
            let verdict = given_up_after_it_went(0, request, response);
            assert_eq!(verdict.evidence().unwrap().kind, "read-of-the-future");
        }
    }

    #[test]
    fn accepts_a_read_of_what_only_an_unknown_write_can_have_made() {
        let mut h = Builder::default();
        h.unknown(0, put("a", "1"));
        h.ok(1, serializable("a", ""), old());
        assert!(check(&Case::new(&h.build())).holds());
    }
}
