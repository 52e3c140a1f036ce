//! The one line of revisions that a history tells of.

use super::ahead::{Ahead, Silence};
use super::answered_writes::claims;
use super::candidates::CandidateWriters;
use super::ceilings::Ceilings;
use super::coverage::Coverage;
use super::deeds::Deeds;
use super::facts::Facts;
use super::first_seen::first_seen;
use super::flaw::Flaw;
use super::maker::Maker;
use super::owners::Owners;
use super::positions::{Floor, floors};
use super::readers::Readers;
use super::sighting::Sightings;
use super::span::Span;
use super::state::Change;
use super::tenure::Tenure;
use super::walk::{Known, Walked, walk};
use crate::bytes::Bytes;
use crate::history::{History, Revision};
use crate::lease_times::LeaseTimes;
use crate::search::Budget;
use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;
use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

/// Looked up, never walked through: its order does not show.
type FxHashMap<K, V> = HashMap<K, V, FxBuildHasher>;

/// Every revision with what it changed and who made it, and what of the history does not fit.
pub(crate) struct Line {
    /// For each operation, the highest place that was answered before it.
    pub(crate) floors: Vec<Option<Floor>>,
    /// For each watch, the revisions it answers for.
    pub(crate) coverages: Vec<Option<Coverage>>,
    /// The flaws, in the order of the line.
    pub(crate) flaws: Vec<Flaw>,
    /// The number of flaws that are certain.
    pub(crate) proven: usize,
    /// The last revision that anything but a serializable read saw.
    pub(crate) last: Revision,
    /// By revision, how many keys of it were seen.
    seen: Vec<u8>,
    writers: Vec<Option<usize>>,
    /// By revision, whether there is no other candidate writer.
    certain: Vec<bool>,
    /// By revision, whether there is no other candidate writer, given who made those before it.
    sole: Vec<bool>,
    /// By change, whether it was seen, or answers alone tell of it.
    told: Vec<bool>,
    /// The first revision whose maker was chosen among several.
    guessed_from: Revision,
    /// Up to here, no way to fill the gaps agrees with all that was told.
    refuted: Revision,
    /// Up to here, no way to fill the gaps agrees with what locks, campaigns and leases were answered as well.
    disowned: Revision,
    /// From here on, there were more ways to fill the gaps than could be tried.
    untried_from: Revision,
    /// The revisions and keys of events that answers alone refute, or what they say was before.
    refuted_events: BTreeSet<(Revision, Bytes)>,
    /// The leases that ran out, by the revision of that.
    run_out: BTreeMap<Revision, i64>,
    starts: Vec<usize>,
    changes: Vec<Change>,
    by_key: FxHashMap<Bytes, Vec<usize>>,
}

impl Line {
    /// Reads the line from a history; or says why that is not possible within the budget.
    pub(crate) fn within(history: &History, budget: &Budget<'_>) -> Result<Self, String> {
        let floors = floors(history);
        let coverages: Vec<_> = history.watches.iter().map(Coverage::of).collect();
        let candidates = CandidateWriters::of(history);
        let ceilings = LazyCell::new(|| Ceilings::of(history, |_, _| false));
        let deeds = Deeds::of(history, &ceilings);
        let unanswered = candidates.count() + deeds.revisions_at_most();
        let (writes, claims) = claims(history)?;
        // Where the history may begin later than the store, it is read as if it did not as long as that can be.
        if let Some((first, _)) = writes.first()
            && *first - 2 > unanswered as Revision
            && !history.begins_with_store()
        {
            return Err(format!(
                "the history does not begin with the store: its first write is at revision {first}"
            ));
        }
        // One revision more than there can be is enough to show that one is too many.
        let most = 2 + (writes.len() + unanswered) as Revision;
        let last = claims.strong.min(most);
        let end = claims.weak.max(last).min(most);

        let mut answered = vec![None; index(end) + 1];
        let mut doubles = Vec::new();
        for (revision, writer) in writes.into_iter().filter(|(revision, _)| *revision <= end) {
            if revision < 2 {
                // The empty store is at revision 1: nothing was ever written there.
                doubles.push(Flaw::WrongResponse { operation: writer, revision, expected: None });
                continue;
            }
            match answered[index(revision)] {
                Some(first) => doubles.push(Flaw::TwoWriters { revision, first, second: writer }),
                None => answered[index(revision)] = Some(writer),
            }
        }
        let sightings = Sightings::of(history, end);
        let is_whole = unanswered == 0;
        let facts = if is_whole { Facts::default() } else { Facts::of(history, &answered) };
        let mut reserved = vec![0; history.operations.len()];
        for revision in (2..=end).filter(|revision| answered[index(*revision)].is_none()) {
            let seen = sightings.at(revision);
            if let Some(sole) = candidates.sole(&floors, revision, seen)
                && !seen.iter().any(|seen| deeds.may_put(seen.key))
            {
                reserved[sole] = revision;
            }
        }
        let is_plain = deeds.revisions_at_most() == 0;
        let may_delete = |key: &Bytes| !is_plain || candidates.may_delete(history, key);
        let ahead = if is_whole { Ahead::default() } else { Ahead::of(history, &facts, may_delete) };
        let leases = if deeds.may_run_out() { LeaseTimes::of(history) } else { LeaseTimes::default() };
        let (mut tenure, mut owners) = (Tenure::default(), Owners::default());
        if !is_whole {
            tenure = Tenure::of(history, &floors, &ceilings, &leases, end);
            owners = Owners::of(history, &floors, &ceilings, end);
        }
        let known = Known {
            history,
            floors: &floors,
            readers: Readers::of(history),
            sightings,
            leases,
            tenure,
            owners,
            candidates,
            deeds,
            ahead,
            silence: Silence::of(history, &coverages),
            facts,
            reserved,
            first_seen: if is_whole { Vec::new() } else { first_seen(history, end) },
            answered,
            end,
            stop: budget.stop,
        };
        let mut line = Line::new(walk(&known)?, &known, last);
        line.seen = known.sightings.counts();
        line.refuted_events = known.ahead.into_refuted();
        line.proven += doubles.len();
        line.flaws.splice(0..0, doubles);
        Ok(Line { floors, coverages, ..line })
    }

    fn new(walked: Walked, known: &Known<'_>, last: Revision) -> Self {
        let mut run_out = BTreeMap::new();
        let writer = |(revision, maker): (usize, &Option<Maker>)| match maker {
            Some(Maker::Operation(index)) => Some(*index),
            Some(Maker::Deed(index)) => Some(known.deeds.get(*index).operation),
            Some(Maker::RunOut(lease)) => {
                run_out.insert(revision as Revision, *lease);
                None
            }
            None => None,
        };
        // What an answer tells is certain. What was chosen rests on all that was chosen before it.
        let mut is_open = false;
        let is_certain = |(answered, is_sole): (&Option<usize>, &bool)| {
            is_open |= !is_sole;
            answered.is_some() || !is_open
        };
        let certain = known.answered.iter().zip(&walked.sole).map(is_certain).collect();
        let mut told = vec![true; walked.changes.len()];
        for revision in walked.guessed_from.min(known.end + 1)..=known.end {
            let seen = known.sightings.at(revision);
            let (from, to) = (walked.starts[index(revision)], walked.starts[index(revision) + 1]);
            for (told, Change { key, .. }) in told[from..to].iter_mut().zip(&walked.changes[from..to]) {
                *told = known.facts.wrote(revision, key) || seen.iter().any(|seen| seen.key == key);
            }
        }
        let writers = walked.makers.iter().enumerate().map(writer).collect();
        let mut by_key: FxHashMap<Bytes, Vec<usize>> = FxHashMap::default();
        for (at, change) in walked.changes.iter().enumerate() {
            match by_key.get_mut(&change.key) {
                Some(changes) => changes.push(at),
                None => drop(by_key.insert(change.key.clone(), vec![at])),
            }
        }
        Line {
            floors: Vec::new(),
            coverages: Vec::new(),
            flaws: walked.flaws,
            proven: walked.proven,
            last,
            seen: Vec::new(),
            writers,
            certain,
            told,
            sole: walked.sole,
            guessed_from: walked.guessed_from,
            refuted: walked.refuted,
            disowned: walked.disowned,
            untried_from: walked.untried_from,
            refuted_events: BTreeSet::new(),
            run_out,
            starts: walked.starts,
            changes: walked.changes,
            by_key,
        }
    }

    /// The last revision it holds.
    pub(crate) fn end(&self) -> Revision {
        self.writers.len() as Revision - 1
    }

    /// The leases that ran out with keys attached to them, by the revision that deleted those.
    pub(crate) fn run_out(&self) -> &BTreeMap<Revision, i64> {
        &self.run_out
    }

    /// The operation that made a revision, where there is one. Where there is none a lease ran out, or the line
    /// has a flaw.
    pub(crate) fn writer(&self, revision: Revision) -> Option<usize> {
        self.writers.get(usize::try_from(revision).ok()?).copied().flatten()
    }

    /// True if only the maker that the line names can have made a revision: an answer says so, or nothing
    /// and no other was possible there. Only such a maker can be blamed.
    pub(crate) fn is_certain(&self, revision: Revision) -> bool {
        usize::try_from(revision).ok().and_then(|at| self.certain.get(at)).is_some_and(|certain| *certain)
    }

    /// True if only one maker of a revision is possible, given who made those before it.
    pub(crate) fn is_sole(&self, revision: Revision) -> bool {
        usize::try_from(revision).ok().and_then(|at| self.sole.get(at)).is_some_and(|is_sole| *is_sole)
    }

    /// True if there were more ways to fill the gaps than could be tried.
    pub(crate) fn is_untried(&self) -> bool {
        self.untried_from <= self.end() || self.proven < self.flaws.len()
    }

    /// True if the state at a revision is no guess: nothing up to it was chosen among several, or every other choice
    /// fails as well. Then whatever does not agree with it is wrong.
    pub(crate) fn is_settled(&self, revision: Revision) -> bool {
        revision < self.guessed_from || revision <= self.refuted && revision < self.untried_from
    }

    /// True if no way to fill the gaps up to a revision agrees with what locks, campaigns and leases were answered,
    /// and one agrees with all else.
    pub(crate) fn is_disowned(&self, revision: Revision) -> bool {
        (self.refuted + 1..=self.disowned).contains(&revision) && revision < self.untried_from
    }

    /// True if an event of a key, with what it says was before, is wrong whoever made what.
    pub(crate) fn is_refuted(&self, revision: Revision, key: &Bytes) -> bool {
        self.is_settled(revision) || self.refuted_events.contains(&(revision, key.clone()))
    }

    /// True if it is known that a revision did this, or something like it, and is no guess: it was seen, answers
    /// alone tell of it, or the state there is settled.
    pub(crate) fn is_known(&self, revision: Revision, change: &Change) -> bool {
        self.is_settled(revision)
            || (1..=self.end()).contains(&revision)
                && self
                    .changes(revision)
                    .iter()
                    .position(|other| other.key == change.key)
                    .is_some_and(|at| self.told[self.starts[index(revision)] + at])
    }

    /// [`Line::writer`], if that is certain.
    pub(crate) fn certain_writer(&self, revision: Revision) -> Option<usize> {
        self.writer(revision).filter(|_| self.is_certain(revision))
    }

    /// The first revision that no request made, or more than one; up to it the states are those of the
    /// requests alone.
    pub(crate) fn sound_before(&self) -> Revision {
        let unsound = self.flaws.iter().filter_map(|flaw| match flaw {
            Flaw::NoWriter { revision, .. } | Flaw::TwoWriters { revision, .. } => Some(*revision),
            Flaw::WrongResponse { .. } | Flaw::WrongPast { .. } | Flaw::SeenOtherwise { .. } => None,
        });
        unsound.min().unwrap_or(Revision::MAX)
    }

    /// The number of keys of a revision that were seen.
    pub(crate) fn seen(&self, revision: Revision) -> usize {
        usize::try_from(revision).ok().and_then(|at| self.seen.get(at)).copied().unwrap_or(0).into()
    }

    /// The changes of a revision.
    pub(crate) fn changes(&self, revision: Revision) -> &[Change] {
        match (1..=self.end()).contains(&revision) {
            true => &self.changes[self.starts[index(revision)]..self.starts[index(revision) + 1]],
            false => &[],
        }
    }

    /// The first change that a revision made to a key, if any.
    pub(crate) fn change(&self, revision: Revision, key: &Bytes) -> Option<&Change> {
        self.changes(revision).iter().find(|change| change.key == *key)
    }

    /// The put of a key by a revision; its first change to the key, if it did not put it.
    pub(crate) fn put(&self, revision: Revision, key: &Bytes) -> Option<&Change> {
        let of_key = || self.changes(revision).iter().filter(|change| change.key == *key);
        of_key().find(|change| change.after.is_some()).or_else(|| of_key().next())
    }

    /// True if a revision changed a key more than once.
    pub(crate) fn rewrites(&self, revision: Revision, key: &Bytes) -> bool {
        self.changes(revision).iter().filter(|change| change.key == *key).count() > 1
    }

    /// True if the revision of a change of this line changed the same key once more after it.
    pub(crate) fn is_overtaken(&self, revision: Revision, change: &Change) -> bool {
        let after = self.changes(revision).iter().skip_while(|one| !std::ptr::eq(*one, change)).skip(1);
        after.into_iter().any(|later| later.key == change.key)
    }

    /// The last revision up to `revision` that changed a key.
    pub(crate) fn last_change(&self, key: &Bytes, revision: Revision) -> Option<(Revision, &Change)> {
        let changes = self.by_key.get(key)?;
        let up_to = self.starts[index(revision.clamp(0, self.end())) + 1];
        let at = changes[..changes.partition_point(|at| *at < up_to)].last()?;
        let revision = self.starts.partition_point(|start| start <= at) as Revision - 1;
        Some((revision, &self.changes[*at]))
    }

    /// The changes of a span in `first..=last`, in order, each with its revision.
    pub(crate) fn changes_of(
        &self,
        span: Span<'_>,
        first: Revision,
        last: Revision,
    ) -> Vec<(Revision, &Change)> {
        let (first, last) = (first.max(1), last.min(self.end()));
        if first > last {
            return Vec::new();
        }
        let (from, to) = (self.starts[index(first)], self.starts[index(last) + 1]);
        let revision = |change: &Change, at: usize| match &change.after {
            Some(after) => after.mod_revision,
            None => self.starts.partition_point(|start| *start <= at) as Revision - 1,
        };
        match span.single() {
            Some(key) => {
                let changes = self.by_key.get(key).map_or(&[][..], Vec::as_slice);
                let changes = &changes[changes.partition_point(|at| *at < from)..];
                let changes = changes.iter().take_while(|at| **at < to);
                changes.map(|at| (revision(&self.changes[*at], *at), &self.changes[*at])).collect()
            }
            None => {
                let changes = self.changes[from..to].iter().enumerate();
                let wanted = changes.filter(|(_, change)| span.contains(&change.key));
                wanted.map(|(at, change)| (revision(change, from + at), change)).collect()
            }
        }
    }
}

fn index(revision: Revision) -> usize {
    usize::try_from(revision).unwrap_or(0)
}
