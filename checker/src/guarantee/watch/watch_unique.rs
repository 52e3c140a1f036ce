//! `watch-unique`: no (revision, key) is delivered twice on one watch.
//!
//! etcd's API guarantee "Unique" (`tests/robustness/validate/watch.go`, `validateUnique`). Whether a watch
//! that resumes repeats events of the one it continues is `watch-resumable`.

use super::rewrites;
use crate::bytes::Bytes;
use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::{Case, Guarantee};
use crate::history::{EventKind, Revision, Watch};
use crate::verdict::Verdict;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee =
    Guarantee { name: "watch-unique", about: "no (revision, key) is delivered twice on one watch", check };

/// The position of an event, and the parts that must not repeat.
type Delivered<'h> = (Revision, &'h Bytes, (usize, usize));

/// Examines every event of every watch.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let history = case.history;
    let mut examined = 0;
    for (index, watch) in history.watches.iter().enumerate() {
        let mut delivered: Vec<Delivered<'_>> = delivered(watch).collect();
        examined += delivered.len() as u64;
        // Nearly sorted as they come: sorting them is almost free.
        delivered.sort();
        let is_repeated = |pair: &&[Delivered<'_>]| {
            (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1)
                && !is_rewritten(case, watch, [pair[0].2, pair[1].2])
        };
        let twice = delivered.windows(2).find(is_repeated);
        if let Some([(revision, key, first), (_, _, second)]) = twice {
            let message = format!("the event of {key} at revision {revision} was delivered twice");
            let exhibits =
                [second, first].map(|(frame, event)| Exhibit::event(history, index, *frame, *event)).to_vec();
            return Verdict::of(examined, Some(Evidence::new("delivered-twice", message, exhibits)));
        }
    }
    Verdict::of_examined(examined)
}

/// True if two events of one key at one revision may be two changes: a key is deleted, or put, and then the other.
fn is_rewritten(case: &Case<'_>, watch: &Watch, events: [(usize, usize); 2]) -> bool {
    let [one, other] = events.map(|(frame, event)| watch.frames[frame].events[event].kind);
    // Without puts, a watch may be shown two deletions with one between them.
    let may_be_two = one != other || one == EventKind::Delete && watch.request.no_put;
    may_be_two && rewrites::any(case.history)
}

fn delivered(watch: &Watch) -> impl Iterator<Item = Delivered<'_>> {
    watch.events().map(|(frame, event, shown)| (shown.kv.mod_revision, &shown.kv.key, (frame, event)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;

    fn judged(frames: &[&[(&str, i64)]]) -> Verdict {
        let mut history = Builder::default();
        let watch = history.watch(0, watching("", "\0", 2));
        for frame in frames {
            history.events(watch, frame.iter().map(|(key, revision)| delete_event(key, *revision)));
        }
        check(&Case::new(&history.build()))
    }

    #[test]
    fn accepts_two_keys_at_one_revision_and_one_key_at_two() {
        assert_eq!(judged(&[&[("a", 2), ("b", 2)], &[("a", 3)]]), Verdict::Holds { examined: 3 });
        assert_eq!(judged(&[]), Verdict::Vacuous);
    }

    #[test]
    fn rejects_an_event_that_comes_again_in_another_fragment() {
        let mut history = Builder::default();
        let request = crate::history::WatchRequest { fragment: true, ..watching("", "\0", 2) };
        let watch = history.watch(0, request);
        for (keys, fragment) in [(["a", "b"], true), (["b", "c"], false)] {
            let events = keys.map(|key| delete_event(key, 2)).to_vec();
            let frame = crate::history::WatchFrame { revision: 2, fragment, events, ..Default::default() };
            history.frame(watch, frame);
        }
        let verdict = check(&Case::new(&history.build()));
        assert_eq!(verdict.evidence().map(|evidence| evidence.kind.as_str()), Some("delivered-twice"));
    }

    /// A txn deletes and puts `a`, which is there, at revision 3.
    fn rewritten(events: &[crate::history::Event]) -> Verdict {
        let mut history = Builder::default();
        history.ok(0, put("a", "1"), written(2));
        let request = txn([], [delete_range("a", "\0"), put("a", "2")], []);
        history.ok(0, request, decided(3, true, [deleted(3, 1), written(3)]));
        let watch = history.watch(0, watching("", "\0", 2));
        history.events(watch, events.to_vec());
        check(&Case::new(&history.build()))
    }

    #[test]
    fn accepts_both_changes_of_a_key_that_is_rewritten_and_neither_twice() {
        let (gone, anew) = (|| delete_event("a", 3), || put_event(kv("a", "2", 3, 3, 1)));
        assert_eq!(rewritten(&[gone(), anew()]), Verdict::Holds { examined: 2 });
        for events in [[gone(), gone()], [anew(), anew()]] {
            assert_eq!(rewritten(&events).evidence().unwrap().kind, "delivered-twice");
        }
    }

    #[test]
    fn rejects_a_repeated_event() {
        assert_eq!(judged(&[&[("a", 2), ("a", 2)]]).evidence().unwrap().kind, "delivered-twice");
        let verdict = judged(&[&[("a", 2), ("b", 2)], &[("c", 3)], &[("a", 2)]]);
        assert_eq!(verdict.evidence().unwrap().kind, "delivered-twice");
    }
}
