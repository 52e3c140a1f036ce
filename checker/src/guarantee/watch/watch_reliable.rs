//! `watch-reliable`: between its first and last revision a watch misses no event that matches it, and
//! shows none that did not happen, or that was not asked for yet.
//!
//! etcd's API guarantee "Reliable" (`tests/robustness/validate/watch.go`, `validateReliable`). The reference
//! is the line of revisions, not what another watch of the same member saw.

#[cfg(test)]
mod by_hand;

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
                if case.may_have_lost(line, revision, change, shown_ns(watch, revision)) {
                    continue;
                }
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

/// The time by which a watch had shown a revision, or gone past it.
fn shown_ns(watch: &Watch, revision: Revision) -> u64 {
    let frames = watch.frames.iter().find(|frame| match frame.events.last() {
        Some(event) => event.kv.mod_revision >= revision,
        None => frame.is_progress() && frame.revision >= revision,
    });
    frames.map_or(u64::MAX, |frame| frame.received_ns)
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
