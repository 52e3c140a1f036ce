//! The revisions that a watch answers for.

use super::span::Span;
use crate::bytes::Bytes;
use crate::history::{EventKind, Revision, Watch, WatchFrame};

/// The revisions of which a watch promises every matching event: from `first` to `last`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Coverage {
    /// The first revision it delivers.
    pub(crate) first: Revision,
    /// The last revision it is known to have delivered in whole.
    pub(crate) last: Revision,
}

impl Coverage {
    /// The coverage of a watch; `None` for one that was never created, or shows nothing and does not say from where it
    /// began.
    pub(crate) fn of(watch: &Watch) -> Option<Self> {
        let first = first_revision(watch).or_else(|| first_shown(watch))?;
        let mut last = first - 1;
        // Fragments of a revision may be missing until a frame says that none follows.
        let mut incomplete = false;
        for frame in &watch.frames {
            if let Some(event) = frame.events.last() {
                last = last.max(event.kv.mod_revision - Revision::from(frame.fragment));
                incomplete = frame.fragment;
            } else if frame.is_progress() && !incomplete {
                last = last.max(frame.revision);
            }
        }
        Some(Coverage { first, last })
    }

    /// True if it covers a revision.
    pub(crate) fn contains(&self, revision: Revision) -> bool {
        (self.first..=self.last).contains(&revision)
    }
}

/// The first revision that a watch delivers, where that is known.
pub(crate) fn first_revision(watch: &Watch) -> Option<Revision> {
    let created = watch.frames.iter().find(|frame| frame.created && frame.canceled.is_none());
    match watch.request.start_revision {
        0 => created.map(|frame| frame.revision.saturating_add(1)),
        start if start > 0 => (created.is_some() || !watch.frames.is_empty()).then_some(start),
        _ => None,
    }
}

/// The first revision that a watch from now on can be held to, where its creation was not recorded: that of its first
/// event, or the one after its first progress.
fn first_shown(watch: &Watch) -> Option<Revision> {
    let shown = |frame: &WatchFrame| match frame.events.first() {
        Some(event) => Some(event.kv.mod_revision),
        None => frame.is_progress().then_some(frame.revision.saturating_add(1)),
    };
    watch.frames.iter().find_map(shown).filter(|_| watch.request.start_revision == 0)
}

/// True if a watch asks for events of a sort on a key.
pub(crate) fn wants(watch: &Watch, key: &Bytes, kind: EventKind) -> bool {
    let filtered = match kind {
        EventKind::Put => watch.request.no_put,
        EventKind::Delete => watch.request.no_delete,
    };
    !filtered && Span::of_watch(&watch.request).contains(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::WatchRequest;
    use crate::history::build::*;

    fn covered(start: Revision, frames: impl FnOnce(&mut Builder, usize)) -> Option<(Revision, Revision)> {
        let mut history = Builder::default();
        let watch = history.watch(0, watching("a", "c", start));
        frames(&mut history, watch);
        Coverage::of(&history.build().watches[0]).map(|coverage| (coverage.first, coverage.last))
    }

    #[test]
    fn a_watch_covers_what_it_delivered_and_what_it_noted() {
        assert_eq!(covered(0, |_, _| ()), None);
        assert_eq!(covered(4, |_, _| ()), None);
        assert_eq!(covered(-1, |history, watch| history.created(watch, 5)), None);
        assert_eq!(covered(0, |history, watch| history.created(watch, 5)), Some((6, 5)));
        let events = |history: &mut Builder, watch| {
            history.created(watch, 5);
            history.events(watch, [delete_event("a", 7)]);
            history.progress(watch, 9);
        };
        assert_eq!(covered(4, events), Some((4, 9)));
        let fragment = |history: &mut Builder, watch| {
            let events = vec![delete_event("a", 7)];
            history.frame(watch, WatchFrame { events, fragment: true, ..WatchFrame::default() });
        };
        assert_eq!(covered(4, fragment), Some((4, 6)));
        let then_progress = |history: &mut Builder, watch| {
            fragment(history, watch);
            history.progress(watch, 9);
        };
        assert_eq!(covered(4, then_progress), Some((4, 6)));
    }

    #[test]
    fn a_watch_from_now_whose_creation_was_not_recorded_covers_what_it_shows() {
        let shown = |history: &mut Builder, watch| {
            history.events(watch, [delete_event("a", 7)]);
            history.events(watch, [delete_event("a", 9)]);
        };
        assert_eq!(covered(0, shown), Some((7, 9)));
        let noted = |history: &mut Builder, watch| {
            history.progress(watch, 5);
            history.events(watch, [delete_event("a", 9)]);
            history.progress(watch, 11);
        };
        assert_eq!(covered(0, noted), Some((6, 11)));
        assert_eq!(covered(0, |history, watch| history.progress(watch, 5)), Some((6, 5)));
        let refused = |history: &mut Builder, watch| {
            let canceled = Some("etcdserver: permission denied".to_owned());
            history.frame(watch, WatchFrame { created: true, canceled, ..WatchFrame::default() });
        };
        assert_eq!(covered(0, refused), None);
    }

    #[test]
    fn a_watch_wants_its_range_without_what_it_filters() {
        let mut history = Builder::default();
        history.watch(0, WatchRequest { no_put: true, ..watching("a", "c", 1) });
        let watch = &history.build().watches[0];
        assert!(wants(watch, &"b".into(), EventKind::Delete));
        assert!(!wants(watch, &"b".into(), EventKind::Put));
        assert!(!wants(watch, &"c".into(), EventKind::Delete));
    }
}
