//! Keys of a lease that were attached to it, and others.

use super::*;

/// `a` and `b` are attached to lease 7, and it is asked for.
fn shown(keys: &[&str], before: impl FnOnce(&mut Builder)) -> Verdict {
    judged(check, |h| {
        granted_7(h);
        at(h, 1, 1, 2, grant(8, 10), granted(1, 8, 10));
        at(h, 0, 2, 3, put_with("a", "1", 7), written(2));
        at(h, 0, 3, 4, put_with("b", "1", 7), written(3));
        before(h);
        at(h, 0, 7, 8, time_to_live(7), lives(9, 7, 4, 10, keys));
    })
}

#[test]
fn rejects_keys_that_are_not_those_of_the_lease() {
    assert!(shown(&["a", "b"], |_| ()).holds());
    let kind = |keys: &[&str], before: fn(&mut Builder)| {
        let verdict = shown(keys, before);
        verdict.evidence().unwrap_or_else(|| panic!("{verdict}")).kind.clone()
    };
    assert_eq!(kind(&["a", "b", "c"], |_| ()), "unattached-key");
    assert_eq!(kind(&["a"], |_| ()), "missing-key");
    assert_eq!(
        kind(&["a", "b", "c"], |h| {
            at(h, 1, 5, 6, put_with("c", "1", 8), written(4));
        }),
        "unattached-key"
    );
    assert_eq!(
        kind(&["a", "b"], |h| {
            at(h, 1, 5, 6, delete("b"), deleted(4, 1));
        }),
        "unattached-key"
    );
    assert_eq!(
        kind(&["a", "b"], |h| {
            at(h, 1, 5, 6, put("b", "2"), written(4));
        }),
        "unattached-key"
    );
    assert!(
        shown(&["a"], |h| {
            at(h, 1, 5, 6, put("b", "2"), written(4));
        })
        .holds()
    );
    assert!(shown(&["a"], |h| unanswered(h, 5, delete_range("b", "c"))).holds());
    assert!(shown(&["a", "b"], |h| unanswered(h, 5, delete_range("b", "c"))).holds());
    assert!(shown(&["a", "b", "c"], |h| unanswered(h, 5, put_with("c", "1", 7))).holds());
    assert!(shown(&["a", "b", "l/7"], |h| unanswered(h, 5, lock("l", 7))).holds());
    let unasked = judged(check, |h| {
        granted_7(h);
        let request = Request::Lease(LeaseRequest::TimeToLive { id: 7, keys: false });
        at(h, 0, 3, 4, request, lives(1, 7, 8, 10, &["a"]));
    });
    assert_eq!(unasked.evidence().map(|evidence| evidence.kind.as_str()), Some("keys-unasked"));
}
