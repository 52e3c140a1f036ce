//! Histories made by hand: those that must be accepted, and those that must be rejected.

mod entering;
mod leases;
mod local;
mod off;
mod tokens;

use super::check;
use crate::guarantee::by_hand;
use crate::history::build::*;
use crate::history::*;
use crate::verdict::Verdict;
use PermissionType::{Read, ReadWrite, Write};

const DENIED: &str = "etcdserver: permission denied";

fn judged(build: impl FnOnce(&mut Builder)) -> Verdict {
    by_hand::judged(check, build)
}

fn kind(build: impl FnOnce(&mut Builder)) -> String {
    by_hand::kind(check, build)
}

/// An answered request of a user.
fn done(h: &mut Builder, client: u32, user: &str, request: Request, response: Response) -> usize {
    let operation = h.ok(client, request, response);
    h.by_user(operation, user);
    operation
}

/// An answered change of who may do what, by root.
fn change(h: &mut Builder, revision: i64, request: Request) -> usize {
    let response = changed(revision, &request);
    done(h, 0, "root", request, response)
}

/// A request of a user that was denied.
fn denied(h: &mut Builder, client: u32, user: &str, request: Request) -> usize {
    let operation = h.failed(client, request, "PermissionDenied", DENIED);
    h.by_user(operation, user);
    operation
}

/// `u` may read `[a, c)` and write `b`, in roles of their own, and auth is enabled.
fn begun(h: &mut Builder) {
    begun_at(h, 1);
}

fn begun_at(h: &mut Builder, revision: i64) {
    for request in [
        user_add("root"),
        user_grant_role("root", "root"),
        user_add("u"),
        role_add("reader"),
        role_grant("reader", Read, "a", "c"),
        role_add("writer"),
        role_grant("writer", Write, "b", ""),
        user_grant_role("u", "reader"),
        user_grant_role("u", "writer"),
        auth(AuthRequest::Enable),
    ] {
        let response = changed(revision, &request);
        h.ok(0, request, response);
    }
}

fn of(build: impl FnOnce(&mut Builder)) -> String {
    kind(|h| {
        begun(h);
        build(h);
    })
}

fn holds(build: impl FnOnce(&mut Builder)) {
    let verdict = judged(|h| {
        begun(h);
        build(h);
    });
    assert!(verdict.holds(), "{verdict}");
}

fn put_prev(key: &str) -> Request {
    Request::Put(PutRequest { key: key.into(), prev_kv: true, ..PutRequest::default() })
}

fn delete_prev(key: &str) -> Request {
    Request::Delete(DeleteRequest { key: key.into(), prev_kv: true, ..DeleteRequest::default() })
}

#[test]
fn accepts_what_is_permitted() {
    let verdict = judged(|h| {
        begun(h);
        done(h, 1, "u", put("b", "1"), written(2));
        done(h, 1, "u", put_prev("b"), written(3));
        done(h, 1, "u", range("a", "c"), ranged(3, [kv("b", "", 2, 3, 2)]));
        let request = txn([unmodified_since("a", 0)], [delete("b")], [put("z", "1")]);
        done(h, 1, "u", request, decided(4, true, [deleted(4, 1)]));
        denied(h, 1, "u", put("a", "1"));
        denied(h, 1, "u", range("a", "\0"));
        done(h, 2, "root", range("a", "\0"), ranged(4, []));
        let watch = h.watch(1, watching("a", "c", 2));
        h.watched_by(watch, "u");
        h.created(watch, 4);
        h.events(watch, [put_event(kv("b", "1", 2, 2, 1))]);
    });
    // 9 changes that only root may make, 5 requests of keys and 2 denials, a watch and its event.
    assert_eq!(verdict, Verdict::Holds { examined: 9 + 5 + 2 + 2 });
}

#[test]
fn is_vacuous_unless_somebody_enables_it() {
    let verdict = judged(|h| {
        h.ok(0, put("a", "1"), written(2));
        let request = user_add("u");
        h.ok(0, request.clone(), changed(2, &request));
    });
    assert_eq!(verdict, Verdict::Vacuous);
}

#[test]
fn accepts_everything_before_and_after() {
    let verdict = judged(|h| {
        let early = h.ok(1, put("z", "1"), written(2));
        begun_at(h, 2);
        h.during(early, 1, 2);
        change(h, 2, auth(AuthRequest::Disable));
        h.ok(1, get("z"), ranged(2, [kv("z", "1", 2, 2, 1)]));
        done(h, 1, "u", put("z", "1"), written(3));
    });
    assert!(verdict.holds(), "{verdict}");
}

#[test]
fn rejects_reads_and_writes_of_other_keys() {
    for (request, response) in [
        (get("c"), ranged(1, [])),
        (range("a", "d"), ranged(1, [])),
        (range("a", "\0"), ranged(1, [])),
        (serializable("c", ""), ranged(2, [])),
        (put("a", "1"), written(2)),
        (put("c", "1"), written(2)),
        (delete("a"), deleted(1, 0)),
        (delete_range("b", "c"), deleted(1, 0)),
        // One member may answer it, too.
        (txn([unmodified_since("c", 0)], [], []), decided(2, true, [])),
        (txn([], [get("c")], []), decided(1, true, [ranged(1, [])])),
        (txn([], [txn([], [], [put("a", "1")])], []), decided(2, true, [decided(0, false, [written(2)])])),
        (unlock("l/7"), unlocked(1)),
        (lock("l", 7), locked(2, "l/7")),
        (campaign("e", 7, "me"), elected(2, leader_key("e", 7, 2))),
        (proclaim(leader_key("e", 7, 2), "me"), proclaimed(2)),
        (leader("e"), led(1, kv("e/7", "me", 2, 2, 1))),
    ] {
        let found = of(|h| drop_index(done(h, 1, "u", request.clone(), response.clone())));
        assert_eq!(found, "not-permitted", "{request}");
        let nobody = of(|h| drop_index(h.ok(1, request.clone(), response.clone())));
        assert_eq!(nobody, "not-permitted", "{request}");
        holds(|h| drop_index(done(h, 1, "root", request.clone(), response.clone())));
    }
}

fn drop_index(_: usize) {}

#[test]
fn previous_values_are_read() {
    let of_writer = |request: Request, response: Response| {
        judged(|h| {
            begun(h);
            change(h, 1, user_revoke_role("u", "reader"));
            done(h, 1, "u", request, response);
        })
    };
    assert!(of_writer(put("b", "1"), written(2)).holds());
    assert!(of_writer(put_prev("b"), written(2)).is_violated());
    assert!(of_writer(delete("b"), deleted(1, 0)).holds());
    assert!(of_writer(delete_prev("b"), deleted(1, 0)).is_violated());
}

#[test]
fn rejects_what_is_no_longer_permitted() {
    for end in [
        user_revoke_role("u", "reader"),
        auth(AuthRequest::RoleDelete { role: "reader".to_owned() }),
        auth(AuthRequest::UserDelete { name: "u".to_owned() }),
        role_revoke("reader", "a", "c"),
        role_grant("reader", Write, "a", "c"),
    ] {
        assert_eq!(
            of(|h| {
                change(h, 1, end.clone());
                done(h, 1, "u", get("b"), ranged(1, []));
            }),
            "not-permitted",
            "{end}"
        );
        // At the same time either may come first, and what is not known may come at any time, or never.
        holds(|h| {
            let ended = change(h, 1, end.clone());
            let read = done(h, 1, "u", get("b"), ranged(1, []));
            h.during(ended, 1000, 2000);
            h.during(read, 2000, 2100);
        });
        holds(|h| {
            let ended = h.unknown(0, end.clone());
            h.by_user(ended, "root");
            done(h, 1, "u", get("b"), ranged(1, []));
        });
    }
    // It takes both roles for both.
    holds(|h| {
        change(h, 1, role_revoke("writer", "b", ""));
        done(h, 1, "u", get("b"), ranged(1, []));
    });
}

#[test]
fn what_was_given_again_is_permitted_again() {
    let again = |h: &mut Builder, is_known: bool| {
        change(h, 1, user_revoke_role("u", "reader"));
        let given = h.ok(0, user_grant_role("u", "reader"), changed(1, &user_grant_role("u", "reader")));
        h.by_user(given, "root");
        if !is_known {
            h.unknown(5, user_grant_role("u", "reader"));
        }
    };
    for is_known in [true, false] {
        holds(|h| {
            again(h, is_known);
            done(h, 1, "u", get("b"), ranged(1, []));
        });
    }
    assert_eq!(
        of(|h| {
            again(h, true);
            change(h, 1, user_revoke_role("u", "reader"));
            done(h, 1, "u", get("b"), ranged(1, []));
        }),
        "not-permitted"
    );
}

#[test]
fn the_revision_says_what_came_first() {
    // The role went at 2. What one member answers at 2 may be from before, at 3 it is not.
    let read_at = |revision: i64| {
        judged(|h| {
            begun(h);
            done(h, 3, "root", put("a", "1"), written(2));
            change(h, 2, user_revoke_role("u", "reader"));
            done(h, 3, "root", put("a", "2"), written(3));
            let read = serializable("a", "");
            done(h, 1, "u", read, ranged(revision, [kv("a", "1", 2, revision, revision - 1)]));
        })
    };
    assert!(read_at(2).holds());
    assert_eq!(read_at(3).evidence().map(|evidence| evidence.kind.as_str()), Some("not-permitted"));
    // A write after it, although both were open at the same time.
    assert_eq!(
        of(|h| {
            done(h, 3, "root", put("a", "1"), written(2));
            let ended = change(h, 2, user_revoke_role("u", "writer"));
            let write = done(h, 1, "u", put("b", "1"), written(3));
            h.during(ended, 1000, 2000);
            h.during(write, 1500, 1800);
        }),
        "not-permitted"
    );
}

#[test]
fn events_and_watches_need_permission() {
    let watch = |h: &mut Builder, key: &str, end: &str| {
        let watch = h.watch(1, watching(key, end, 2));
        h.watched_by(watch, "u");
        h.created(watch, 2);
        watch
    };
    assert_eq!(of(|h| drop_index(watch(h, "a", "d"))), "watch-created");
    assert_eq!(of(|h| drop_index(watch(h, "", "\0"))), "watch-created");
    // A member that stands where auth was enabled may not know of it.
    holds(|h| {
        let early = h.watch(1, watching("z", "", 0));
        h.created(early, 1);
    });
    let shown = |revision: i64| {
        judged(|h| {
            begun(h);
            let watch = watch(h, "a", "c");
            done(h, 3, "root", put("a", "1"), written(2));
            h.events(watch, [put_event(kv("a", "1", 2, 2, 1))]);
            change(h, 2, user_revoke_role("u", "reader"));
            done(h, 3, "root", put("a", "2"), written(3));
            h.events(watch, [put_event(kv("a", "2", 2, revision, 2))]);
        })
    };
    // What happened before the permission went may come after.
    assert!(shown(2).holds());
    assert_eq!(shown(3).evidence().map(|evidence| evidence.kind.as_str()), Some("event-not-permitted"));
    // One that was refused shows nothing.
    holds(|h| {
        let watch = h.watch(1, watching("z", "", 0));
        h.watched_by(watch, "u");
        let canceled = Some(DENIED.to_owned());
        h.frame(watch, WatchFrame { created: true, canceled, ..WatchFrame::default() });
    });
}

#[test]
fn a_watch_may_have_been_created_while_the_permission_went() {
    holds(|h| {
        let watch = h.watch(1, watching("a", "c", 0));
        h.watched_by(watch, "u");
        change(h, 1, user_revoke_role("u", "reader"));
        done(h, 3, "root", put("a", "1"), written(2));
        h.created(watch, 2);
    });
    assert_eq!(
        of(|h| {
            change(h, 1, user_revoke_role("u", "reader"));
            done(h, 3, "root", put("a", "1"), written(2));
            let watch = h.watch(1, watching("a", "c", 0));
            h.watched_by(watch, "u");
            h.created(watch, 2);
        }),
        "watch-created"
    );
}

#[test]
fn rejects_changes_by_others_than_root() {
    assert_eq!(of(|h| drop_index(done(h, 1, "u", user_add("v"), changed(1, &user_add("v"))))), "not-root");
    assert_eq!(of(|h| drop_index(h.ok(1, user_add("v"), changed(1, &user_add("v"))))), "not-root");
}

#[test]
fn rejects_a_denial_of_what_is_permitted() {
    for request in [get("b"), range("a", "c"), put_prev("b"), delete("b")] {
        assert_eq!(of(|h| drop_index(denied(h, 1, "u", request.clone()))), "false-denial", "{request}");
    }
    let request = || txn([unmodified_since("a", 0)], [put("b", "1")], [get("b")]);
    assert_eq!(of(|h| drop_index(denied(h, 1, "u", request()))), "false-denial");
    assert_eq!(of(|h| drop_index(denied(h, 1, "root", get("z")))), "false-denial");
}

#[test]
fn accepts_a_denial_that_may_be_right() {
    let request = txn([], [put("b", "1")], [put("z", "1")]);
    for request in [request, range("b", "a"), serializable("b", "")] {
        holds(|h| drop_index(denied(h, 1, "u", request.clone())));
    }
    // Somebody may be taking it away, or may have.
    holds(|h| {
        let ended = h.unknown(0, user_revoke_role("u", "reader"));
        h.by_user(ended, "root");
        denied(h, 1, "u", get("b"));
    });
    holds(|h| {
        let ended = change(h, 1, user_revoke_role("u", "reader"));
        let read = denied(h, 1, "u", get("b"));
        h.during(ended, 1000, 2000);
        h.during(read, 1500, 1600);
    });
    // Somebody is only giving it.
    holds(|h| {
        let given = change(h, 1, role_grant("reader", ReadWrite, "z", ""));
        let read = denied(h, 1, "u", get("z"));
        h.during(given, 1000, 2000);
        h.during(read, 1500, 1600);
    });
}

#[test]
fn a_grant_beside_others_of_its_key_may_not_replace() {
    let granted_again = |h: &mut Builder, others: bool| {
        if others {
            change(h, 1, role_grant("reader", Read, "b", "z"));
        }
        change(h, 1, role_grant("reader", ReadWrite, "b", "c"));
        change(h, 1, role_grant("reader", Read, "b", "c"));
        done(h, 1, "u", put("bb", "1"), written(2));
    };
    assert_eq!(of(|h| granted_again(h, false)), "not-permitted");
    holds(|h| granted_again(h, true));
    // What is revoked is gone, however often it was granted.
    let revoked = |h: &mut Builder| {
        change(h, 1, role_grant("reader", Read, "b", "z"));
        change(h, 1, role_grant("reader", ReadWrite, "b", "c"));
        change(h, 1, role_revoke("reader", "b", "c"));
        done(h, 1, "u", put("bb", "1"), written(2));
    };
    assert_eq!(of(revoked), "not-permitted");
}
