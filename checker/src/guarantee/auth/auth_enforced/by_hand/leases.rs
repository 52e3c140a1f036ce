//! Leases, which are permitted by their keys.

use super::*;

#[test]
fn a_lease_is_as_closed_as_all_its_keys() {
    let with = |own: &'static str, request: Request, response: Response| {
        judged(move |h| {
            begun(h);
            done(h, 3, "root", grant(7, 10), granted(1, 7, 10));
            done(h, 3, "root", put_with(own, "1", 7), written(2));
            done(h, 1, "u", request, response);
        })
    };
    let kind = |verdict: Verdict| verdict.evidence().map(|evidence| evidence.kind.clone());
    assert!(with("b", put_with("b", "2", 7), written(3)).holds());
    assert!(with("b", revoke(7), revoked(3)).holds());
    let not_permitted = || Some("lease-not-permitted".to_owned());
    assert_eq!(kind(with("z", put_with("b", "2", 7), written(3))), not_permitted());
    assert_eq!(kind(with("z", revoke(7), revoked(3))), not_permitted());
    let nested = || txn([], [put_with("b", "2", 7)], []);
    assert_eq!(kind(with("z", nested(), decided(3, true, [written(3)]))), not_permitted());
    assert!(with("z", txn([], [], [put_with("b", "2", 7)]), decided(2, true, [])).holds());
}

#[test]
fn a_lease_without_keys_is_anybodys_to_end() {
    let ended = |rest: fn(&mut Builder), revision: i64| {
        judged(move |h| {
            begun(h);
            done(h, 3, "root", grant(7, 10), granted(1, 7, 10));
            done(h, 3, "root", put_with("z", "1", 7), written(2));
            rest(h);
            done(h, 1, "u", revoke(7), revoked(revision));
        })
    };
    // Its key was deleted, detached, or tied to another lease: the revocation made no revision.
    assert!(ended(|h| _ = done(h, 3, "root", delete("z"), deleted(3, 1)), 3).holds());
    assert!(ended(|h| _ = done(h, 3, "root", put("z", "2"), written(3)), 3).holds());
    assert!(
        ended(
            |h| {
                done(h, 3, "root", grant(8, 10), granted(2, 8, 10));
                done(h, 3, "root", put_with("z", "2", 8), written(3));
            },
            3
        )
        .holds()
    );
    // Nobody knows who deleted it, the revocation or root.
    assert!(
        ended(
            |h| {
                let lost = h.unknown(3, delete("z"));
                h.by_user(lost, "root");
            },
            3
        )
        .holds()
    );
    // It was still there.
    let verdict = ended(|_| (), 3);
    assert_eq!(verdict.evidence().map(|evidence| evidence.kind.as_str()), Some("lease-not-permitted"));
}
