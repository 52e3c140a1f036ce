//! Refusals where auth was never turned on.

use super::*;

#[test]
fn rejects_a_refusal_of_auth_where_nobody_turned_it_on() {
    let refused = |changes: &[Request], message: &str| {
        judged(|h| {
            for request in changes {
                h.ok(0, request.clone(), changed(1, request));
            }
            h.failed(1, get("a"), "Unknown", message);
        })
    };
    for message in ["etcdserver: revision of auth store is old", "etcdserver: permission denied"] {
        let verdict = refused(&[user_add("u")], message);
        assert_eq!(verdict.evidence().map(|evidence| evidence.kind.as_str()), Some("refused-without-auth"));
        assert_eq!(refused(&[], message), Verdict::Vacuous, "users may have been left out");
    }
    assert_eq!(refused(&[user_add("u")], "etcdserver: no leader"), Verdict::Vacuous);
    let enable = auth(AuthRequest::Enable);
    assert!(refused(&[user_add("u"), enable], "etcdserver: permission denied").evidence().is_none());
}
