//! `watch-unique`: no (revision, key) is delivered twice on one watch.
//!
//! etcd's API guarantee "Unique" (`tests/robustness/validate/watch.go`, `validateUnique`). Whether a watch
//! that resumes repeats events of the one it continues is `watch-resumable`.

use super::Case;
use crate::bytes::Bytes;
use crate::evidence::{Evidence, Exhibit};
use crate::history::{Revision, Watch};
use crate::verdict::Verdict;

/// Where an event is, by what must not repeat.
type Delivered<'h> = (Revision, &'h Bytes, (usize, usize));

/// Examines every event of every watch.
pub(super) fn check(case: &Case<'_>) -> Verdict {
    let history = case.history;
    let mut examined = 0;
    for (index, watch) in history.watches.iter().enumerate() {
        let mut delivered: Vec<Delivered<'_>> = delivered(watch).collect();
        examined += delivered.len() as u64;
        // Nearly sorted as they come: sorting them is almost free.
        delivered.sort();
        let twice = delivered.windows(2).find(|pair| (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1));
        if let Some([(revision, key, first), (_, _, second)]) = twice {
            let message = format!("the event of {key} at revision {revision} was delivered twice");
            let exhibits =
                [first, second].map(|(frame, event)| Exhibit::event(history, index, *frame, *event)).to_vec();
            return Verdict::of(examined, Some(Evidence::new("delivered-twice", message, exhibits)));
        }
    }
    Verdict::of_examined(examined)
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

    #[test]
    fn rejects_a_repeated_event() {
        assert_eq!(judged(&[&[("a", 2), ("a", 2)]]).evidence().unwrap().kind, "delivered-twice");
        let verdict = judged(&[&[("a", 2), ("b", 2)], &[("c", 3)], &[("a", 2)]]);
        assert_eq!(verdict.evidence().unwrap().kind, "delivered-twice");
    }
}
