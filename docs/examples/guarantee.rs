//! `limit-kept`: the answer to a read has no more keys than the read's limit.
//!
//! etcd's `RangeRequest.limit` (`api/etcdserverpb/rpc.proto`): a limit on the number of keys returned; 0 is none.

use crate::evidence::Evidence;
use crate::guarantee::{Case, Guarantee};
use crate::history::{Request, Response};
use crate::verdict::Verdict;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee =
    Guarantee { name: "limit-kept", about: "no answer has more keys than the limit of its read", check };

/// Examines every answered read with a limit.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let mut examined = 0;
    for (index, operation) in case.history.operations.iter().enumerate() {
        let Request::Range(read) = &operation.request else { continue };
        let Some(Response::Range(answer)) = operation.response() else { continue };
        if read.limit <= 0 {
            continue;
        }
        examined += 1;
        let keys = answer.kvs.len();
        if keys as u64 > read.limit.unsigned_abs() {
            let message = format!("{keys} keys were returned, and the limit was {}", read.limit);
            let evidence = Evidence::new("over-limit", message, vec![case.operation(index)]);
            return Verdict::of(examined, Some(evidence));
        }
    }
    Verdict::of_examined(examined)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guarantee::by_hand::{judged, kind};
    use crate::history::RangeRequest;
    use crate::history::build::*;

    fn written_keys(history: &mut Builder) {
        history.ok(1, put("a", "1"), written(2));
        history.ok(1, put("b", "1"), written(3));
    }

    fn read(limit: i64) -> Request {
        let all = RangeRequest { key: "a".into(), range_end: "z".into(), ..RangeRequest::default() };
        Request::Range(RangeRequest { limit, ..all })
    }

    fn first() -> Response {
        ranged(3, [kv("a", "1", 2, 2, 1)])
    }

    fn both() -> Response {
        ranged(3, [kv("a", "1", 2, 2, 1), kv("b", "1", 3, 3, 1)])
    }

    #[test]
    fn accepts_answers_up_to_the_limit() {
        let verdict = judged(check, |history| {
            written_keys(history);
            history.ok(1, read(1), first());
            history.ok(2, read(2), both());
        });
        assert_eq!(verdict, Verdict::Holds { examined: 2 });
    }

    #[test]
    fn rejects_an_answer_beyond_it() {
        let kind = kind(check, |history| {
            written_keys(history);
            history.ok(1, read(2), both());
            history.ok(2, read(1), both());
        });
        assert_eq!(kind, "over-limit");
    }

    #[test]
    fn examines_answered_reads_with_a_limit_alone() {
        let verdict = judged(check, |history| {
            written_keys(history);
            history.ok(1, read(0), both());
            history.unknown(1, read(1));
        });
        assert_eq!(verdict, Verdict::Vacuous);
    }
}
