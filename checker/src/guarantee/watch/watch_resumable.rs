//! `watch-resumable`: a watch that goes on where another was cut off continues, on any member, without gap
//! or repeat; or it is cancelled with the compact revision, and only when what it needs is compacted.
//!
//! etcd's API guarantee "Resumable" (`tests/robustness/validate/watch.go`, `validateResumable`).

use super::watch_reliable;
use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::{Case, Guarantee};
use crate::history::{Revision, Watch};
use crate::replay::{Line, first_revision};
use crate::verdict::Verdict;
use std::collections::BTreeMap;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "watch-resumable",
    about: "a watch that resumes continues without gap or repeat, or its next revision is compacted",
    check,
};

/// The progress of a watch, with those that it continues.
#[derive(Clone, Copy, Debug)]
struct Reached {
    /// Everything up to here was delivered, or excused by a compaction.
    whole: Revision,
    /// The last event, with its watch, frame and index.
    last: Option<(Revision, (usize, usize, usize))>,
}

/// Examines every watch that continues another and was created.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let history = case.history;
    if history.watches.iter().all(|watch| watch.resumes.is_none()) {
        return Verdict::Vacuous;
    }
    case.by_line(|line| {
        let by_id: BTreeMap<u64, usize> =
            history.watches.iter().enumerate().map(|(index, watch)| (watch.id, index)).collect();
        let mut order: Vec<usize> = (0..history.watches.len()).collect();
        order.sort_by_key(|index| history.watches[*index].invoke_ns);
        let mut reached: Vec<Option<Reached>> = vec![None; history.watches.len()];
        let mut examined = 0;
        for index in order {
            let watch = &history.watches[index];
            let earlier = watch.resumes.and_then(|id| by_id.get(&id)).copied();
            let before = earlier.and_then(|earlier| reached[earlier]);
            if let (Some(earlier), Some(before), false) = (earlier, before, watch.frames.is_empty()) {
                examined += 1;
                if let Some(evidence) = continues(case, line, (earlier, before), index) {
                    return (examined, Some(evidence));
                }
            }
            reached[index] = after(line, index, watch, before);
        }
        (examined, None)
    })
}

/// The progress of a watch at its end.
fn after(line: &Line, index: usize, watch: &Watch, before: Option<Reached>) -> Option<Reached> {
    let mut now = before;
    if let Some(coverage) = line.coverages[index] {
        let whole = before.map_or(coverage.last, |before| before.whole.max(coverage.last));
        now = Some(Reached { whole, last: before.and_then(|before| before.last) });
    }
    let now = now.as_mut()?;
    let last = watch.events().max_by_key(|(.., event)| event.kv.mod_revision);
    if let Some((frame, event, last)) = last {
        now.last = now.last.max(Some((last.kv.mod_revision, (index, frame, event))));
    }
    // What was compacted away cannot be delivered any more.
    let compacted = watch.frames.iter().map(|frame| frame.compact_revision).max().unwrap_or(0);
    now.whole = now.whole.max(compacted - 1);
    Some(*now)
}

/// True if a watch goes on where the one before it stopped.
fn continues(
    case: &Case<'_>,
    line: &Line,
    (earlier, before): (usize, Reached),
    index: usize,
) -> Option<Evidence> {
    let history = case.history;
    let watch = &history.watches[index];
    let next = before.whole.saturating_add(1);
    if let Some(evidence) = false_compaction(case, index, next_revision(watch).unwrap_or(next).max(next)) {
        return Some(evidence);
    }
    if let (Some((last, (of, frame, event))), Some((repeated, at, first))) =
        (before.last, watch.events().next())
    {
        // Fragments of a revision that was not delivered in whole come again.
        if first.kv.mod_revision <= last.min(before.whole) {
            let message = format!(
                "a watch that had delivered revision {last} was continued with revision {}",
                first.kv.mod_revision
            );
            let exhibits =
                vec![Exhibit::event(history, index, repeated, at), Exhibit::event(history, of, frame, event)];
            return Some(Evidence::new("repeat", message, exhibits));
        }
    }
    let coverage = line.coverages[index]?;
    let first = first_revision(watch).unwrap_or(coverage.first);
    // What lies before its start is a gap as soon as it is known to go on behind it.
    let last = first.max(coverage.last.saturating_add(1)) - 1;
    let (revision, change) = watch_reliable::first_wanted(line, watch, next, last)?;
    let came = revision >= first
        && watch
            .events()
            .any(|(.., event)| (event.kv.mod_revision, &event.kv.key) == (revision, &change.key));
    if came || revision > coverage.last.max(first - 1) {
        return None;
    }
    let message = format!(
        "the event of {} at revision {revision} came neither before the watch was cut off nor after it was continued",
        change.key
    );
    let mut exhibits = vec![Exhibit::watch(history, index), Exhibit::watch(history, earlier)];
    exhibits.extend(case.writer(line, revision));
    exhibits
        .extend(watch.events().next().map(|(frame, event, _)| Exhibit::event(history, index, frame, event)));
    Some(Evidence::new("gap", message, exhibits))
}

/// The revision that a watch needs next, by its own request and frames.
pub(super) fn next_revision(watch: &Watch) -> Option<Revision> {
    let start = match watch.request.start_revision {
        0 => first_revision(watch),
        start => Some(start),
    };
    crate::replay::Coverage::of(watch).map(|coverage| coverage.last.saturating_add(1)).or(start)
}

/// A watch that was cancelled because of a compaction that cannot have happened, or that took nothing away
/// that it needed.
pub(super) fn false_compaction(case: &Case<'_>, index: usize, next: Revision) -> Option<Evidence> {
    let watch = &case.history.watches[index];
    let (at, frame) = watch.frames.iter().enumerate().find(|(_, frame)| frame.compact_revision != 0)?;
    let compacted = frame.compact_revision;
    let message = if !case.compactions().possible_at(compacted, frame.received_ns) {
        format!("a watch was cancelled by a compaction at {compacted} that nobody had asked for")
    } else if next >= compacted {
        format!(
            "a watch was cancelled by a compaction at {compacted} although it needed only {next} and later"
        )
    } else {
        return None;
    };
    let exhibits = vec![Exhibit::watch(case.history, index), Exhibit::frame(case.history, index, at)];
    Some(Evidence::new("false-compaction", message, exhibits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Event;
    use crate::history::WatchFrame;
    use crate::history::build::*;

    fn event(revision: Revision) -> Event {
        put_event(kv("a", "v", 2, revision, revision - 1))
    }

    /// `a` is put at 2 to 7; a watch delivers `first`, breaks, and is continued from `start` with `second`.
    fn judged(first: &[Revision], start: Revision, second: &[Revision]) -> Verdict {
        let mut h = written_history();
        let watch = h.watch(1, watching("a", "", 2));
        h.created(watch, 7);
        first.iter().for_each(|revision| h.events(watch, [event(*revision)]));
        let resumed = h.resume(watch, start);
        h.created(resumed, 7);
        second.iter().for_each(|revision| h.events(resumed, [event(*revision)]));
        check(&Case::new(&h.build()))
    }

    fn written_history() -> Builder {
        let mut h = Builder::default();
        for revision in 2..=7 {
            h.ok(0, put("a", "v"), written(revision));
        }
        h
    }

    fn rejected(verdict: &Verdict) -> &str {
        verdict.evidence().unwrap_or_else(|| panic!("{verdict}")).kind.as_str()
    }

    #[test]
    fn accepts_a_watch_that_goes_on() {
        assert_eq!(judged(&[2, 3], 4, &[4, 5]), Verdict::Holds { examined: 1 });
        assert!(judged(&[2, 3], 4, &[]).holds());
        assert!(judged(&[], 2, &[2]).holds());
        assert_eq!(check(&Case::new(&written_history().build())), Verdict::Vacuous);
    }

    #[test]
    fn rejects_gaps_and_repeats() {
        assert_eq!(rejected(&judged(&[2, 3], 4, &[5])), "gap");
        assert_eq!(rejected(&judged(&[2, 3], 5, &[5])), "gap");
        assert_eq!(rejected(&judged(&[2, 3], 4, &[3, 4])), "repeat");
        assert_eq!(rejected(&judged(&[2, 3], 3, &[3, 4])), "repeat");
    }

    #[test]
    fn accepts_a_chain_with_a_watch_that_delivered_nothing() {
        let chain = |last: &[Revision]| {
            let mut h = written_history();
            let watch = h.watch(1, watching("a", "", 2));
            h.created(watch, 7);
            h.events(watch, [event(2)]);
            let silent = h.resume(watch, 3);
            let again = h.resume(silent, 3);
            h.created(again, 7);
            last.iter().for_each(|revision| h.events(again, [event(*revision)]));
            check(&Case::new(&h.build()))
        };
        assert_eq!(chain(&[3]), Verdict::Holds { examined: 1 });
        assert_eq!(rejected(&chain(&[4])), "gap");
        assert_eq!(rejected(&chain(&[2])), "repeat");
    }

    #[test]
    fn progress_counts_as_delivered() {
        let resumed = |start: Revision, first: Revision| {
            let mut h = written_history();
            let watch = h.watch(1, watching("b", "", 2));
            h.created(watch, 5);
            h.progress(watch, 5);
            h.ok(0, put("b", "1"), written(8));
            let again = h.resume(watch, start);
            h.created(again, 8);
            h.events(again, [put_event(kv("b", "1", 8, first, 1))]);
            check(&Case::new(&h.build()))
        };
        assert!(resumed(6, 8).holds());
        assert!(resumed(3, 8).holds());
    }

    #[test]
    fn a_compaction_excuses_a_gap_only_if_it_was() {
        let ended = |compacted: Option<Revision>, said: Revision, resume: Revision| {
            let mut h = written_history();
            if let Some(revision) = compacted {
                h.ok(0, compact(revision), compaction(7));
            }
            let watch = h.watch(1, watching("a", "", 2));
            h.created(watch, 7);
            h.events(watch, [event(2)]);
            let resumed = h.resume(watch, 3);
            h.compacted(resumed, said);
            let again = h.resume(resumed, resume);
            h.created(again, 7);
            h.events(again, [event(resume)]);
            check(&Case::new(&h.build()))
        };
        assert!(ended(Some(5), 5, 5).holds());
        assert_eq!(rejected(&ended(Some(5), 5, 6)), "gap");
        assert_eq!(rejected(&ended(None, 5, 5)), "false-compaction");
        assert_eq!(rejected(&ended(Some(4), 5, 5)), "false-compaction");
        assert_eq!(rejected(&ended(Some(3), 3, 3)), "false-compaction");
    }

    #[test]
    fn fragments_of_an_incomplete_revision_may_come_again() {
        let mut h = Builder::default();
        h.ok(0, txn([], [put("a", "1"), put("b", "1")], []), decided(2, true, [written(2), written(2)]));
        let request = crate::history::WatchRequest { fragment: true, ..watching("", "\0", 2) };
        let watch = h.watch(1, request);
        h.created(watch, 2);
        let a = || put_event(kv("a", "1", 2, 2, 1));
        h.frame(watch, WatchFrame { events: vec![a()], fragment: true, ..WatchFrame::default() });
        let resumed = h.resume(watch, 2);
        h.created(resumed, 2);
        h.events(resumed, [a(), put_event(kv("b", "1", 2, 2, 1))]);
        assert!(check(&Case::new(&h.build())).holds());
    }
}
