//! The marks of a sweep: those there are, and those out of reach, with the reason.

pub use revline_sim::marks::{Marks, every};

/// Marks that no run reaches, by pattern, and why. A `*` in a pattern stands for anything.
const OUT_OF_REACH: &[(&str, &str)] = &[
    ("Call.call zero", "a session counts its calls from 1"),
    ("CancelCall.call zero", "a session counts its calls from 1"),
    ("*.stream zero", "a session counts its streams from 1"),
    ("*DeleteRangeResponse.deleted negative", "it is a count"),
    ("*RangeResponse.count negative", "it is a count"),
    ("*KeyValue.key empty", "no request names an empty key"),
    ("*KeyValue.create_revision negative", "revisions begin at 1"),
    ("*KeyValue.mod_revision negative", "revisions begin at 1"),
    ("*KeyValue.mod_revision zero", "revisions begin at 1"),
    ("*KeyValue.version negative", "versions begin at 1, and 0 is that of a deleted key"),
    ("txn: KeyValue.create_revision zero", "that is of an event, and no txn answers with one"),
    ("txn: KeyValue.version zero", "that is of an event, and no txn answers with one"),
    ("*ResponseHeader.revision negative", "revisions begin at 1"),
    ("txn: ResponseHeader.cluster_id positive", "the header within a txn has the revision alone"),
    ("txn: ResponseHeader.member_id positive", "the header within a txn has the revision alone"),
    ("txn: ResponseHeader.raft_term positive", "the header within a txn has the revision alone"),
    ("LeaseGrantResponse.id zero", "0 is the id of no lease"),
    ("LeaseGrantResponse.ttl_s negative", "a lease lives for the shortest TTL at least"),
    ("LeaseGrantResponse.ttl_s zero", "a lease lives for the shortest TTL at least"),
    ("LeaseKeepAliveResponse.ttl_s negative", "a lease that is gone has 0 left"),
    ("LeaseTimeToLiveResponse.granted_ttl_s negative", "a lease lives for the shortest TTL at least"),
    ("WatchResponse.compact_revision negative", "a watch that is not told of a compaction has 0"),
    ("AcquireResponse.key empty", "the key of a lock ends with its lease"),
    ("Hash.hash zero", "one state of 4 billion has it"),
    ("HashKv.hash zero", "one state of 4 billion has it"),
    ("HashKv.hash_revision zero", "0 asks for the current revision"),
    ("LeaderResponse.kv absent", "without a leader the answer is an error, or waits"),
    ("Status.auth_revision zero", "auth revisions begin at 1"),
    ("Status.revision negative", "revisions begin at 1"),
    ("Status.revision zero", "revisions begin at 1"),
    ("Authenticate.token empty", "a token has a number in it"),
    ("ClusterResponse.members empty", "the members are asked, and there is one"),
    ("MemberInfo.id zero", "0 is the id of no member"),
    ("Status.member zero", "0 is the id of no member"),
    ("Snapshot.bytes empty", "a snapshot has a form of its own around the state"),
];

/// The reason for which no run reaches a mark.
pub fn reason_of(mark: &str) -> Option<&'static str> {
    OUT_OF_REACH.iter().find(|(pattern, _)| is_meant(pattern, mark)).map(|(_, reason)| *reason)
}

fn is_meant(pattern: &str, mark: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == mark,
        Some((begin, end)) => {
            mark.len() >= begin.len() + end.len() && mark.starts_with(begin) && mark.ends_with(end)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::draw;
    use crate::{catalogue, execute};
    use revline_store::defect::Defects;
    use std::collections::BTreeSet;

    #[test]
    fn a_star_stands_for_anything_between() {
        assert!(is_meant("*b c", "a: b c") && is_meant("a*c", "abc") && is_meant("ab", "ab"));
        assert!(!is_meant("*b c", "b d") && !is_meant("ab*ba", "aba") && !is_meant("ab", "abc"));
    }

    #[test]
    fn each_reason_is_for_a_mark_that_there_is() {
        for (pattern, reason) in OUT_OF_REACH {
            assert!(
                every().iter().any(|mark| is_meant(pattern, mark)),
                "`{pattern}` ({reason}) means no mark"
            );
        }
    }

    #[test]
    fn nothing_out_of_reach_is_reached_and_a_few_runs_reach_most_of_the_rest() {
        let mut reached = BTreeSet::new();
        for name in ["whole-api", "users-come-and-go", "membership-churn", "lock-contention", "quota-full"] {
            for seed in 0..2 {
                let plan = draw(&catalogue::find(name).unwrap(), seed, Defects::NONE);
                reached.extend(execute(&plan, false).unwrap().marks.known());
            }
        }
        let wrong: Vec<&&str> = reached.iter().filter(|mark| reason_of(mark).is_some()).collect();
        assert!(wrong.is_empty(), "reached after all: {wrong:?}");
        let can_be = every().iter().filter(|mark| reason_of(mark).is_none()).count();
        assert!(reached.len() * 10 > can_be * 7, "{} of {can_be}", reached.len());
    }
}
