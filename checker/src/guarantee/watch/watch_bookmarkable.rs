//! `watch-bookmarkable`: after a progress notification at P no event at or below P follows on the watch,
//! P never goes back, and it is never below an event that came before it, nor below where the watch begins.
//!
//! etcd's API guarantee "Bookmarkable" (`tests/robustness/validate/watch.go`, `validateBookmarkable`). Only
//! a progress notification is a bookmark: the revision in the header of the answer that creates a watch is where
//! the member stands, and events from before it may still have to come.

use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::{Case, Guarantee};
use crate::history::{History, Revision};
use crate::verdict::Verdict;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "watch-bookmarkable",
    about: "after a progress notification no event at or below it follows, and progress never goes back",
    check,
};

/// Examines everything that follows a progress notification on its watch, and each that follows events.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let history = case.history;
    let mut examined = 0;
    let evidence = (0..history.watches.len()).find_map(|watch| of_watch(history, watch, &mut examined));
    Verdict::of(examined, evidence)
}

fn of_watch(history: &History, index: usize, examined: &mut u64) -> Option<Evidence> {
    let mut bookmark: Option<(Revision, usize)> = None;
    // The highest event, with its frame and index.
    let mut delivered: Option<(Revision, usize, usize)> = None;
    let wanted = history.watches[index].request.start_revision;
    // One that was under way when the watch was created may come after that, and is of the revision then at most.
    let created =
        history.watches[index].frames.iter().find(|frame| frame.created).map(|frame| frame.revision);
    let is_later = |revision: Revision| created.is_some_and(|created| revision > created);
    for (at, frame) in history.watches[index].frames.iter().enumerate() {
        if let Some((marked, by)) = bookmark {
            let exhibits = |shown| vec![shown, Exhibit::frame(history, index, by)];
            for (event, shown) in frame.events.iter().enumerate() {
                *examined += 1;
                let revision = shown.kv.mod_revision;
                if revision <= marked {
                    let message = format!(
                        "an event at revision {revision} came after a notification that everything up to {marked} had come"
                    );
                    let exhibits = exhibits(Exhibit::event(history, index, at, event));
                    return Some(Evidence::new("event-after-progress", message, exhibits));
                }
            }
            if frame.is_progress() && frame.revision < marked {
                *examined += 1;
                let message =
                    format!("progress was notified at revision {marked}, then at {}", frame.revision);
                let exhibits = exhibits(Exhibit::frame(history, index, at));
                return Some(Evidence::new("progress-went-back", message, exhibits));
            }
        }
        if frame.is_progress() && frame.revision < wanted.saturating_sub(1) && is_later(frame.revision) {
            *examined += 1;
            let message = format!(
                "progress was notified at revision {}, of a watch that begins at {wanted}",
                frame.revision
            );
            let exhibits = vec![Exhibit::watch(history, index), Exhibit::frame(history, index, at)];
            return Some(Evidence::new("progress-below-start", message, exhibits));
        }
        if frame.is_progress() {
            *examined += u64::from(bookmark.is_some() || delivered.is_some());
            if let Some((revision, in_frame, event)) =
                delivered.filter(|(revision, ..)| frame.revision < *revision)
            {
                let message = format!(
                    "progress was notified at revision {}, after an event at {revision} had come",
                    frame.revision
                );
                let event = Exhibit::event(history, index, in_frame, event);
                let exhibits = vec![event, Exhibit::frame(history, index, at)];
                return Some(Evidence::new("progress-below-event", message, exhibits));
            }
            bookmark = Some((frame.revision, at));
        }
        for (event, shown) in frame.events.iter().enumerate() {
            let revision = shown.kv.mod_revision;
            if delivered.is_none_or(|(highest, ..)| highest < revision) {
                delivered = Some((revision, at, event));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;

    enum Step {
        Events(&'static [Revision]),
        Progress(Revision),
    }
    use Step::{Events, Progress};

    fn judged(steps: &[Step]) -> Verdict {
        let mut history = Builder::default();
        let watch = history.watch(0, watching("", "\0", 2));
        history.created(watch, 9);
        for step in steps {
            match step {
                Events(revisions) => {
                    history.events(watch, revisions.iter().map(|revision| delete_event("a", *revision)));
                }
                Progress(revision) => history.progress(watch, *revision),
            }
        }
        check(&Case::new(&history.build()))
    }

    fn kind(steps: &[Step]) -> String {
        let verdict = judged(steps);
        let evidence = verdict.evidence().unwrap_or_else(|| panic!("{verdict}"));
        assert_eq!(evidence.exhibits.len(), 2);
        evidence.kind.clone()
    }

    #[test]
    fn accepts_what_goes_on_after_a_bookmark() {
        let steps = [Events(&[2, 3]), Progress(3), Progress(3), Events(&[4, 6]), Progress(8), Events(&[9])];
        assert_eq!(judged(&steps), Verdict::Holds { examined: 6 });
    }

    #[test]
    fn a_header_is_no_bookmark() {
        // The watch was created when its member was at 9, and what came before that follows.
        assert_eq!(judged(&[Events(&[2]), Events(&[3])]), Verdict::Vacuous);
        assert_eq!(judged(&[Progress(3), Events(&[4])]), Verdict::Holds { examined: 1 });
    }

    #[test]
    fn accepts_progress_at_what_was_delivered() {
        assert_eq!(judged(&[Events(&[2]), Progress(2)]), Verdict::Holds { examined: 1 });
        assert_eq!(judged(&[Events(&[2, 3]), Progress(7), Events(&[8])]), Verdict::Holds { examined: 2 });
    }

    #[test]
    fn rejects_progress_below_what_was_delivered() {
        assert_eq!(kind(&[Events(&[2, 4]), Progress(3)]), "progress-below-event");
        assert_eq!(kind(&[Progress(2), Events(&[3]), Events(&[5]), Progress(4)]), "progress-below-event");
        // Events that are not in order: what counts is the highest.
        assert_eq!(kind(&[Events(&[6]), Events(&[4]), Progress(5)]), "progress-below-event");
    }

    #[test]
    fn progress_of_a_stream_is_held_against_the_events_of_each_of_its_watches() {
        let noted = |revision: Revision| {
            let mut history = Builder::default();
            let watches = [0, 0].map(|client| history.watch(client, watching("", "\0", 2)));
            history.events(watches[0], [delete_event("a", 3)]);
            history.events(watches[1], [delete_event("b", 5)]);
            // It came with watch id -1, and is written to both.
            watches.into_iter().for_each(|watch| history.progress(watch, revision));
            check(&Case::new(&history.build()))
        };
        assert!(noted(5).holds());
        let verdict = noted(4);
        assert_eq!(verdict.evidence().map(|evidence| evidence.kind.as_str()), Some("progress-below-event"));
    }

    #[test]
    fn rejects_an_event_that_had_been_said_to_have_come() {
        assert_eq!(kind(&[Progress(5), Events(&[6]), Events(&[4])]), "event-after-progress");
        assert_eq!(kind(&[Progress(5), Events(&[5])]), "event-after-progress");
    }

    #[test]
    fn rejects_progress_that_goes_back() {
        assert_eq!(kind(&[Progress(5), Events(&[6]), Progress(4)]), "progress-went-back");
    }

    #[test]
    fn rejects_progress_below_the_beginning_of_a_watch() {
        let judged = |revision: Revision| {
            let mut history = Builder::default();
            let watch = history.watch(0, watching("a", "", 7));
            history.created(watch, 3);
            history.progress(watch, revision);
            history.progress(watch, revision);
            check(&Case::new(&history.build()))
        };
        // The next event it wants is the next there is; and what was under way at 3 may come late.
        assert!(judged(6).holds());
        assert!(judged(3).holds());
        let verdict = judged(5);
        assert_eq!(verdict.evidence().map(|evidence| evidence.kind.as_str()), Some("progress-below-start"));
    }

    #[test]
    fn progress_of_a_stream_binds_each_of_its_watches() {
        let mut history = Builder::default();
        let watches = [0, 0].map(|client| history.watch(client, watching("", "\0", 2)));
        // It came with watch id -1, and is written to both.
        watches.into_iter().for_each(|watch| history.progress(watch, 5));
        history.events(watches[1], [delete_event("a", 5)]);
        let verdict = check(&Case::new(&history.build()));
        assert_eq!(verdict.evidence().map(|evidence| evidence.kind.as_str()), Some("event-after-progress"));
    }

    #[test]
    fn each_watch_has_bookmarks_of_its_own() {
        let mut history = Builder::default();
        for revision in [7, 3] {
            let watch = history.watch(0, watching("", "\0", 2));
            history.progress(watch, revision);
            history.progress(watch, revision);
        }
        assert_eq!(check(&Case::new(&history.build())), Verdict::Holds { examined: 2 });
    }
}
