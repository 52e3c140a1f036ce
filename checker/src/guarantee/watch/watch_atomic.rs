//! `watch-atomic`: all events of one revision that match a watch come in one response, in fragments only
//! if the client asked for fragments.
//!
//! etcd's API guarantee "Atomic" (`tests/robustness/validate/watch.go`, `validateAtomic`). An event that
//! never comes is `watch-reliable`, one that comes again is `watch-unique`.

use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::{Case, Guarantee};
use crate::history::{Revision, Watch};
use crate::verdict::Verdict;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "watch-atomic",
    about: "all events of one revision that match a watch come in one response",
    check,
};

/// Examines every frame that has events.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let history = case.history;
    let mut examined = 0;
    for (index, watch) in history.watches.iter().enumerate() {
        examined += watch.frames.iter().filter(|frame| !frame.events.is_empty()).count() as u64;
        if let Some((revision, first, second)) = split(watch) {
            let message = format!("the events of revision {revision} came in more than one response");
            let exhibits = [second, first].map(|frame| Exhibit::frame(history, index, frame)).to_vec();
            return Verdict::of(examined, Some(Evidence::new("split-revision", message, exhibits)));
        }
    }
    Verdict::of_examined(examined)
}

/// A revision whose events came in two frames that are no fragments of one, and those frames.
fn split(watch: &Watch) -> Option<(Revision, usize, usize)> {
    let mut last: Option<(Revision, usize)> = None;
    // Whether every frame since the last event said that a fragment follows.
    let mut fragments = false;
    for (at, frame) in watch.frames.iter().enumerate() {
        let (Some(first), Some(end)) = (frame.events.first(), frame.events.last()) else {
            fragments &= frame.fragment;
            continue;
        };
        if let Some((revision, before)) = last
            && first.kv.mod_revision == revision
            && !(fragments && watch.request.fragment)
            && frame
                .events
                .iter()
                .take_while(|event| event.kv.mod_revision == revision)
                .any(|event| watch.frames[before].events.iter().all(|other| other.kv != event.kv))
        {
            return Some((revision, before, at));
        }
        last = Some((end.kv.mod_revision, at));
        fragments = frame.fragment;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::WatchFrame;
    use crate::history::build::*;

    fn judged(asked: bool, frames: &[(&[(&str, i64)], bool)]) -> Verdict {
        let mut history = Builder::default();
        let mut request = watching("", "\0", 2);
        request.fragment = asked;
        let watch = history.watch(0, request);
        for (events, fragment) in frames {
            let events = events.iter().map(|(key, revision)| delete_event(key, *revision)).collect();
            history.frame(watch, WatchFrame { events, fragment: *fragment, ..WatchFrame::default() });
        }
        check(&Case::new(&history.build()))
    }

    #[test]
    fn accepts_whole_revisions() {
        let frames: &[(&[(&str, i64)], bool)] =
            &[(&[("a", 2), ("b", 2), ("a", 3)], false), (&[("a", 4)], false)];
        assert_eq!(judged(false, frames), Verdict::Holds { examined: 2 });
        assert_eq!(judged(false, &[]), Verdict::Vacuous);
    }

    #[test]
    fn accepts_fragments_that_were_asked_for() {
        let frames: &[(&[(&str, i64)], bool)] =
            &[(&[("a", 2)], true), (&[("b", 2)], true), (&[("c", 2)], false)];
        assert!(judged(true, frames).holds());
        assert_eq!(judged(false, frames).evidence().unwrap().kind, "split-revision");
    }

    #[test]
    fn rejects_a_revision_in_two_responses() {
        for frames in [
            [(&[("a", 2)][..], false), (&[("b", 2)][..], false)],
            [(&[("a", 2), ("a", 3)][..], false), (&[("b", 3), ("b", 4)][..], false)],
            // A frame that closed its batch, although fragments were asked for.
            [(&[("a", 2), ("c", 2)][..], false), (&[("b", 2)][..], true)],
        ] {
            assert_eq!(judged(true, &frames).evidence().unwrap().kind, "split-revision");
        }
    }

    #[test]
    fn rejects_more_of_a_batch_that_was_closed() {
        let frames: &[(&[(&str, i64)], bool)] =
            &[(&[("a", 2)], true), (&[("b", 2)], false), (&[("c", 2)], false)];
        assert_eq!(judged(true, frames).evidence().unwrap().kind, "split-revision");
    }

    #[test]
    fn leaves_a_repeated_event_to_watch_unique() {
        assert!(judged(false, &[(&[("a", 2)], false), (&[("a", 2)], false)]).holds());
    }
}
