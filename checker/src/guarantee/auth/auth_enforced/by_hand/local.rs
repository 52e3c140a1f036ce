//! Decisions of one member by itself, calls that are for root alone, and keys that are listed with their lease.

use super::*;

/// A request of a user to member 1, which answers it.
fn answered_by_one(h: &mut Builder, user: &str, request: Request, mut response: Response) {
    response.header_mut().member = MemberId(1);
    let operation = done(h, 5, user, request, response);
    h.sent_to(operation, 1);
}

/// Auth at revision 1, and then a revision that member 1 has come to.
fn come_to_2(h: &mut Builder) {
    h.observation(started(1));
    begun(h);
    done(h, 3, "root", put("a", "1"), written(2));
    answered_by_one(h, "root", get("a"), ranged(2, [kv("a", "1", 2, 2, 1)]));
}

fn denied_by_one(h: &mut Builder, request: Request) {
    let operation = denied(h, 1, "u", request);
    h.sent_to(operation, 1);
}

#[test]
fn a_member_is_held_to_what_it_had_come_to() {
    let kind_of = |request: fn() -> Request| {
        kind(|h| {
            come_to_2(h);
            denied_by_one(h, request());
        })
    };
    assert_eq!(kind_of(|| serializable("a", "")), "false-denial");
    let holds = |build: fn(&mut Builder)| {
        let verdict = judged(build);
        assert!(verdict.holds(), "{verdict}");
    };
    // It had answered nothing yet, was started again, or another member was asked.
    holds(|h| {
        begun(h);
        denied_by_one(h, serializable("a", ""));
    });
    holds(|h| {
        come_to_2(h);
        let at_ns = h.tick();
        h.observation(Observation::Started { at_ns, member: MemberId(1) });
        denied_by_one(h, serializable("a", ""));
    });
    holds(|h| {
        come_to_2(h);
        let operation = denied(h, 1, "u", serializable("a", ""));
        h.sent_to(operation, 2);
    });
    // The permission was taken away.
    holds(|h| {
        come_to_2(h);
        change(h, 2, user_revoke_role("u", "reader"));
        denied_by_one(h, serializable("a", ""));
    });
}

#[test]
fn a_watch_is_denied_only_without_permission() {
    let watched = |key: &str, first: fn(&mut Builder)| {
        judged(|h| {
            first(h);
            let watch = h.watch(1, watching(key, "", 0));
            h.watched_by(watch, "u");
            let canceled = Some(DENIED.to_owned());
            h.frame(watch, WatchFrame { created: true, canceled, ..WatchFrame::default() });
            h.watches_at(watch, 1);
        })
    };
    let kind = |verdict: Verdict| verdict.evidence().map(|evidence| evidence.kind.clone());
    assert_eq!(kind(watched("a", come_to_2)), Some("false-watch-denial".to_owned()));
    assert!(watched("z", come_to_2).holds());
    assert!(watched("a", begun).holds());
}

#[test]
fn a_watch_of_a_user_is_never_taken_for_one_of_nobody() {
    let ended = |key: &str, user: Option<&str>, first: fn(&mut Builder)| {
        judged(|h| {
            first(h);
            let watch = h.watch(1, watching(key, "", 0));
            if let Some(user) = user {
                h.watched_by(watch, user);
            }
            h.created(watch, 2);
            let canceled = Some("etcdserver: user name is empty".to_owned());
            h.frame(watch, WatchFrame { canceled, ..WatchFrame::default() });
            h.watches_at(watch, 1);
        })
    };
    let kind = |verdict: Verdict| verdict.evidence().map(|evidence| evidence.kind.clone());
    assert_eq!(kind(ended("a", Some("u"), come_to_2)), Some("false-watch-denial".to_owned()));
    // Nobody had no permission for it in the first place.
    assert_eq!(kind(ended("a", None, come_to_2)), Some("watch-created".to_owned()));
    // Auth may have been turned off and on since, or be news to the member.
    assert!(ended("a", Some("u"), begun).holds());
    let off_and_on = |h: &mut Builder| {
        come_to_2(h);
        change(h, 2, auth(AuthRequest::Disable));
        change(h, 2, auth(AuthRequest::Enable));
    };
    assert!(ended("a", Some("u"), off_and_on).holds());
}

#[test]
fn only_what_takes_root_from_root_is_refused_as_such() {
    let refused = |request: AuthRequest| {
        let verdict = judged(move |h| {
            begun(h);
            let (code, message) = ("InvalidArgument", "etcdserver: invalid auth management");
            let operation = h.failed(0, auth(request), code, message);
            h.by_user(operation, "root");
        });
        verdict.evidence().map(|evidence| evidence.kind.clone())
    };
    let revoke = |name: &str| AuthRequest::UserRevokeRole { name: name.to_owned(), role: "root".to_owned() };
    assert_eq!(refused(revoke("u")).as_deref(), Some("false-refusal"));
    assert_eq!(refused(revoke("root")), None);
    assert_eq!(refused(AuthRequest::UserDelete { name: "root".to_owned() }), None);
}

#[test]
fn compactions_and_calls_about_members_are_for_root() {
    let compacted = kind(|h| {
        come_to_2(h);
        answered_by_one(h, "u", compact(2), compaction(2));
    });
    assert_eq!(compacted, "not-root");
    holds(|h| _ = denied(h, 1, "u", compact(1)));
    holds(|h| _ = done(h, 3, "root", compact(1), compaction(1)));
    let alarmed_by = |user: &'static str| {
        judged(move |h| {
            begun(h);
            let call = h.admin(1, raise(no_space(1)), alarmed(1, &[no_space(1)]));
            h.admin_by(call, user);
        })
    };
    assert!(alarmed_by("root").holds());
    let evidence = alarmed_by("u");
    assert_eq!(evidence.evidence().map(|evidence| evidence.kind.as_str()), Some("not-root"));
    let denied = kind(|h| {
        begun(h);
        let call = h.admin_failed(1, disarm(no_space(1)), DENIED);
        h.admin_by(call, "root");
    });
    assert_eq!(denied, "false-denial");
}

#[test]
fn the_keys_of_a_lease_are_shown_and_denied_by_permission() {
    let with = |key: &'static str, rest: fn(&mut Builder, &'static str)| {
        judged(move |h| {
            begun(h);
            done(h, 3, "root", put("y", "1"), written(2));
            done(h, 3, "root", grant(7, 10), granted(2, 7, 10));
            done(h, 3, "root", put_with(key, "1", 7), written(3));
            rest(h, key);
        })
    };
    let kind = |verdict: Verdict| verdict.evidence().map(|evidence| evidence.kind.clone());
    let shown: fn(&mut Builder, &'static str) =
        |h, key| _ = done(h, 1, "u", time_to_live(7), lives(3, 7, 9, 10, &[key]));
    assert!(with("a", shown).holds());
    assert_eq!(kind(with("z", shown)), Some("lease-key-shown".to_owned()));
    let put_denied: fn(&mut Builder, &'static str) = |h, _| _ = denied(h, 1, "u", put_with("b", "2", 7));
    let revoke_denied: fn(&mut Builder, &'static str) = |h, _| _ = denied(h, 1, "u", revoke(7));
    for denial in [put_denied, revoke_denied] {
        assert_eq!(kind(with("b", denial)), Some("false-denial".to_owned()));
        assert!(with("a", denial).holds());
    }
}
