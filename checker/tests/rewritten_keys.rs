//! Txns that change one key twice in their one revision, as etcd lets pass: a put beside a deletion whose end is
//! `"\0"`, and a put in a nested txn before one with a deletion.

use revline_checker::history::build::*;
use revline_checker::history::{Event, History, Request, Response, WatchRequest};
use revline_checker::judge::Judge;
use revline_checker::verdict::Verdicts;

/// `a` is put at 2; at 3 a txn deletes it and puts it again, or the other way round; and a watch shows that.
fn told(rewrites: (Request, Response), events: &[Event], left: Response) -> Verdicts {
    let mut h = Builder::default();
    h.ok(0, put("a", "1"), written(2));
    h.ok(0, rewrites.0, rewrites.1);
    h.ok(0, get("a"), left);
    h.ok(0, put("b", "1"), written(4));
    let watch = h.watch(1, WatchRequest { prev_kv: true, ..watching("", "\0", 2) });
    h.created(watch, 4);
    h.events(watch, [first()]);
    h.events(watch, events.to_vec());
    h.events(watch, [put_event(kv("b", "1", 4, 4, 1))]);
    Judge::new(&h.build()).run()
}

fn first() -> Event {
    put_event(kv("a", "1", 2, 2, 1))
}

fn before() -> Option<revline_checker::history::KeyValue> {
    Some(kv("a", "1", 2, 2, 1))
}

fn gone() -> Event {
    Event { prev_kv: before(), ..delete_event("a", 3) }
}

fn anew() -> Event {
    put_event(kv("a", "2", 3, 3, 1))
}

fn deleted_then_put() -> (Request, Response) {
    let request = txn([], [delete_range("a", "\0"), put("a", "2")], []);
    (request, decided(3, true, [deleted(3, 1), written(3)]))
}

fn put_then_deleted() -> (Request, Response) {
    let nested = |request: Request| txn([], [request], []);
    let request = txn([], [nested(put("a", "2")), nested(delete("a"))], []);
    let part = |response: Response| decided(0, true, [response]);
    (request, decided(3, true, [part(written(3)), part(deleted(3, 1))]))
}

#[track_caller]
fn accepted(verdicts: &Verdicts) {
    for (name, verdict) in verdicts.iter() {
        assert!(!verdict.is_violated(), "{name}: {verdict}");
    }
    for name in ["linearizable", "watch-reliable", "watch-unique", "watch-prev-kv", "watch-is-create"] {
        assert!(verdicts.get(name).is_some_and(|verdict| verdict.holds()), "{name}");
    }
}

#[track_caller]
fn rejected(verdicts: &Verdicts, by: &str) {
    let verdict = verdicts.get(by).expect("it is judged");
    assert!(verdict.is_violated(), "{by}: {verdict}");
}

#[test]
fn a_key_that_is_deleted_and_put_again_is_shown_twice() {
    let left = || ranged(3, [kv("a", "2", 3, 3, 1)]);
    accepted(&told(deleted_then_put(), &[gone(), anew()], left()));
    // With what was there before, as of releases that show it.
    accepted(&told(deleted_then_put(), &[gone(), Event { prev_kv: before(), ..anew() }], left()));
}

#[test]
fn a_key_that_is_put_and_deleted_is_shown_twice() {
    let written = || Event { prev_kv: before(), ..put_event(kv("a", "2", 2, 3, 2)) };
    accepted(&told(put_then_deleted(), &[written(), gone()], ranged(3, [])));
    let wrong = Event { prev_kv: before(), ..put_event(kv("a", "2", 3, 3, 1)) };
    rejected(&told(put_then_deleted(), &[wrong, gone()], ranged(3, [])), "watch-is-create");
}

#[test]
fn what_is_missing_repeated_or_left_otherwise_is_seen() {
    let left = || ranged(3, [kv("a", "2", 3, 3, 1)]);
    rejected(&told(deleted_then_put(), &[gone()], left()), "watch-reliable");
    rejected(&told(deleted_then_put(), &[anew()], left()), "watch-reliable");
    rejected(&told(deleted_then_put(), &[gone(), anew(), anew()], left()), "watch-unique");
    rejected(&told(deleted_then_put(), &[gone(), gone(), anew()], left()), "watch-unique");
    rejected(&told(deleted_then_put(), &[gone(), anew()], ranged(3, [])), "linearizable");
    let other = put_event(kv("a", "3", 3, 3, 1));
    rejected(&told(deleted_then_put(), &[gone(), other], left()), "watch-reliable");
}

/// An overlap that etcd does see is still refused.
#[test]
fn what_etcd_refuses_is_not_answered() {
    let request = txn([], [delete_range("a", "c"), put("a", "2")], []);
    let answered = (request, decided(3, true, [deleted(3, 1), written(3)]));
    let verdicts = told(answered, &[gone(), anew()], ranged(3, [kv("a", "2", 3, 3, 1)]));
    rejected(&verdicts, "linearizable");
}

/// Without the txn, two events of one key at one revision are one too many.
#[test]
fn no_other_history_may_show_a_key_twice() {
    let mut h = Builder::default();
    h.ok(0, put("a", "1"), written(2));
    h.ok(0, delete("a"), deleted(3, 1));
    let watch = h.watch(1, watching("", "\0", 2));
    h.created(watch, 3);
    h.events(watch, [first()]);
    h.events(watch, [delete_event("a", 3), anew()]);
    let history: History = h.build();
    rejected(&Judge::new(&history).run(), "watch-unique");
}
