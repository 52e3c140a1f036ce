//! Locks and leaderships, and the permission to enter them.

use super::*;

#[test]
fn who_waits_for_a_lock_must_be_permitted_to_enter_when_its_turn_comes() {
    let entered = |at: i64, revoked_at: i64| {
        judged(|h| {
            begun(h);
            change(h, 1, role_grant("reader", ReadWrite, "l/", "l0"));
            let waits = h.ok(1, lock("l", 7), locked(at, "l/7"));
            h.by_user(waits, "u");
            let from_ns = h.tick();
            change(h, revoked_at, role_revoke("reader", "l/", "l0"));
            let until_ns = h.tick();
            h.during(waits, from_ns - 1, until_ns);
        })
    };
    assert!(entered(5, 5).holds(), "it was looked at before");
    assert!(entered(5, 6).holds());
    let verdict = entered(5, 4);
    assert_eq!(verdict.evidence().map(|evidence| evidence.kind.as_str()), Some("not-permitted"), "{verdict}");
}
