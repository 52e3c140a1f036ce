//! Tokens and their ends.

use super::*;

fn log_in(h: &mut Builder, client: u32) {
    let request = auth(AuthRequest::Authenticate { name: "u".to_owned() });
    h.ok(client, request.clone(), changed(1, &request));
}

fn change_password(h: &mut Builder, name: &str) {
    change(h, 1, auth(AuthRequest::UserChangePassword { name: name.to_owned() }));
}

/// `u` logs in, `between` happens, and `u` reads.
fn read_after(between: impl FnOnce(&mut Builder), read: Request) -> Verdict {
    judged(|h| {
        begun(h);
        log_in(h, 1);
        between(h);
        done(h, 1, "u", read, ranged(1, []));
    })
}

fn disabled_and_enabled(h: &mut Builder) {
    change(h, 1, auth(AuthRequest::Disable));
    let enable = auth(AuthRequest::Enable);
    h.ok(0, enable.clone(), changed(1, &enable));
}

#[test]
fn rejects_a_token_from_before_its_end() {
    for between in [disabled_and_enabled as fn(&mut Builder), |h| change_password(h, "u")] {
        let verdict = read_after(between, get("a"));
        assert_eq!(
            verdict.evidence().map(|evidence| evidence.kind.as_str()),
            Some("ended-token"),
            "{verdict}"
        );
    }
}

#[test]
fn accepts_a_token_that_may_be_a_new_one_or_did_not_end() {
    let accepted = |between: fn(&mut Builder)| {
        let verdict = read_after(between, get("a"));
        assert!(verdict.holds(), "{verdict}");
    };
    accepted(|h| {
        disabled_and_enabled(h);
        log_in(h, 1);
    });
    // Whoever logs in: a client may have several connections.
    accepted(|h| {
        change_password(h, "u");
        log_in(h, 7);
    });
    accepted(|h| change_password(h, "root"));
    let verdict = judged(|h| {
        begun(h);
        // It may be answered at any later time, with a token from then.
        h.unknown(1, auth(AuthRequest::Authenticate { name: "u".to_owned() }));
        change_password(h, "u");
        done(h, 1, "u", get("a"), ranged(1, []));
    });
    assert!(verdict.holds(), "{verdict}");
    accepted(|h| {
        let changed = h.unknown(0, auth(AuthRequest::UserChangePassword { name: "u".to_owned() }));
        h.by_user(changed, "root");
    });
    accepted(|h| {
        change(h, 1, auth(AuthRequest::Disable));
    });
    assert!(read_after(disabled_and_enabled, serializable("a", "")).holds(), "the member may be behind");
}
