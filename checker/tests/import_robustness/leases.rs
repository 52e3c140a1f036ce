//! Leases in reports: a revocation is recorded without the keys that it deleted.

use super::*;

/// A report of files and of another client that was granted leases 7 and 8 before.
fn leased(files: &[(&str, &str)]) -> History {
    let grant = |lease: i64, ns: i64| {
        let request = format!("\"Type\":\"leaseGrant\",\"LeaseGrant\":{{\"LeaseID\":{lease}}}");
        op(9, ns, &request, "\"LeaseGrant\":{},\"Revision\":1", ns + 1)
    };
    let grants = format!("{}{}", grant(7, 1), grant(8, 3));
    report(&[files, &[("x/z", grants.as_str())]].concat())
}

#[test]
fn a_revoked_lease_takes_its_keys_along_and_the_judge_knows() {
    let operations = |revision| {
        [
            op(1, 10, &put_op("a", "1", 7), &format!("{PUT_DONE},\"Revision\":2"), 20),
            op(1, 30, &put_op("b", "1", 0), &format!("{PUT_DONE},\"Revision\":3"), 40),
            op(1, 50, "\"Type\":\"leaseRevoke\",\"LeaseRevoke\":{\"LeaseID\":7}", &format!("\"Revision\":{revision}"), 60),
            op(1, 70, "\"Type\":\"range\",\"Range\":{\"Start\":\"a\",\"End\":\"z\"}",
                "\"Range\":{\"KVs\":[{\"Key\":\"b\",\"Value\":{\"Value\":\"1\"},\"ModRevision\":3}],\"Count\":1},\"Revision\":4", 80),
        ]
        .concat()
    };
    let watch = "{\"Request\":{\"Key\":\"a\",\"Revision\":1},\"Responses\":[{\"Events\":[{\"Type\":\"put-operation\",\"Key\":\"a\",\
        \"Value\":{\"Value\":\"1\"},\"Revision\":2},{\"Type\":\"delete-operation\",\"Key\":\"a\",\"Revision\":4}],\"Revision\":4,\"Time\":90}]}";
    let verdicts = Judge::new(&leased(&[("x/a", &operations(4)), ("x/b", watch)])).run();
    assert!(!verdicts.any_violated() && !verdicts.any_unknown(), "{verdicts:?}");
    let unseen = Judge::new(&leased(&[("x/a", &operations(4))])).run();
    assert!(!unseen.any_violated() && !unseen.any_unknown(), "{unseen:?}");
}

fn revoke_op(lease: i64) -> String {
    format!("\"Type\":\"leaseRevoke\",\"LeaseRevoke\":{{\"LeaseID\":{lease}}}")
}

fn delete_op(key: &str) -> String {
    let delete = format!("{{\"Type\":\"delete-operation\",\"Delete\":{{\"Key\":\"{key}\"}}}}");
    format!("\"Type\":\"txn\",\"Txn\":{{\"OperationsOnSuccess\":[{delete}]}}")
}

/// A watch of everything that shows events, given as key, revision and whether it is a put.
fn watch_of(events: &[(&str, i64, bool)]) -> String {
    let event = |(key, revision, is_put): &(&str, i64, bool)| {
        let kind = if *is_put { "put-operation" } else { "delete-operation" };
        format!(
            "{{\"Events\":[{{\"Type\":\"{kind}\",\"Key\":\"{key}\",\"Value\":{{\"Value\":\"{}\"}},\"Revision\":{revision}}}],\
             \"Revision\":{revision},\"Time\":{}}}",
            if *is_put { "1" } else { "" },
            revision * 100
        )
    };
    let responses: Vec<String> = events.iter().map(event).collect();
    format!(
        "{{\"Request\":{{\"Key\":\"\",\"Revision\":1,\"WithPrefix\":true}},\"Responses\":[{}]}}",
        responses.join(",")
    )
}

/// The answer of a revocation: the keys that it deleted, in order; `None` where that is not known.
fn revoked(history: &History, index: usize) -> Option<usize> {
    let Response::Txn(answer) = history.operations[index].response()? else { return None };
    let is_deleted = |part: &&Response| matches!(part, Response::Txn(nested) if !nested.responses.is_empty());
    Some(answer.responses.iter().filter(is_deleted).count())
}

#[test]
fn a_revocation_is_credited_with_no_revision_of_somebody_else() {
    let done = |revision: i64| format!("{PUT_DONE},\"Revision\":{revision}");
    let deleted = "\"Txn\":{\"Results\":[{\"Deleted\":1}]},\"Revision\":3";
    let lost = "\"Error\":\"context deadline exceeded\"";
    let answer = |revision: i64| format!("\"LeaseRevoke\":{{}},\"Revision\":{revision}");
    let sound = |history: &History| {
        let verdicts = Judge::new(history).run();
        assert!(!verdicts.any_violated() && !verdicts.any_unknown(), "{verdicts:?}");
    };
    let put = op(1, 10, &put_op("c", "1", 7), &done(2), 20);
    let revoke =
        |client: u32, lease: i64, revision: i64| op(client, 50, &revoke_op(lease), &answer(revision), 60);
    let events = watch_of(&[("c", 2, true), ("c", 3, false)]);
    // Somebody else was answered with the delete.
    let other = op(2, 30, &delete_op("c"), deleted, 40);
    let history = leased(&[("x/a", &format!("{put}{}", revoke(1, 7, 3))), ("x/b", &other), ("x/w", &events)]);
    assert_eq!(revoked(&history, 1), Some(0));
    sound(&history);
    // It was the only one who can have deleted it.
    let history = leased(&[("x/a", &format!("{put}{}", revoke(1, 7, 3))), ("x/w", &events)]);
    assert_eq!(revoked(&history, 1), Some(1));
    sound(&history);
    // Somebody else asked, and was not answered.
    let other = op(2, 30, &delete_op("c"), lost, 40);
    let history = leased(&[("x/a", &format!("{put}{}", revoke(1, 7, 3))), ("x/b", &other), ("x/w", &events)]);
    assert_eq!(revoked(&history, 1), None);
    assert!(!Judge::new(&history).run().any_violated());
    // Two were answered with that revision, and the key was attached to one of the leases only.
    let both = format!("{put}{}", revoke(1, 7, 3));
    let history =
        leased(&[("x/a", &both), ("x/b", &op(2, 70, &revoke_op(8), &answer(3), 80)), ("x/w", &events)]);
    assert_eq!((revoked(&history, 1), revoked(&history, 2)), (Some(1), Some(0)));
    sound(&history);
    // Nothing was ever attached; or the lease was revoked before anything was written at all.
    let history = leased(&[("x/a", &format!("{}{put}", op(1, 5, &revoke_op(7), &answer(1), 8)))]);
    assert_eq!(revoked(&history, 0), Some(0));
    sound(&history);
}

#[test]
fn a_revocation_that_changed_nothing_must_not_have_left_anything() {
    // The key is read with its lease still there.
    let done = |revision: i64| format!("{PUT_DONE},\"Revision\":{revision}");
    let operations = [
        op(1, 10, &put_op("c", "1", 7), &done(2), 20),
        op(1, 30, &put_op("d", "1", 0), &done(3), 40),
        op(1, 50, &revoke_op(7), "\"LeaseRevoke\":{},\"Revision\":3", 60),
        op(1, 70, "\"Type\":\"range\",\"Range\":{\"Start\":\"c\"}",
            "\"Range\":{\"KVs\":[{\"Key\":\"c\",\"Value\":{\"Value\":\"1\"},\"ModRevision\":2}],\"Count\":1},\"Revision\":3", 80),
    ]
    .concat();
    assert!(Judge::new(&report(&[("x/a", &operations)])).run().any_violated());
}
