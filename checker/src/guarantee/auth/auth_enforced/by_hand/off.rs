//! Refusals where auth was never turned on.

use super::*;

const OLD_REVISION: &str = "etcdserver: revision of auth store is old";
const DENIED: &str = "etcdserver: permission denied";

/// A request that was refused after these changes.
fn refused(changes: &[Request], request: Request, message: &str) -> Verdict {
    judged(|h| {
        for change in changes {
            h.ok(0, change.clone(), changed(1, change));
        }
        h.failed(1, request, "Unknown", message);
    })
}

#[test]
fn rejects_a_refusal_of_auth_where_nobody_turned_it_on() {
    for (request, message) in [(get("a"), DENIED), (time_to_live(7), OLD_REVISION)] {
        let verdict = refused(&[user_add("u")], request, message);
        assert_eq!(verdict.evidence().map(|evidence| evidence.kind.as_str()), Some("refused-without-auth"));
    }
}

#[test]
fn accepts_what_others_refuse_and_where_auth_may_have_been_on() {
    let users = [user_add("u")];
    assert_eq!(refused(&users, get("a"), OLD_REVISION), Verdict::Vacuous, "certificates may name users");
    assert_eq!(refused(&users, get("a"), "connect: permission denied"), Verdict::Vacuous);
    assert_eq!(refused(&users, get("a"), "etcdserver: no leader"), Verdict::Vacuous);
    assert_eq!(refused(&[], get("a"), DENIED), Verdict::Vacuous, "all changes may be left out");
    let [enable, disable] = [AuthRequest::Enable, AuthRequest::Disable].map(auth);
    assert_eq!(refused(&[disable], get("a"), DENIED), Verdict::Vacuous, "so may be what turned it on");
    let log_in = auth(AuthRequest::Authenticate { name: "u".to_owned() });
    assert_eq!(refused(&[user_add("u"), log_in], get("a"), DENIED), Verdict::Vacuous, "it was on");
    assert!(refused(&[user_add("u"), enable], get("a"), DENIED).evidence().is_none());
}
