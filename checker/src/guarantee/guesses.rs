//! Unanswered revisions, by hand: nothing is blamed on a guess about who made them, and what facts tell
//! is blamed all the same.

use crate::history::build::*;
use crate::history::{History, Request, Revision};
use crate::judge::Judge;
use crate::verdict::Verdict;

/// The names of the guarantees that are violated.
pub(super) fn violated(build: impl FnOnce(&mut Builder)) -> Vec<String> {
    let history = told(build);
    Judge::new(&history).run().violations().map(|(name, _)| name.to_owned()).collect()
}

fn told(build: impl FnOnce(&mut Builder)) -> History {
    let mut h = Builder::default();
    build(&mut h);
    h.build()
}

/// Neither violated nor undecided.
#[track_caller]
pub(super) fn assert_sound(build: impl FnOnce(&mut Builder)) {
    for (name, verdict) in Judge::new(&told(build)).run().iter() {
        assert!(matches!(verdict, Verdict::Holds { .. } | Verdict::Vacuous), "{name}: {verdict}");
    }
}

fn watch_all(h: &mut Builder, created: Revision) -> usize {
    let watch = h.watch(9, watching("a", "z", created + 1));
    h.created(watch, created);
    watch
}

#[test]
fn accepts_a_watch_that_only_one_of_the_guesses_contradicts() {
    let decoys = |decoy: Request| {
        assert_sound(|h| {
            h.ok(0, put("c", "1"), written(2));
            h.unknown(5, delete("c"));
            h.unknown(6, delete_range("a", "z"));
            h.unknown(8, decoy);
            h.ok(7, put("a", "2"), written(4));
            let watch = watch_all(h, 4);
            h.events(watch, [delete_event("a", 5)]);
        });
    };
    decoys(put("d", "2"));
    decoys(put_with("d", "2", 7));
    decoys(txn([], [put("d", "2"), put("e", "2")], []));
    decoys(put("c", "2"));
}

#[test]
fn rejects_a_watch_that_every_guess_contradicts() {
    for decoy in [put("d", "2"), txn([], [put("d", "2"), put("e", "2")], [])] {
        let found = violated(|h| {
            h.unknown(6, delete_range("a", "z"));
            h.unknown(8, decoy);
            h.ok(7, put("a", "2"), written(3));
            h.ok(7, put("b", "2"), written(4));
            let watch = watch_all(h, 4);
            h.events(watch, [delete_event("a", 5)]);
        });
        assert!(!found.is_empty());
    }
}

#[test]
fn a_guess_explains_previous_values_and_creates() {
    // Of revision 3 it is only told by what was before 5.
    let told = |before: Option<crate::history::KeyValue>, create: Revision, version: i64| {
        move |h: &mut Builder| {
            h.ok(0, put("a", "1"), written(2));
            h.unknown(5, delete("a"));
            h.unknown(6, put("a", "2"));
            h.unknown(7, put("b", "2"));
            h.ok(0, put("c", "1"), written(4));
            h.ok(0, put("a", "3"), written(5));
            let request = crate::history::WatchRequest { prev_kv: true, ..watching("a", "", 5) };
            let watch = h.watch(9, request);
            h.created(watch, 5);
            let event = put_event(kv("a", "3", create, 5, version));
            h.events(watch, [crate::history::Event { prev_kv: before, ..event }]);
        }
    };
    assert_sound(told(None, 5, 1));
    assert_sound(told(Some(kv("a", "1", 2, 2, 1)), 2, 2));
    assert_sound(told(Some(kv("a", "2", 2, 3, 2)), 2, 3));
    assert!(!violated(told(Some(kv("a", "9", 2, 3, 2)), 2, 3)).is_empty());
    assert!(!violated(told(Some(kv("a", "1", 2, 2, 1)), 2, 3)).is_empty());
    assert!(!violated(told(None, 2, 2)).is_empty());
}

#[test]
fn a_certain_violation_stays_one_beside_any_number_of_gaps() {
    let gaps = |h: &mut Builder, last: Revision| {
        for client in 10..40 {
            h.unknown(client, put(&format!("k{}", client % 7), &format!("{client}")));
            h.unknown(client, delete(&format!("k{}", client % 7)));
        }
        h.ok(0, put("y", "1"), written(last));
    };
    let lost = violated(|h| {
        gaps(h, 20);
        h.ok(0, put("x", "1"), written(21));
        h.ok(1, get("x"), ranged(21, []));
    });
    assert!(lost.contains(&"linearizable".to_owned()), "{lost:?}");
    let missed = violated(|h| {
        gaps(h, 20);
        h.ok(0, put("x", "1"), written(21));
        let watch = watch_all(h, 20);
        h.progress(watch, 21);
    });
    assert!(missed.contains(&"watch-reliable".to_owned()), "{missed:?}");
    let previous = violated(|h| {
        gaps(h, 20);
        h.ok(0, put("x", "1"), written(21));
        h.ok(0, put("x", "2"), written(22));
        let request = crate::history::WatchRequest { prev_kv: true, ..watching("x", "", 22) };
        let watch = h.watch(9, request);
        h.created(watch, 22);
        let event = put_event(kv("x", "2", 21, 22, 2));
        h.events(watch, [crate::history::Event { prev_kv: Some(kv("x", "7", 21, 21, 1)), ..event }]);
    });
    assert!(previous.contains(&"watch-prev-kv".to_owned()), "{previous:?}");
}

#[test]
fn later_versions_tell_who_made_what_nobody_saw() {
    // Thirty gaps, and each of the keys says how many of them were its own.
    assert_sound(|h| {
        for client in 10..40 {
            h.unknown(client, put(&format!("k{}", client % 3), &format!("{client}")));
        }
        for client in 40..60 {
            h.unknown(client, put("decoy", &format!("{client}")));
        }
        h.ok(0, put("k0", "z"), written(32));
        h.ok(0, put("k1", "z"), written(33));
        h.ok(0, put("k2", "z"), written(34));
        let created = |key: &str, modified: Revision, create: Revision| kv(key, "z", create, modified, 11);
        let read = range("k", "l");
        let kvs = |a: Revision, b: Revision, c: Revision| {
            [created("k0", 32, a), created("k1", 33, b), created("k2", 34, c)]
        };
        h.ok(0, read, ranged(34, kvs(2, 3, 4)));
        h.ok(0, get("decoy"), ranged(34, []));
    });
}

#[test]
fn rejects_a_version_that_no_guess_explains() {
    let found = violated(|h| {
        h.ok(0, put("a", "0"), written(2));
        for client in 10..16 {
            h.unknown(client, put("b", &format!("{client}")));
        }
        h.ok(0, put("a", "1"), written(9));
        h.ok(0, get("a"), ranged(9, [kv("a", "1", 2, 9, 3)]));
    });
    assert!(!found.is_empty());
}
