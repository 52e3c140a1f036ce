//! Walks the line from its beginning, makes each revision again, and looks whether all that was answered
//! and seen agrees.
//!
//! For a revision without an answered writer, that several unknown operations can have made, the walk
//! tries them, and comes back when a later revision shows that it was wrong. Real histories leave such
//! gaps rarely: a watch or a read that saw the revision names the writer.

use super::ahead::{Ahead, Silence};
use super::candidates::CandidateWriters;
use super::claim;
use super::deeds::Deeds;
use super::facts::Facts;
use super::first_seen::Shown;
use super::flaw::Flaw;
use super::maker::Maker;
use super::owners::{Owners, Past};
use super::past_range::past_ranges;
use super::positions::Floor;
use super::range;
use super::readers::Readers;
use super::sighting::{Sighting, Sightings};
use super::state::{Change, StoreState};
use super::tenure::Tenure;
use crate::history::{Header, History, MemberId, Operation, Request, Response, Revision};
use crate::lease_times::LeaseTimes;
use crate::search::Stop;
use std::collections::BTreeMap;

mod choice;
mod culprits;

use culprits::Keys;

/// The input of the walk.
pub(super) struct Known<'h> {
    pub(super) history: &'h History,
    pub(super) floors: &'h [Option<Floor>],
    /// By revision, the answered operation that made it.
    pub(super) answered: Vec<Option<usize>>,
    /// By revision, the operations that must show its state.
    pub(super) readers: Readers,
    pub(super) sightings: Sightings<'h>,
    pub(super) candidates: CandidateWriters<'h>,
    pub(super) deeds: Deeds<'h>,
    /// The facts that no way to fill the gaps can change. This and the next four say nothing where every revision has
    /// an answered maker.
    pub(super) facts: Facts<'h>,
    pub(super) ahead: Ahead<'h>,
    pub(super) silence: Silence<'h>,
    pub(super) tenure: Tenure<'h>,
    pub(super) owners: Owners<'h>,
    /// By operation of unknown outcome, the revision that no other can have made, if there is one; 0 otherwise.
    pub(super) reserved: Vec<Revision>,
    /// By revision, when it was first known to be there. Empty where every revision has an answered maker.
    pub(super) first_seen: Vec<Option<(u64, Shown)>>,
    /// The times at which leases were alive. Empty where none can have expired.
    pub(super) leases: LeaseTimes,
    pub(super) end: Revision,
    /// True if to stop now.
    pub(super) stop: Option<Stop<'h>>,
}

/// The result of the walk.
pub(super) struct Walked {
    /// By revision, who made it.
    pub(super) makers: Vec<Option<Maker>>,
    /// By revision, whether there is no other candidate writer, given who made those before it.
    pub(super) sole: Vec<bool>,
    /// The first revision whose maker was chosen among several.
    pub(super) guessed_from: Revision,
    /// Up to here, no way to fill the gaps agrees with all that was told.
    pub(super) refuted: Revision,
    /// Up to here, no way to fill the gaps agrees with what locks, campaigns and leases were answered as well; 0 where
    /// that is not known.
    pub(super) disowned: Revision,
    /// From here on, there were more ways to fill the gaps than could be tried.
    pub(super) untried_from: Revision,
    /// Every change, in order.
    pub(super) changes: Vec<Change>,
    /// By revision, where its changes begin.
    pub(super) starts: Vec<usize>,
    pub(super) flaws: Vec<Flaw>,
    /// By flaw, whether it follows from facts alone.
    sure: Vec<bool>,
    /// The number of flaws that stand whatever fills the gaps. The others are only those of one way to fill
    /// them: there were more than could be tried.
    pub(super) proven: usize,
}

/// A revision that several unknown operations can have made.
struct Gap {
    revision: Revision,
    candidates: Vec<Maker>,
    /// The keys that each of them changes.
    keys: Vec<Keys>,
    /// The keys of the contradictions that the tried ones led to.
    blamed: Keys,
    /// The position of the one being tried.
    tried: usize,
}

struct Walk<'k, 'h> {
    known: &'k Known<'h>,
    state: StoreState,
    used: Vec<bool>,
    deeds_done: Vec<bool>,
    out: Walked,
    gaps: Vec<Gap>,
    /// The fillings of the gaps up to `settled`, because nothing explains more of the history.
    forced: BTreeMap<Revision, Maker>,
    settled: Revision,
    /// Up to here, no way pleases serializable reads and watches: only what binds an order counts.
    lenient: Revision,
    /// Up to here, no way pleases locks, campaigns and leases: what they were answered does not count.
    waived: Revision,
    /// The way that came furthest before that.
    hint: BTreeMap<Revision, Maker>,
    /// By revision, whether what it did contradicts what was seen, or was not.
    conflicts: Vec<bool>,
    /// The same for what locks, campaigns and leases were answered.
    disputes: Vec<bool>,
    /// By revision, how many flaws there were before it.
    flaws_before: Vec<usize>,
    /// The way that came furthest, and how far.
    best: (Revision, BTreeMap<Revision, Maker>),
    steps_left: usize,
    steps_max: usize,
    /// Of these, those that are not spent on pleasing locks, campaigns and leases.
    steps_kept: usize,
    /// True if gaps were left out on the way back that do not seem to matter.
    jumped: bool,
    /// Up to here, none is left out.
    thorough: Revision,
    scratch: Vec<Change>,
}

/// The answered revisions between two calls of [`Known::stop`].
const REVISIONS_BETWEEN_STOPS: Revision = 64;

/// Walks the line; or says how far it came before it was stopped.
pub(super) fn walk(known: &Known<'_>) -> Result<Walked, String> {
    let revisions = usize::try_from(known.end).unwrap_or(0) + 1;
    let mut walk = Walk {
        known,
        state: StoreState::default(),
        used: vec![false; known.history.operations.len()],
        deeds_done: vec![false; known.deeds.len()],
        out: Walked {
            makers: vec![None; revisions],
            sole: vec![true; revisions],
            guessed_from: Revision::MAX,
            refuted: 0,
            disowned: 0,
            untried_from: Revision::MAX,
            changes: Vec::new(),
            starts: vec![0; revisions + 1],
            flaws: Vec::new(),
            sure: Vec::new(),
            proven: usize::MAX,
        },
        gaps: Vec::new(),
        forced: BTreeMap::new(),
        settled: 0,
        lenient: 0,
        waived: 0,
        hint: BTreeMap::new(),
        conflicts: vec![false; revisions],
        disputes: vec![false; revisions],
        flaws_before: vec![0; revisions],
        best: (0, BTreeMap::new()),
        steps_left: 10 * revisions + 125_000,
        steps_max: 10 * revisions + 125_000,
        steps_kept: 8 * revisions + 100_000,
        jumped: false,
        thorough: 0,
        scratch: Vec::new(),
    };
    let mut revision = 1;
    while revision <= known.end {
        // To fill a gap can take long.
        let may_ask = known.answered[at(revision)].is_none() || revision % REVISIONS_BETWEEN_STOPS == 0;
        if may_ask && known.stop.is_some_and(|stop| stop()) {
            let (reached, end) = (walk.best.0.max(revision) - 1, known.end);
            return Err(format!("stopped by the caller when {reached} of {end} revisions were explained"));
        }
        walk.step(revision);
        revision = match !walk.gaps.is_empty() && walk.is_flawed(revision) {
            true => walk.another_way(revision),
            false => revision + 1,
        };
    }
    walk.out.refuted = walk.lenient;
    Ok(walk.out.in_order())
}

impl Walked {
    /// The flaws that stand first.
    fn in_order(mut self) -> Self {
        let proven = self.proven.min(self.flaws.len());
        let unproven: Vec<_> = self.flaws.drain(proven..).zip(self.sure.drain(proven..)).collect();
        let (sure, guessed): (Vec<_>, Vec<_>) = unproven.into_iter().partition(|(_, is_sure)| *is_sure);
        self.proven = proven + sure.len();
        self.flaws.extend(sure.into_iter().chain(guessed).map(|(flaw, _)| flaw));
        self
    }
}

fn header(revision: Revision) -> Header {
    Header { member: MemberId(0), revision, term: 0 }
}

/// The first sighting of each key, which is believed.
fn first_of_each_key<'s, 'h>(seen: &'s [Sighting<'h>]) -> impl Iterator<Item = (usize, &'s Sighting<'h>)> {
    let first = |(at, one): &(usize, &Sighting<'_>)| seen[..*at].iter().all(|two| two.key != one.key);
    seen.iter().enumerate().filter(first)
}

fn at(revision: Revision) -> usize {
    usize::try_from(revision).unwrap_or(0)
}

impl Walk<'_, '_> {
    fn step(&mut self, revision: Revision) {
        self.steps_left = self.steps_left.saturating_sub(1);
        self.flaws_before[at(revision)] = self.out.flaws.len();
        let start = self.out.changes.len();
        self.out.starts[at(revision)] = start;
        match self.known.answered[at(revision)] {
            Some(writer) => self.write(revision, writer),
            // The empty store is at revision 1.
            None if revision == 1 => {}
            None => self.fill(revision),
        }
        self.out.starts[at(revision) + 1] = self.out.changes.len();
        self.compare_sightings(revision, start);
        self.conflicts[at(revision)] = !self.gaps.is_empty() && self.is_contradicted(revision, start);
        self.disputes[at(revision)] =
            !self.gaps.is_empty() && revision > self.waived && self.is_disputed(revision, start);
        for reader in self.known.readers.at(revision) {
            match reader.part {
                None => self.read(revision, reader.operation),
                Some(part) => self.read_part(revision, reader.operation, part),
            }
        }
    }

    /// True if something at a revision speaks against the way there.
    fn is_flawed(&self, revision: Revision) -> bool {
        let operations = &self.known.history.operations;
        let before = self.flaws_before[at(revision)];
        let mut guessed = self.out.flaws[before..].iter().zip(&self.out.sure[before..]);
        self.disputes[at(revision)] && revision > self.waived
            || self.conflicts[at(revision)] && revision > self.lenient
            || guessed.any(|(flaw, is_sure)| match flaw {
                _ if *is_sure => false,
                Flaw::NoWriter { .. } | Flaw::TwoWriters { .. } => true,
                Flaw::WrongResponse { operation, .. } | Flaw::WrongPast { operation, .. } => {
                    revision > self.lenient || !operations[*operation].request.is_serializable()
                }
                Flaw::SeenOtherwise { .. } => revision > self.lenient,
            })
    }

    /// True if what a revision did contradicts what was seen of it or later, or what was not.
    fn is_contradicted(&self, revision: Revision, start: usize) -> bool {
        let Known { facts, ahead, .. } = self.known;
        let is_guessed = self.known.answered[at(revision)].is_none();
        let is_wrong = |change: &Change| {
            ahead.is_otherwise(revision, change)
                || is_guessed && ahead.refuses(facts, revision, &change.key, change.after.as_ref())
                || !facts.wrote(revision, &change.key) && self.is_hidden(revision, change)
        };
        self.out.changes[start..].iter().any(is_wrong)
            || is_guessed
                && self.out.makers[at(revision)].is_some_and(|maker| self.speaks_against(revision, maker))
    }

    /// True if what a revision did contradicts what locks, campaigns and leases were answered.
    fn is_disputed(&self, revision: Revision, start: usize) -> bool {
        let Known { history, facts, tenure, owners, deeds, .. } = self.known;
        let maker = self.out.makers[at(revision)];
        let is_guessed = self.known.answered[at(revision)].is_none();
        let ended = maker.and_then(|maker| self.ended_by(maker));
        let answered = match maker {
            Some(Maker::Operation(index)) => Some(index),
            Some(Maker::Deed(index)) => Some(deeds.get(index).operation),
            Some(Maker::RunOut(_)) | None => None,
        };
        let operation = answered.map(|index| &history.operations[index]);
        let is_own = |operation: &&Operation| {
            operation.response().is_some_and(|response| response.header().revision == revision)
        };
        let asked_ns = operation.filter(is_own).map(|operation| operation.invoke_ns);
        let past = Past { state: &self.state, changes: &self.out.changes, starts: &self.out.starts };
        is_guessed && tenure.denies(facts, revision, &self.out.changes[start..], ended)
            || owners.contradict(revision, past, asked_ns)
    }

    fn flaw(&mut self, flaw: Flaw) {
        let Known { facts, history, .. } = self.known;
        let is_sure = match &flaw {
            Flaw::WrongResponse { operation, .. } | Flaw::WrongPast { operation, .. } => {
                facts.refute_answer(&history.operations[*operation])
            }
            Flaw::NoWriter { .. } | Flaw::TwoWriters { .. } | Flaw::SeenOtherwise { .. } => false,
        };
        self.out.flaws.push(flaw);
        self.out.sure.push(is_sure);
    }

    /// Makes an answered write again.
    fn write(&mut self, revision: Revision, writer: usize) {
        let operation = &self.known.history.operations[writer];
        self.out.makers[at(revision)] = Some(Maker::Operation(writer));
        self.out.sole[at(revision)] = true;
        let expected = self.state.apply(&operation.request, revision, &mut self.out.changes);
        self.compare(revision, writer, expected);
    }

    /// Answers again what changed nothing.
    fn read(&mut self, revision: Revision, reader: usize) {
        let operation = &self.known.history.operations[reader];
        let request = &operation.request;
        if let Request::Range(range) = request {
            let shows = |got: &Response| match got {
                Response::Range(got) => range::shows(range, got, || self.state.of(range)),
                _ => false,
            };
            if !operation.response().is_some_and(shows) {
                let expected =
                    Some(Response::Range(range::answer(range, self.state.of(range), header(revision))));
                self.flaw(Flaw::WrongResponse { operation: reader, revision, expected });
            }
            return;
        }
        let mut changes = std::mem::take(&mut self.scratch);
        let expected = self.state.apply(request, revision + 1, &mut changes);
        self.state.undo(&changes);
        let agrees = changes.is_empty() && self.agrees(reader, request, expected.as_ref());
        if !agrees {
            self.flaw(Flaw::WrongResponse { operation: reader, revision, expected });
        }
        changes.clear();
        self.scratch = changes;
    }

    /// Answers again one range of a txn that asks for this revision.
    fn read_part(&mut self, revision: Revision, operation: usize, part: usize) {
        let parts = past_ranges(&self.known.history.operations[operation]);
        let request = parts[part].request;
        if !range::shows(request, parts[part].response, || self.state.of(request)) {
            self.flaw(Flaw::WrongPast { operation, part, revision });
        }
    }

    fn compare(&mut self, revision: Revision, operation: usize, expected: Option<Response>) {
        let request = &self.known.history.operations[operation].request;
        let agrees = self.agrees(operation, request, expected.as_ref());
        if !agrees {
            self.flaw(Flaw::WrongResponse { operation, revision, expected });
        }
    }

    fn agrees(&self, operation: usize, request: &Request, expected: Option<&Response>) -> bool {
        let got = self.known.history.operations[operation].response();
        matches!((got, expected), (Some(got), Some(expected)) if claim::agrees(request, got, expected))
    }

    /// Finds the maker of an unanswered revision.
    fn fill(&mut self, revision: Revision) {
        let (candidate, is_sole) = match self.gaps.last() {
            Some(gap) if gap.revision == revision => (Some(gap.candidates[gap.tried]), false),
            _ => self.choose(revision),
        };
        self.out.sole[at(revision)] = is_sole;
        let seen = self.known.sightings.at(revision);
        let Some(candidate) = candidate else {
            let witness = seen.first().map(|seen| seen.witness);
            self.flaw(Flaw::NoWriter { revision, seen: witness });
            // Go on from what was seen.
            for (_, seen) in first_of_each_key(seen) {
                let change = self.state.set(seen.key, seen.kv.cloned());
                self.out.changes.push(change);
            }
            return;
        };
        let mut changes = std::mem::take(&mut self.out.changes);
        self.carry_out(candidate, revision, seen, &mut changes);
        self.out.changes = changes;
        self.out.makers[at(revision)] = Some(candidate);
        self.mark(candidate, true);
    }

    fn compare_sightings(&mut self, revision: Revision, start: usize) {
        for seen in self.known.sightings.at(revision) {
            // A txn may change a key twice: each of that may be seen.
            let of_key = || self.out.changes[start..].iter().filter(|change| change.key == *seen.key);
            if !of_key().any(|change| seen.shows(change.after.as_ref())) {
                let another = !of_key().any(|change| seen.shows_value(change.after.as_ref()));
                self.out.flaws.push(Flaw::SeenOtherwise { revision, witness: seen.witness, another });
                let is_sure = self.known.facts.refute(revision, seen.key, seen.kv, seen.with_value);
                self.out.sure.push(is_sure);
            }
        }
    }

    /// Takes the line back to the last gap that can be filled otherwise; says where to go on.
    fn another_way(&mut self, revision: Revision) -> Revision {
        if revision > self.best.0 {
            let way = self.gaps.iter().map(|gap| (gap.revision, gap.candidates[gap.tried])).collect();
            self.best = (revision, way);
        }
        let first = self.gaps[0].revision;
        // What is spent on pleasing locks, campaigns and leases is not all.
        let is_heard = self.waived < Revision::MAX;
        let spare = if is_heard { self.steps_kept } else { 0 };
        // Half of the steps are for trying every way.
        let hurried = if is_heard { (self.steps_max - self.steps_kept) / 2 } else { self.steps_kept / 2 };
        let may_jump = revision > self.thorough && self.steps_left > spare + hurried;
        let mut blamed = self.culprits(revision);
        while let Some(gap) = self.gaps.last_mut() {
            gap.blamed = gap.blamed.and(blamed);
            let is_open = gap.tried + 1 < gap.candidates.len() && self.steps_left > spare;
            let matters = !may_jump || gap.keys[gap.tried..].iter().any(|keys| keys.meet(blamed));
            if is_open && matters {
                gap.tried += 1;
                let back = gap.revision;
                self.take_back(back, revision);
                return back;
            }
            match is_open {
                true => self.jumped = true,
                false => blamed = gap.blamed,
            }
            self.gaps.pop();
        }
        if self.jumped && self.steps_left > spare {
            self.jumped = false;
            self.thorough = self.best.0;
            self.take_back(first, revision);
            return first;
        }
        self.jumped = false;
        let (reached, mut way) = std::mem::take(&mut self.best);
        if is_heard && (reached > self.waived || self.steps_left <= spare) {
            // Perhaps only what is said of locks, campaigns and leases is wrong.
            match self.steps_left > spare {
                true => (self.waived, self.out.disowned) = (reached, reached),
                false => self.waived = Revision::MAX,
            }
            self.hint.append(&mut way);
        } else if reached > self.lenient && self.steps_left > 0 {
            // Perhaps only a serializable read or a watch is wrong, and nothing can please it.
            self.lenient = reached;
            self.hint.append(&mut way);
        } else {
            // No way explains it: settle for the one that came furthest.
            if self.steps_left == 0 {
                self.out.proven = self.out.proven.min(self.flaws_before[at(first)]);
                self.out.untried_from = self.out.untried_from.min(first);
            }
            self.settled = reached;
            self.forced.extend(way);
        }
        self.take_back(first, revision);
        first
    }

    /// Undoes the line from `revision` on, up to where it came.
    fn take_back(&mut self, revision: Revision, end: Revision) {
        let start = self.out.starts[at(revision)];
        self.state.undo(&self.out.changes[start..]);
        self.out.changes.truncate(start);
        self.out.flaws.truncate(self.flaws_before[at(revision)]);
        self.out.sure.truncate(self.flaws_before[at(revision)]);
        for at in at(revision)..=at(end) {
            if let Some(maker) = self.out.makers[at].take() {
                self.mark(maker, false);
            }
        }
    }
}
