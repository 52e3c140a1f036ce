//! The leaders shown to observers of an election, held against the keys of its leaders.

#[cfg(test)]
mod by_hand;

use super::certainty::is_certain;
use super::holders::Findings;
use super::ownership::{Ownership, Shown};
use crate::bytes::Bytes;
use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::Case;
use crate::history::{KeyValue, ObservedLeader, Observer, Revision};
use crate::replay::Line;
use std::collections::BTreeMap;

/// Examines every leader that was shown.
pub(super) fn examine(
    case: &Case<'_>,
    line: &Line,
    owners: &BTreeMap<&Bytes, Ownership<'_>>,
    findings: &mut Findings,
) {
    if case.history.observers.is_empty() {
        return;
    }
    let answered = Answered::of(case);
    let elections: BTreeMap<&Bytes, Election<'_>> =
        owners.iter().map(|(name, under)| (*name, Election::of(under))).collect();
    for (index, observer) in case.history.observers.iter().enumerate() {
        findings.examined += observer.frames.len() as u64;
        let judge = Examination { case, line, index, observer, election: &elections[&observer.name] };
        let floor = answered.before(observer.invoke_ns);
        if let Some((first, last, evidence)) = judge.wrong(floor) {
            findings.report(is_certain(case, line, &observer.name, first, last), evidence);
        }
    }
}

/// The leaders of one election, as shown to an observer from the beginning that misses nothing.
struct Election<'l> {
    under: &'l Ownership<'l>,
    shown: Vec<Shown<'l>>,
    /// The positions of the leaders, by revision and key.
    places: BTreeMap<(Revision, &'l Bytes), usize>,
}

impl<'l> Election<'l> {
    fn of(under: &'l Ownership<'l>) -> Self {
        let shown = under.shown();
        let places =
            shown.iter().enumerate().map(|(at, one)| ((one.kv.mod_revision, &one.kv.key), at)).collect();
        Election { under, shown, places }
    }

    /// The position of a leader, if it ever led like this.
    fn place(&self, kv: &KeyValue) -> Option<usize> {
        let place = self.places.get(&(kv.mod_revision, &kv.key)).copied();
        place.filter(|place| self.shown[*place].kv.agrees(kv))
    }

    /// The one that is present at a revision, or else the next.
    fn present_at(&self, revision: Revision) -> usize {
        let next = self.shown.partition_point(|one| one.from <= revision);
        let last = next.checked_sub(1);
        last.filter(|last| revision < self.under.lives[self.shown[*last].life].deleted).unwrap_or(next)
    }
}

/// The revisions that had been answered, by time.
struct Answered(Vec<(u64, Revision)>);

impl Answered {
    fn of(case: &Case<'_>) -> Self {
        let binding = case.history.operations.iter().filter(|operation| !operation.request.is_serializable());
        let answer = |operation: &crate::history::Operation| {
            Some((operation.return_ns?, operation.response()?.header().revision))
        };
        let mut answers: Vec<_> = binding.filter_map(answer).collect();
        answers.sort_unstable();
        let mut highest = 0;
        for (_, revision) in &mut answers {
            highest = highest.max(*revision);
            *revision = highest;
        }
        Answered(answers)
    }

    /// The highest that was answered before a moment.
    fn before(&self, at_ns: u64) -> Revision {
        let count = self.0.partition_point(|(answered_ns, _)| *answered_ns < at_ns);
        count.checked_sub(1).map_or(1, |last| self.0[last].1)
    }
}

/// The examination of one observer.
struct Examination<'c, 'h> {
    case: &'c Case<'h>,
    line: &'c Line,
    index: usize,
    observer: &'h Observer,
    election: &'c Election<'c>,
}

impl Examination<'_, '_> {
    /// The first frame that is wrong, and the first and last of the revisions that it rests on. `floor`: a revision
    /// that had been answered before the client asked.
    fn wrong(&self, floor: Revision) -> Option<(Revision, Revision, Evidence)> {
        let Election { shown, .. } = self.election;
        let mut before: Option<(usize, usize)> = None;
        let mut first = floor;
        for (at, frame) in self.observer.frames.iter().enumerate() {
            let place = self.election.place(&frame.kv);
            first = first.min(frame.kv.create_revision);
            if let Some((kind, message)) = self.flaw(frame, place, before, floor) {
                let last = frame.revision.max(frame.kv.mod_revision);
                let shown = [at].into_iter().chain(before.map(|(before, _)| before));
                let exhibits = shown.map(|at| Exhibit::observed(self.case.history, self.index, at));
                let writer = self.case.writer(self.line, frame.kv.mod_revision);
                let evidence = Evidence::new(kind, message, exhibits.chain(writer).collect());
                return Some((first, last, evidence));
            }
            let place = place?;
            first = first.min(shown[place].from);
            before = Some((at, place));
        }
        None
    }

    /// The flaw of a frame, if any. `before`: the frame before it and its place.
    fn flaw(
        &self,
        frame: &ObservedLeader,
        place: Option<usize>,
        before: Option<(usize, usize)>,
        floor: Revision,
    ) -> Option<(&'static str, String)> {
        let Election { shown, .. } = self.election;
        let (of, revision) = (Leader(&frame.kv), frame.revision);
        let Some(place) = place else {
            return Some(("not-a-leader", format!("{of} was shown, and never led {}", self.observer.name)));
        };
        let from = shown[place].from;
        if revision < from {
            return Some((
                "too-early",
                format!("{of} was shown at revision {revision}, and led from {from} on"),
            ));
        }
        let Some((earlier, last)) = before else {
            let is_stale = place < self.election.present_at(floor);
            return is_stale.then(|| {
                ("stale-leader", format!("{of} was shown, and revision {floor} had been answered before"))
            });
        };
        let earlier = self.observer.frames[earlier].revision;
        if place <= last {
            return Some(("earlier-leader", format!("{of} was shown again, or after a later one")));
        }
        if revision < earlier {
            return Some((
                "earlier-revision",
                format!("a leader was shown at {earlier}, the next at {revision}"),
            ));
        }
        let is_skipped = place > last + 1 && !self.may_skip(last, place, frame);
        is_skipped.then(|| {
            let missed = Leader(shown[last + 1].kv);
            ("skipped-leader", format!("{of} was shown, and {missed} before it was not"))
        })
    }

    /// True if a compaction can have taken away what came after one, so that the newest is shown next.
    fn may_skip(&self, last: usize, place: usize, frame: &ObservedLeader) -> bool {
        let Election { shown, .. } = self.election;
        let is_newest = shown.get(place + 1).is_none_or(|later| frame.revision < later.from);
        let compacted = self.case.compactions().highest_possible(frame.received_ns);
        is_newest && shown[last].from + 1 < compacted
    }
}

/// A leader and what it proclaimed, to tell of.
struct Leader<'k>(&'k KeyValue);

impl std::fmt::Display for Leader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} = {} of revision {}", self.0.key, self.0.value, self.0.mod_revision)
    }
}
