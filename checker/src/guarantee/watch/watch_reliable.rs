//! `watch-reliable`: between its first and last revision a watch misses no event that matches it, and
//! shows none that did not happen, or that was not asked for yet.
//!
//! etcd's API guarantee "Reliable" (`tests/robustness/validate/watch.go`, `validateReliable`). The reference
//! is the line of revisions, not what another watch of the same member saw.

use super::foreknown::Foreknown;
use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::{Case, Guarantee};
use crate::history::{Event, EventKind, Revision, Watch};
use crate::replay::{Change, Line, Span, first_revision, wants};
use crate::verdict::Verdict;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "watch-reliable",
    about: "between its first and last revision a watch misses no matching event",
    check,
};

/// Examines every event that should have come and every one that came.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    if case.history.watches.is_empty() {
        return Verdict::Vacuous;
    }
    let mut undecided = None;
    let verdict = case.by_line(|line| {
        let mut examined = 0;
        let foreknown = Foreknown::of(case, line);
        let evidence = (0..case.history.watches.len()).find_map(|index| {
            let told = negative_start(case, index).or_else(|| out_of_bounds(case, index));
            let told = told.or_else(|| foreknown.told(case, index));
            let told = told.or_else(|| false_end(case, index));
            told.or_else(|| of_watch(case, line, index, &mut examined, &mut undecided))
        });
        (examined, evidence)
    });
    match undecided {
        Some(why) if !verdict.is_violated() => Verdict::Unknown { why },
        _ => verdict,
    }
}

/// A watch from a negative revision that was not refused.
fn negative_start(case: &Case<'_>, index: usize) -> Option<Evidence> {
    let watch = &case.history.watches[index];
    let served = watch.frames.iter().position(|frame| frame.canceled.is_none())?;
    (watch.request.start_revision < 0).then(|| {
        let message = "a watch from a negative revision was served".to_owned();
        let exhibits = vec![Exhibit::watch(case.history, index), Exhibit::frame(case.history, index, served)];
        Evidence::new("negative-start", message, exhibits)
    })
}

/// Events from before a watch's start.
fn out_of_bounds(case: &Case<'_>, index: usize) -> Option<Evidence> {
    let watch = &case.history.watches[index];
    let first = first_revision(watch)?;
    let (frame, event, early) = watch.events().find(|(.., event)| event.kv.mod_revision < first)?;
    let exhibits =
        vec![Exhibit::watch(case.history, index), Exhibit::event(case.history, index, frame, event)];
    let message = format!("an event at revision {} came on a watch from {first} on", early.kv.mod_revision);
    Some(Evidence::new("before-start", message, exhibits))
}

/// An end because of a compaction that cannot have happened. That of a watch that resumes is
/// `watch-resumable`.
fn false_end(case: &Case<'_>, index: usize) -> Option<Evidence> {
    let watch = &case.history.watches[index];
    if watch.resumes.is_some() {
        return None;
    }
    let next = super::watch_resumable::next_revision(watch)?;
    super::watch_resumable::false_compaction(case, index, next)
}

/// An event that a watch missed, or one that it shows and that did not happen.
///
/// A maker of a revision that was chosen among several blames no watch: that leaves the guarantee undecided.
pub(in crate::guarantee) fn of_watch(
    case: &Case<'_>,
    line: &Line,
    index: usize,
    examined: &mut u64,
    undecided: &mut Option<String>,
) -> Option<Evidence> {
    let watch = &case.history.watches[index];
    let coverage = line.coverages[index]?;
    let mut delivered: Vec<(usize, usize, &Event)> = watch.events().collect();
    // In order, unless `watch-ordered` is broken.
    delivered.sort_by_key(|(.., event)| event.kv.mod_revision);
    let expected = line.changes_of(Span::of_watch(&watch.request), coverage.first, coverage.last);
    let mut expected =
        expected.into_iter().filter(|(_, change)| wants(watch, &change.key, kind(change))).peekable();
    *examined += delivered.len() as u64;

    let mut rest = delivered.as_slice();
    while let Some((revision, _)) = expected.peek().copied() {
        let came = &rest[rest.partition_point(|(.., event)| event.kv.mod_revision < revision)..];
        let (came, later) =
            came.split_at(came.partition_point(|(.., event)| event.kv.mod_revision == revision));
        while let Some((_, change)) = expected.next_if(|(other, _)| *other == revision) {
            // Where a key changed twice, either event stands for one of them.
            let is_of = |event: &Event| event.kind == kind(change) || !line.rewrites(revision, &change.key);
            if came.iter().all(|(.., event)| event.kv.key != change.key || !is_of(event)) {
                if !line.is_known(revision, change) {
                    let key = &change.key;
                    undecided.get_or_insert_with(|| {
                        format!(
                            "a watch that covers revision {revision} did not show {key}: nobody else did, and who made it is a guess"
                        )
                    });
                    continue;
                }
                *examined += 1;
                return Some(missed(case, line, index, (revision, change), &delivered));
            }
        }
        rest = later;
    }
    delivered
        .iter()
        .find_map(|(frame, at, event)| invented(case, line, index, (*frame, *at), event, undecided))
}

fn kind(change: &Change) -> EventKind {
    if change.after.is_some() { EventKind::Put } else { EventKind::Delete }
}

/// A matching event that did not come.
fn missed(
    case: &Case<'_>,
    line: &Line,
    index: usize,
    (revision, change): (Revision, &Change),
    delivered: &[(usize, usize, &Event)],
) -> Evidence {
    let message = format!(
        "the event of {} at revision {revision} is missing between what the watch delivered",
        change.key
    );
    let at = delivered.partition_point(|(.., event)| event.kv.mod_revision < revision);
    let event =
        |(frame, event, _): &(usize, usize, &Event)| Exhibit::event(case.history, index, *frame, *event);
    let mut exhibits = vec![Exhibit::watch(case.history, index)];
    exhibits.extend(case.writer(line, revision));
    exhibits.extend(at.checked_sub(1).and_then(|before| delivered.get(before)).map(event));
    match delivered.get(at) {
        Some(after) => exhibits.push(event(after)),
        None => {
            let frames = &case.history.watches[index].frames;
            let noted = frames.iter().position(|frame| frame.is_progress() && frame.revision >= revision);
            exhibits.extend(noted.map(|frame| Exhibit::frame(case.history, index, frame)));
        }
    }
    Evidence::new("missed-event", message, exhibits)
}

/// An event that is not what its revision did.
fn invented(
    case: &Case<'_>,
    line: &Line,
    index: usize,
    (frame, at): (usize, usize),
    event: &Event,
    undecided: &mut Option<String>,
) -> Option<Evidence> {
    let revision = event.kv.mod_revision;
    let mut of_key = line.changes(revision).iter().filter(|change| change.key == event.kv.key);
    let true_event = of_key.any(|change| match (&change.after, event.kind) {
        (Some(after), EventKind::Put) => after.value == event.kv.value,
        // A delete carries no value.
        (None, EventKind::Delete) => event.kv.value.is_empty(),
        _ => false,
    });
    if true_event {
        return None;
    }
    if !line.is_refuted(revision, &event.kv.key) {
        let key = &event.kv.key;
        undecided.get_or_insert_with(|| {
            format!("who made revision {revision}, of which {key} was shown, is a guess")
        });
        return None;
    }
    let message = format!("the event is not what revision {revision} did to {}", event.kv.key);
    let shown = Exhibit::event(case.history, index, frame, at);
    let exhibits = [shown].into_iter().chain(case.writer(line, revision)).collect();
    Some(Evidence::new("wrong-event", message, exhibits))
}

/// The first event of a watch that a watch wants, where the line has any that is no guess.
pub(super) fn first_wanted<'l>(
    line: &'l Line,
    watch: &Watch,
    first: Revision,
    last: Revision,
) -> Option<(Revision, &'l Change)> {
    let changes = line.changes_of(Span::of_watch(&watch.request), first, last);
    let mut known = changes.into_iter().filter(|(revision, change)| line.is_known(*revision, change));
    known.find(|(_, change)| wants(watch, &change.key, kind(change)))
}

#[cfg(test)]
mod tests {
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
}
