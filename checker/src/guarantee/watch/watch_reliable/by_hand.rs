//! Histories made by hand: those that must be accepted, and those that must be rejected.

use super::*;
use crate::history::build::*;
use crate::history::{Request, WatchFrame, WatchRequest};

/// `a` is put at 2 and 4 and deleted at 5, `b` is put at 3.
fn written_history() -> Builder {
    let mut h = Builder::default();
    h.ok(0, put("a", "1"), written(2));
    h.ok(0, put("b", "1"), written(3));
    h.ok(0, put("a", "2"), written(4));
    h.ok(0, delete("a"), deleted(5, 1));
    h
}

fn a1() -> Event {
    put_event(kv("a", "1", 2, 2, 1))
}

fn b1() -> Event {
    put_event(kv("b", "1", 3, 3, 1))
}

fn a2() -> Event {
    put_event(kv("a", "2", 2, 4, 2))
}

fn judged(
    request: WatchRequest,
    created: Option<Revision>,
    frames: &[&[Event]],
    progress: Revision,
) -> Verdict {
    let mut h = written_history();
    let watch = h.watch(1, request);
    if let Some(revision) = created {
        h.created(watch, revision);
    }
    for frame in frames {
        h.events(watch, frame.iter().cloned());
    }
    if progress > 0 {
        h.progress(watch, progress);
    }
    check(&Case::new(&h.build()))
}

fn rejected(verdict: &Verdict) -> &str {
    verdict.evidence().unwrap_or_else(|| panic!("{verdict}")).kind.as_str()
}

#[test]
fn accepts_whole_deliveries_and_ends_anywhere() {
    let all = || watching("", "\0", 2);
    assert!(judged(all(), Some(5), &[&[a1(), b1()], &[a2()], &[delete_event("a", 5)]], 5).holds());
    assert!(judged(all(), Some(5), &[&[a1(), b1()]], 3).holds());
    assert!(judged(watching("a", "", 3), Some(5), &[&[a2(), delete_event("a", 5)]], 0).holds());
    assert!(judged(watching("a", "", 0), Some(3), &[&[a2()]], 4).holds());
    assert_eq!(judged(all(), None, &[], 0), Verdict::Vacuous);
    assert_eq!(judged(all(), Some(5), &[], 0), Verdict::Vacuous);
}

#[test]
fn a_watch_from_now_without_its_creation_answers_for_what_it_shows() {
    let shown = |frames: &[&[Event]], progress: Revision| {
        let mut h = written_history();
        let watch = h.watch(1, watching("", "\0", 0));
        for frame in frames {
            h.events(watch, frame.iter().cloned());
        }
        if progress > 0 {
            h.progress(watch, progress);
        }
        let history = h.build();
        let verdict = check(&Case::new(&history));
        let all = crate::judge::Judge::new(&history).run();
        let told = all.get("watch-reliable").is_some_and(Verdict::is_violated);
        assert_eq!(told, verdict.is_violated(), "{verdict}");
        verdict
    };
    assert!(shown(&[&[b1()], &[a2()]], 4).holds());
    assert!(shown(&[&[a2()]], 0).holds());
    assert!(shown(&[&[a1()], &[b1()], &[a2()], &[delete_event("a", 5)]], 5).holds());
    assert_eq!(rejected(&shown(&[&[a1()], &[a2()]], 0)), "missed-event");
    assert_eq!(rejected(&shown(&[&[b1()]], 4)), "missed-event");
    assert_eq!(rejected(&shown(&[&[b1()], &[delete_event("a", 5)]], 0)), "missed-event");
}

#[test]
fn accepts_what_filters_leave_out() {
    let no_put = WatchRequest { no_put: true, ..watching("", "\0", 2) };
    assert!(judged(no_put, Some(5), &[&[delete_event("a", 5)]], 0).holds());
    let no_delete = WatchRequest { no_delete: true, ..watching("", "\0", 2) };
    assert!(judged(no_delete, Some(5), &[&[a1(), b1(), a2()]], 5).holds());
}

#[test]
fn rejects_a_missing_event() {
    for verdict in [
        judged(watching("", "\0", 2), Some(5), &[&[b1()]], 0),
        judged(watching("", "\0", 2), Some(5), &[&[a1()], &[a2()]], 0),
        judged(watching("", "\0", 2), Some(5), &[&[a1(), b1()]], 4),
        judged(watching("a", "", 2), Some(5), &[&[a1(), delete_event("a", 5)]], 0),
        judged(watching("a", "", 0), Some(3), &[], 4),
    ] {
        assert_eq!(rejected(&verdict), "missed-event");
    }
}

#[test]
fn rejects_events_that_did_not_happen() {
    let lie = put_event(kv("a", "9", 2, 2, 1));
    assert_eq!(rejected(&judged(watching("", "\0", 2), Some(5), &[&[lie]], 0)), "wrong-event");
    let verdict = judged(watching("", "\0", 3), Some(5), &[&[delete_event("b", 3)]], 0);
    assert_eq!(rejected(&verdict), "wrong-event");
}

#[test]
fn rejects_events_from_before_the_start() {
    assert_eq!(rejected(&judged(watching("", "\0", 3), Some(5), &[&[a1(), b1()]], 0)), "before-start");
    assert_eq!(rejected(&judged(watching("", "\0", 0), Some(3), &[&[b1()]], 0)), "before-start");
    assert_eq!(rejected(&judged(watching("", "\0", -1), Some(3), &[&[a1()]], 0)), "negative-start");
}

#[test]
fn a_negative_start_is_refused() {
    let began = |canceled: Option<&str>| {
        let mut h = written_history();
        let watch = h.watch(1, watching("a", "", -1));
        let canceled = canceled.map(str::to_owned);
        h.frame(watch, WatchFrame { revision: 5, created: true, canceled, ..WatchFrame::default() });
        check(&Case::new(&h.build()))
    };
    assert_eq!(rejected(&began(None)), "negative-start");
    assert_eq!(began(Some("etcdserver: watch start revision is negative")), Verdict::Vacuous);
}

#[test]
fn a_watch_answers_up_to_the_end_of_its_permission() {
    let ended = |events: &[Event]| {
        let mut h = written_history();
        let watch = h.watch(1, watching("", "\0", 2));
        h.created(watch, 1);
        h.events(watch, events.iter().cloned());
        let canceled = Some("etcdserver: permission denied".to_owned());
        h.frame(watch, WatchFrame { revision: 5, canceled, ..WatchFrame::default() });
        check(&Case::new(&h.build()))
    };
    assert!(ended(&[a1(), b1()]).holds());
    assert_eq!(rejected(&ended(&[b1()])), "missed-event");
}

#[test]
fn rejects_events_before_a_start_that_lies_in_the_future() {
    let verdict = judged(watching("a", "", 9), Some(3), &[&[a2()]], 0);
    assert_eq!(rejected(&verdict), "before-start");
}

#[test]
fn knows_unknown_writes_by_other_watches() {
    let unknown = |frames: &[Event]| {
        let mut h = Builder::default();
        h.unknown(0, put("a", "1"));
        h.ok(0, put("b", "1"), written(3));
        for events in [&[put_event(kv("a", "1", 2, 2, 1)), b1()][..], frames] {
            let watch = h.watch(1, watching("", "\0", 2));
            h.created(watch, 3);
            h.events(watch, events.iter().cloned());
        }
        check(&Case::new(&h.build()))
    };
    assert!(unknown(&[put_event(kv("a", "1", 2, 2, 1)), b1()]).holds());
    assert_eq!(rejected(&unknown(&[b1()])), "missed-event");
}

#[test]
fn blames_no_watch_for_what_rests_on_a_guess() {
    // Somebody made revision 4, and nobody saw it. Somebody made revision 5, too.
    let missed = |unknown: &[Request], last: Revision| {
        let mut h = Builder::default();
        h.ok(0, put("a", "1"), written(2));
        h.ok(0, put("b", "1"), written(3));
        for request in unknown {
            h.unknown(1, request.clone());
        }
        h.ok(0, put("c", "1"), written(last + 1));
        let watch = h.watch(2, watching("a", "b\0", 2));
        h.created(watch, last + 1);
        h.events(watch, [a1()]);
        h.events(watch, [b1()]);
        h.progress(watch, last + 1);
        check(&Case::new(&h.build()))
    };
    assert_eq!(rejected(&missed(&[delete("a")], 4)), "missed-event");
    assert_eq!(rejected(&missed(&[delete("a"), delete("b")], 4)), "missed-event");
    // There is somebody whom no watch need have shown.
    assert!(missed(&[delete("a"), put("d", "1")], 4).holds());
    assert!(missed(&[delete("a"), put("d", "1"), put("e", "1")], 5).holds());
    assert!(missed(&[delete("a"), put("d", "1"), put("d", "1"), delete("d")], 6).holds());
    // All of them happened, in whatever order.
    let all = missed(&[delete("a"), put("d", "1"), put("d", "1"), delete("d")], 7);
    assert_eq!(rejected(&all), "missed-event");
}

#[test]
fn rejects_an_end_by_a_compaction_that_never_was() {
    let ended = |compacted: Option<Revision>, said: Revision, start: Revision| {
        let mut h = written_history();
        if let Some(revision) = compacted {
            h.ok(0, compact(revision), compaction(5));
        }
        let seen = h.watch(1, watching("b", "", 3));
        h.created(seen, 5);
        h.events(seen, [b1()]);
        let watch = h.watch(1, watching("a", "", start));
        h.created(watch, 5);
        h.compacted(watch, said);
        check(&Case::new(&h.build()))
    };
    assert!(ended(Some(4), 4, 2).holds());
    assert_eq!(rejected(&ended(None, 4, 2)), "false-compaction");
    assert_eq!(rejected(&ended(Some(3), 4, 2)), "false-compaction");
    assert_eq!(rejected(&ended(Some(4), 4, 4)), "false-compaction");
}

/// `a` is deleted and put at 3; perhaps a compaction there is asked for at a moment; a watch from 3 shows some of it.
fn overtaken(compacted_ns: Option<u64>, request: WatchRequest, events: &[Event]) -> Verdict {
    let mut h = Builder::default();
    h.ok(0, put("a", "1"), written(2));
    let both = txn([], [delete_range("a", "\0"), put("a", "2")], []);
    h.ok(0, both, decided(3, true, [deleted(3, 1), written(3)]));
    if compacted_ns == Some(0) {
        h.ok(0, compact(3), compaction(3));
    }
    h.ok(0, put("a", "3"), written(4));
    let watch = h.watch(1, request);
    h.created(watch, 4);
    h.events(watch, events.iter().cloned());
    h.progress(watch, 4);
    if compacted_ns.is_some_and(|at_ns| at_ns > 0) {
        h.ok(0, compact(3), compaction(4));
    }
    check(&Case::new(&h.build()))
}

#[test]
fn accepts_the_last_change_alone_of_a_key_that_the_compacted_revision_changed_twice() {
    let (first, last) = (delete_event("a", 3), put_event(kv("a", "2", 3, 3, 1)));
    let later = put_event(kv("a", "3", 3, 4, 2));
    let whole = || watching("a", "", 3);
    assert!(overtaken(None, whole(), &[first.clone(), last.clone(), later.clone()]).holds());
    assert!(overtaken(Some(0), whole(), &[first.clone(), last.clone(), later.clone()]).holds());
    assert!(overtaken(Some(0), whole(), &[last.clone(), later.clone()]).holds());
    let missed = [
        overtaken(None, whole(), &[last.clone(), later.clone()]),
        overtaken(Some(1), whole(), &[last.clone(), later.clone()]),
        overtaken(Some(0), whole(), &[first.clone(), later.clone()]),
        overtaken(Some(0), whole(), std::slice::from_ref(&later)),
    ];
    for verdict in missed {
        assert_eq!(rejected(&verdict), "missed-event");
    }
    let no_put = WatchRequest { no_put: true, ..whole() };
    assert_eq!(rejected(&overtaken(None, no_put.clone(), &[])), "missed-event");
    assert!(!overtaken(Some(0), no_put, &[]).is_violated());
}
