//! Histories made by hand, one for each decision of the stream: the first of each pair is sound, the second is the
//! same but for what makes it doubt.

use super::prove;
use crate::history::build::*;
use crate::history::*;

fn is_proven(build: impl FnOnce(&mut Builder)) -> bool {
    let mut history = Builder::default();
    build(&mut history);
    prove(&history.build()).is_ok()
}

/// `build` makes the sound history, and with `true` the one to doubt.
fn doubts(build: impl Fn(&mut Builder, bool)) {
    assert!(is_proven(|history| build(history, false)), "the sound one is not proven");
    assert!(!is_proven(|history| build(history, true)), "the other one is proven");
}

/// Writes a at 2, b at 3, a at 4.
fn three(history: &mut Builder) {
    history.ok(0, put("a", "1"), written(2));
    history.ok(0, put("b", "2"), written(3));
    history.ok(0, put("a", "3"), written(4));
}

fn first(bad: bool, of: [i64; 2]) -> i64 {
    of[usize::from(bad)]
}

#[test]
fn revisions_follow_one_another_and_belong_to_one() {
    doubts(|history, bad| {
        history.ok(0, put("a", "1"), written(2));
        history.ok(1, put("a", "2"), written(first(bad, [3, 4])));
    });
    doubts(|history, bad| {
        let early = history.ok(0, put("a", "1"), written(2));
        let late = history.ok(1, put("a", "2"), written(first(bad, [3, 2])));
        history.during(early, 1, 100);
        history.during(late, 2, 50);
    });
    doubts(|history, bad| {
        history.ok(0, put("a", "1"), written(first(bad, [2, 1])));
    });
}

#[test]
fn answers_show_the_state_at_their_place() {
    for at in [2, 4] {
        doubts(|history, bad| {
            three(history);
            let value = if at == 4 { kv("a", "3", 2, 4, 2) } else { kv("a", "1", 2, 2, 1) };
            let read = if bad { KeyValue { version: 9, ..value } } else { value };
            history.ok(1, range_at("a", "", at), ranged(4, [read]));
        });
    }
    doubts(|history, bad| {
        three(history);
        history.ok(1, delete("c"), deleted(4, first(bad, [0, 1])));
    });
    doubts(|history, bad| {
        three(history);
        let request = Request::Put(PutRequest { prev_kv: true, key: "a".into(), ..PutRequest::default() });
        let before = kv("a", if bad { "1" } else { "3" }, 2, 4, 2);
        let mut response = written(5);
        if let Response::Put(put) = &mut response {
            put.prev_kv = Some(before);
        }
        history.ok(1, request, response);
    });
    doubts(|history, bad| {
        three(history);
        let request = txn([unmodified_since("a", 4)], [put("c", "1")], [get("a")]);
        let refused = || decided(4, false, [ranged(4, [kv("a", "3", 2, 4, 2)])]);
        history.ok(1, request, if bad { refused() } else { decided(5, true, [written(5)]) });
    });
}

#[test]
fn real_time_binds() {
    doubts(|history, bad| {
        three(history);
        let (revision, shown) = if bad { (3, kv("a", "1", 2, 2, 1)) } else { (4, kv("a", "3", 2, 4, 2)) };
        history.ok(1, get("a"), ranged(revision, [shown]));
    });
    // A client's own order counts even at the same moment.
    doubts(|history, bad| {
        let write = history.ok(0, put("a", "1"), written(2));
        let read = history.ok(u32::from(!bad), get("b"), ranged(1, []));
        history.during(write, 10, 20);
        history.during(read, 20, 30);
    });
    doubts(|history, bad| {
        let one = history.ok(0, get("a"), ranged(1, []));
        let other = history.ok(u32::from(!bad), get("b"), ranged(1, []));
        history.during(one, 10, 20);
        history.during(other, 15, 30);
    });
    // Serializable reads may be old, but never go back on one member, nor show what was not asked yet.
    doubts(|history, bad| {
        three(history);
        for (member, revision) in [(1, 4), (if bad { 1 } else { 2 }, 3)] {
            let read = history.ok(1, serializable("b", ""), ranged(revision, [kv("b", "2", 3, 3, 1)]));
            history.sent_to(read, member);
        }
    });
    doubts(|history, bad| {
        let write = history.ok(0, put("a", "1"), written(2));
        let read = history.ok(1, serializable("b", ""), ranged(2, []));
        history.during(write, if bad { 60 } else { 50 }, 100);
        history.during(read, 10, 55);
    });
}

#[test]
fn an_unknown_operation_fills_a_gap_if_it_is_known_which_and_it_can() {
    let reads = |history: &mut Builder, value: &str| {
        history.ok(1, put("b", "1"), written(3));
        history.ok(1, get("a"), ranged(3, [kv("a", value, 2, 2, 1)]));
    };
    doubts(|history, bad| {
        history.unknown(0, put("a", "1"));
        reads(history, if bad { "2" } else { "1" });
    });
    // It was asked after what stands behind the gap had been answered.
    doubts(|history, bad| {
        let unknown = history.unknown(0, put("a", "1"));
        let later = history.ok(1, put("b", "1"), written(3));
        history.ok(1, get("a"), ranged(3, [kv("a", "1", 2, 2, 1)]));
        history.during(unknown, if bad { 25 } else { 15 }, 30);
        history.during(later, 10, 20);
    });
    // One operation makes one revision.
    doubts(|history, bad| {
        history.unknown(0, put("a", "1"));
        history.unknown(0, if bad { get("a") } else { put("a", "1") });
        history.ok(1, get("a"), ranged(3, [kv("a", "1", 2, 3, 2)]));
    });
    // Two that differ, and nobody saw which.
    doubts(|history, bad| {
        history.unknown(0, put("a", "1"));
        history.unknown(0, put("a", if bad { "2" } else { "1" }));
        history.ok(1, get("b"), ranged(2, []));
    });
    // A refused operation fills none.
    doubts(|history, bad| {
        match bad {
            true => drop(history.failed(0, put("a", "1"), "ResourceExhausted", "too many requests")),
            false => drop(history.unknown(0, put("a", "1"))),
        }
        history.ok(1, get("a"), ranged(2, [kv("a", "1", 2, 2, 1)]));
    });
}

#[test]
fn watches_deliver_what_is_wanted_and_nothing_else() {
    let (one, two, three_) = (kv("a", "1", 2, 2, 1), kv("b", "2", 3, 3, 1), kv("a", "3", 2, 4, 2));
    let events = |history: &mut Builder, request: WatchRequest, kvs: Vec<&KeyValue>| {
        let watch = history.watch(9, request);
        history.created(watch, 1);
        kvs.iter().for_each(|kv| history.events(watch, [put_event((*kv).clone())]));
        watch
    };
    for bad in [vec![&one, &three_], vec![&two, &one], vec![&one, &one], vec![&two]] {
        doubts(|history, is_bad| {
            three(history);
            let sound = vec![&one, &two, &three_];
            events(history, watching("a", "c", 2), if is_bad { bad.clone() } else { sound });
        });
    }
    // A key alone, a filter, progress, a revision in two responses.
    doubts(|history, bad| {
        three(history);
        let kvs = if bad { vec![&one, &two] } else { vec![&one, &three_] };
        events(history, watching("a", "", 2), kvs);
    });
    doubts(|history, bad| {
        three(history);
        let request = WatchRequest { no_put: true, ..watching("a", "c", 2) };
        events(history, request, if bad { vec![&one] } else { vec![] });
    });
    doubts(|history, bad| {
        three(history);
        let watch = events(history, watching("a", "c", 2), vec![&one]);
        history.progress(watch, first(bad, [2, 3]));
    });
    doubts(|history, bad| {
        three(history);
        let watch = events(history, watching("a", "c", 2), vec![&one, &two]);
        history.progress(watch, 3);
        history.progress(watch, first(bad, [3, 2]));
    });
    doubts(|history, bad| {
        history.ok(
            0,
            txn([], [put("a", "1"), put("b", "1")], []),
            decided(2, true, [written(2), written(2)]),
        );
        let both = [kv("a", "1", 2, 2, 1), kv("b", "1", 2, 2, 1)].map(put_event);
        let watch = history.watch(9, watching("a", "c", 2));
        history.created(watch, 1);
        match bad {
            false => history.events(watch, both),
            true => both.into_iter().for_each(|event| history.events(watch, [event])),
        }
    });
    // Values before, right or wrong, or missing without need.
    for prev_kv in [Some(kv("a", "9", 2, 2, 1)), None] {
        doubts(|history, bad| {
            three(history);
            let watch = history.watch(9, WatchRequest { prev_kv: true, ..watching("a", "", 4) });
            history.created(watch, 1);
            let prev_kv = if bad { prev_kv.clone() } else { Some(one.clone()) };
            history.events(watch, [Event { prev_kv, ..put_event(three_.clone()) }]);
        });
    }
}

#[test]
fn a_watch_that_resumes_neither_leaves_out_nor_repeats() {
    let (two, three_) = (kv("b", "2", 3, 3, 1), kv("a", "3", 2, 4, 2));
    let resumed = |history: &mut Builder, start: Revision, kvs: Vec<&KeyValue>| {
        three(history);
        let watch = history.watch(9, watching("a", "c", 2));
        history.created(watch, 1);
        history.events(watch, [put_event(kv("a", "1", 2, 2, 1))]);
        history.events(watch, [put_event(two.clone())]);
        let again = history.resume(watch, start);
        history.created(again, 4);
        kvs.iter().for_each(|kv| history.events(again, [put_event((*kv).clone())]));
    };
    doubts(|history, bad| resumed(history, first(bad, [4, 5]), if bad { vec![] } else { vec![&three_] }));
    doubts(|history, bad| {
        resumed(history, first(bad, [4, 3]), if bad { vec![&two, &three_] } else { vec![&three_] })
    });
}

#[test]
fn compactions_explain_what_is_missing_and_nothing_else() {
    let refuse = |history: &mut Builder, request: Request| {
        history.failed(1, request, "OutOfRange", "etcdserver: mvcc: required revision has been compacted");
    };
    doubts(|history, bad| {
        three(history);
        history.ok(0, compact(3), compaction(4));
        refuse(history, range_at("a", "", first(bad, [2, 3])));
    });
    doubts(|history, bad| {
        three(history);
        history.ok(0, compact(3), compaction(4));
        history.ok(0, compact(first(bad, [4, 3])), compaction(4));
    });
    doubts(|history, bad| {
        three(history);
        history.ok(0, compact(first(bad, [4, 5])), compaction(4));
    });
    doubts(|history, bad| {
        three(history);
        history.ok(0, compact(first(bad, [2, 3])), compaction(4));
        history.ok(0, range_at("a", "", 2), ranged(4, [kv("a", "1", 2, 2, 1)]));
    });
    doubts(|history, bad| {
        three(history);
        let message = "etcdserver: mvcc: required revision is a future revision";
        history.failed(1, range_at("a", "", first(bad, [5, 4])), "OutOfRange", message);
    });
    doubts(|history, bad| {
        three(history);
        history.ok(0, compact(3), compaction(4));
        let watch = history.watch(9, watching("a", "c", 2));
        history.compacted(watch, first(bad, [3, 4]));
    });
}

#[test]
fn what_needs_no_space_is_not_refused_for_lack_of_it() {
    doubts(|history, bad| {
        three(history);
        let request = if bad { delete("a") } else { put("a", "9") };
        history.failed(1, request, "ResourceExhausted", "etcdserver: mvcc: database space exceeded");
    });
}

#[test]
fn a_member_that_is_found_to_hold_something_else_is_no_proof() {
    doubts(|history, bad| {
        three(history);
        let alarm = if bad { AlarmKind::Corrupt } else { AlarmKind::NoSpace };
        let at_ns = history.tick();
        history.observation(Observation::Alarm { at_ns, member: MemberId(1), alarm, by_operator: false });
    });
}

#[test]
fn the_host_must_have_seen_it_recover() {
    doubts(|history, bad| {
        history.ok(0, put("a", "1"), written(2));
        let at_ns = history.tick();
        history.observation(Observation::Healed { at_ns, bound_ns: 1000 });
        history.ok(0, put("a", "2"), written(3));
        let at_ns = history.tick();
        let revision = first(bad, [3, 2]);
        history.observation(Observation::Settled {
            at_ns,
            member: MemberId(1),
            revision,
            leader: Some(MemberId(1)),
            auth_revision: None,
            auth_hash: None,
        });
    });
}

#[test]
fn who_may_do_what_and_namespaces_stand_in_the_way_of_no_proof() {
    let mut h = Builder::default();
    h.namespace(1, "n/");
    h.ok(0, put("a", "1"), written(2));
    h.ok(1, put("a", "2"), written(3));
    for request in [user_add("root"), user_grant_role("root", "root"), auth(AuthRequest::Enable)] {
        h.ok(0, request.clone(), changed(3, &request));
    }
    let header = Header { member: MemberId(0), revision: 3, term: 0 };
    let status = AuthResponse::Status { header, enabled: true, auth_revision: 4 };
    h.ok(0, auth(AuthRequest::Status), Response::Auth(status));
    h.failed(2, get("a"), "PermissionDenied", "etcdserver: permission denied");
    let read = h.ok(1, range("a", "\0"), ranged(3, [kv("a", "2", 3, 3, 1)]));
    h.by_user(read, "root");
    let watch = h.watch(1, watching("", "\0", 2));
    h.watched_by(watch, "root");
    h.created(watch, 3);
    h.events(watch, [put_event(kv("a", "2", 3, 3, 1))]);
    let history = h.build();
    let proven = prove(&history).expect("it is sound");
    let judged = crate::judge::Judge::new(&history).budget(crate::search::Budget::UNLIMITED).unproven().run();
    for (name, verdict) in proven.iter() {
        assert_eq!(judged.get(name), Some(verdict), "{name}");
    }
    for name in ["namespace-isolated", "auth-enforced", "linearizable", "watch-reliable"] {
        assert!(judged.get(name).is_some_and(|verdict| verdict.holds()), "{name}");
    }
    // Record by record it is not known yet who may do what.
    let mut written = Vec::new();
    jsonl::write(&history, &mut written).expect("to memory");
    let mut judge = super::Proof::default();
    let told = jsonl::Reader::new("h", written.as_slice())
        .try_for_each(|record| judge.record(record.expect("it is whole")));
    assert!(told.is_err());
}
