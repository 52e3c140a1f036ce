//! Takes what comes, and makes one revision after the other.

use super::answer::Run;
use super::clients::Clients;
use super::compactions::Compactions;
use super::gap;
use super::highest::Highest;
use super::observed::Observed;
use super::store::Store;
use super::tally::Tally;
use super::unknown::Unknowns;
use super::waiting::Waiting;
use super::watches::{RevisionsSoFar, Watches};
use super::{Unproven, require};
use crate::guarantee::{self, is_false_no_space};
use crate::history::jsonl::Record;
use crate::history::*;
use crate::replay::{Position, asked, at_least, newest_to_ask_for, past_ranges};
use crate::spec::etcd::{Answer, Etcd};
use crate::verdict::Verdicts;
use stateright::semantics::SequentialSpec;
use std::borrow::Borrow;

/// The most that may wait, for each client and besides, before a gap is filled although some client may
/// still be answered for it.
const PATIENCE: (usize, usize) = (8, 256);
/// After how many more operations it is tried again to fill a gap.
const AGAIN: u64 = 16;

/// Proves a history sound while it is told: [`Proof::record`] takes one thing after the other, each when it is
/// over, and [`Proof::finish`] gives the verdicts. At the first doubt it is of no more use.
pub struct Proof<O = Operation, F = WatchFrame> {
    store: Store,
    clients: Clients,
    /// The highest place that was answered.
    floors: Highest<Position>,
    compactions: Compactions,
    unknowns: Unknowns<O>,
    waiting: Waiting<O>,
    watches: Watches<F>,
    tally: Tally,
    observed: Observed,
    now_ns: u64,
    /// The unanswered revision, and when it is next tried to fill it.
    gap: Option<(Revision, u64)>,
    is_over: bool,
}

impl<O, F> Default for Proof<O, F> {
    fn default() -> Self {
        Proof {
            store: Store::default(),
            clients: Clients::default(),
            floors: Highest::default(),
            compactions: Compactions::default(),
            unknowns: Unknowns::default(),
            waiting: Waiting::default(),
            watches: Watches::default(),
            tally: Tally::default(),
            observed: Observed::default(),
            now_ns: 0,
            gap: None,
            is_over: false,
        }
    }
}

impl Proof {
    /// Something is over: an operation, or a watch with all its frames; or something came of a watch that is
    /// told in pieces; or the host saw something.
    pub fn record(&mut self, record: Record) -> Result<(), Unproven> {
        match record {
            Record::Operation(operation) => {
                let is_of_auth = matches!(operation.request, Request::Auth(_));
                require(!is_of_auth, "who may do what is judged with the whole history")?;
                self.operation(operation)
            }
            Record::Namespace { .. } => Err(Unproven("a client has a namespace")),
            Record::Watch(mut watch) => {
                let frames = std::mem::take(&mut watch.frames);
                self.watch(&watch)?;
                frames.into_iter().try_for_each(|frame| self.frame(watch.id, frame))?;
                if watch.is_over() { self.watch_end(watch.id) } else { Ok(()) }
            }
            Record::Frame { watch, frame } => self.frame(watch, frame),
            Record::WatchEnd { watch, .. } => self.watch_end(watch),
            Record::Observation(Observation::Alarm { .. } | Observation::Members { .. }) => {
                Err(Unproven("alarms and members are judged with the whole history"))
            }
            Record::Observation(observation) => self.observation(&observation),
            Record::Hold(_) | Record::Observer(_) | Record::Admin(_) => {
                Err(Unproven("there is more than operations, watches and observations"))
            }
        }
    }
}

impl<O: Borrow<Operation>, F: Borrow<WatchFrame>> Proof<O, F> {
    /// An operation was answered, refused, or given up.
    pub fn operation(&mut self, given: O) -> Result<(), Unproven> {
        let operation = given.borrow();
        let until_ns = operation.return_ns.unwrap_or(u64::MAX);
        let is_in_order = until_ns >= self.now_ns.max(operation.invoke_ns).max(self.observed.until_ns);
        require(!operation.request.needs_leases(), "a request is of a kind that is not known here")?;
        require(is_in_order, "the history is not in the order in which operations were over")?;
        self.now_ns = until_ns;
        let compacted = self.compactions.highest_certain(operation.invoke_ns)?;
        self.tally.count(operation, compacted.is_some());
        let is_serializable = operation.request.is_serializable();
        let place = Position::of(operation);
        let own = self.clients.note(operation, until_ns, place.filter(|_| !is_serializable))?;
        let floor = self.floors.before(operation.invoke_ns)?.max(own);
        let response = match &operation.outcome {
            Outcome::Ok(response) => response,
            Outcome::Failed(error) => {
                require(operation.return_ns.is_some(), "a refusal has no time")?;
                let is_false = is_false_no_space(&operation.request, error);
                require(!is_false, "what needs no space was refused for lack of it")?;
                self.observed.operation(operation, None);
                let refusal = Refusal::of(error);
                if refusal == Some(Refusal::FutureRev) && is_serializable {
                    self.clients.refused(operation)?;
                }
                return self.refused(operation, refusal, floor, until_ns);
            }
            Outcome::Unknown(_) => {
                self.observed.operation(operation, None);
                if let Request::Compact(compact) = &operation.request {
                    let open = self.waiting.count() + self.unknowns.count() + self.clients.count();
                    let newest = self.store.newest() + open as Revision;
                    require(compact.revision <= newest, "a compaction was asked for that is of the future")?;
                    self.compactions.asked(compact.revision, operation.invoke_ns)?;
                }
                if operation.request.may_write() {
                    self.unknowns.add(given, floor);
                }
                return self.advance();
            }
        };
        let (revision, is_write) = (response.header().revision, modified(response));
        require(operation.return_ns.is_some() && revision >= 1, "an answer lacks its revision or its time")?;
        self.observed.operation(operation, is_write.then_some(revision));
        if !is_serializable {
            require(
                place >= floor && (!is_write || place > floor),
                "an operation stands before an earlier one",
            )?;
            self.floors.note(until_ns, place.unwrap_or_default());
        }
        if is_serializable || operation.request.is_linearizable_read() {
            self.clients.read(operation, revision)?;
        }
        if let Request::Compact(compact) = &operation.request {
            let is_possible =
                compact.revision <= revision && compacted.is_none_or(|at| at < compact.revision);
            require(is_possible, "a compaction was answered that had to be refused")?;
            self.compactions.use_revision(compact.revision.saturating_sub(1), operation.invoke_ns);
            self.compactions.asked(compact.revision, operation.invoke_ns)?;
            self.compactions.answered(compact.revision, until_ns)?;
        }
        let newest = self.store.newest();
        match is_write {
            true if revision == newest + 1 => self.make(operation, revision)?,
            true => {
                require(revision > newest, "a revision was made twice")?;
                self.waiting.write(revision, given)?;
            }
            false if revision <= newest => self.read(operation, revision)?,
            false => self.waiting.read(revision, given)?,
        }
        self.advance()
    }

    /// A watch is asked for. Its frames are not looked at: they come one by one, and before the end.
    pub fn watch(&mut self, watch: &Watch) -> Result<(), Unproven> {
        self.tally.watches += 1;
        self.watches.begin(watch, &mut self.store)
    }

    /// A frame of a watch arrived.
    pub fn frame(&mut self, watch: u64, frame: F) -> Result<(), Unproven> {
        let seen: &WatchFrame = frame.borrow();
        if seen.compact_revision > 0 {
            self.compactions.told_at(seen.compact_revision, seen.received_ns)?;
        }
        let (watches, mut world) = self.world();
        watches.frame(watch, frame, &mut world)
    }

    /// A watch is over.
    pub fn watch_end(&mut self, watch: u64) -> Result<(), Unproven> {
        let (watches, mut world) = self.world();
        watches.end(watch, &mut world)
    }

    /// The host saw something.
    pub fn observation(&mut self, observation: &Observation) -> Result<(), Unproven> {
        self.observed.observation(observation, self.now_ns)
    }

    /// Nothing more comes. The verdicts, all of them that the guarantee holds or that nothing exercised it.
    pub fn finish(mut self) -> Result<Verdicts, Unproven> {
        self.is_over = true;
        self.advance()?;
        require(self.waiting.count() == 0, "a revision was made by nobody, or by one of several")?;
        let unknown_ns = self.unknowns.asked_ns();
        let (watches, mut world) = self.world();
        watches.finish(&mut world, &unknown_ns)?;
        self.compactions.finish()?;
        let (settled, recovered) = self.observed.finish()?;
        let mut verdicts = self.tally.verdicts(&self.store.marks, settled, recovered);
        for (name, verdict) in guarantee::of_observations(&self.observed.history) {
            require(!verdict.is_violated(), "members contradict each other")?;
            verdicts.add(name, verdict);
        }
        Ok(verdicts)
    }

    fn world(&mut self) -> (&mut Watches<F>, RevisionsSoFar<'_>) {
        let world = RevisionsSoFar {
            store: &mut self.store,
            compactions: &mut self.compactions,
            tally: &mut self.tally,
        };
        (&mut self.watches, world)
    }

    /// Goes on as far as it is known who made the next revision.
    fn advance(&mut self) -> Result<(), Unproven> {
        loop {
            let next = self.store.newest() + 1;
            if let Some(write) = self.waiting.take_write(next) {
                self.make(write.borrow(), next)?;
            } else if (self.waiting.count() > 0 || self.watches.needs_more()) && self.may_fill(next) {
                let Proof { store, unknowns, waiting, watches, .. } = self;
                let Some(unknown) = gap::fill(store, unknowns, waiting, watches) else {
                    self.gap = Some((next, self.tally.operations + AGAIN));
                    return Ok(());
                };
                self.made(unknown.operation.borrow().invoke_ns, false)?;
            } else {
                return Ok(());
            }
        }
    }

    /// True if it is time to say that no client will be answered with a revision: who had something open when it
    /// was first missed has asked anew since.
    fn may_fill(&mut self, next: Revision) -> bool {
        let at = match self.gap {
            Some((revision, at)) if revision == next => at,
            _ => {
                self.clients.begin_round(self.now_ns);
                self.gap = Some((next, 0));
                0
            }
        };
        let patience = PATIENCE.0 * self.clients.count() + PATIENCE.1;
        let is_time = self.clients.is_round_over() || self.waiting.count() > patience;
        self.is_over || is_time && self.tally.operations >= at
    }

    /// Carries out an answered write.
    fn make(&mut self, operation: &Operation, revision: Revision) -> Result<(), Unproven> {
        let sees_own = self.agrees(operation, revision.saturating_sub(1), true)?;
        self.made(operation.invoke_ns, true)?;
        if sees_own {
            self.store.marks.seen(revision);
        }
        Ok(())
    }

    /// A revision is made: what waited for it can be judged.
    fn made(&mut self, invoke_ns: u64, is_acknowledged: bool) -> Result<(), Unproven> {
        self.store.make(invoke_ns, is_acknowledged);
        let revision = self.store.newest();
        while let Some(read) = self.waiting.take_read(revision) {
            let response = read.borrow().response().ok_or(Unproven("what waits was not answered"))?;
            self.read(read.borrow(), response.header().revision)?;
        }
        let (watches, mut world) = self.world();
        watches.made(revision, &mut world)?;
        if self.store.is_full(self.compactions.last_but_one()) {
            self.watches.pass_over(&self.store)?;
            self.store.drop_oldest();
        }
        Ok(())
    }

    /// Answers again what changed nothing.
    fn read(&mut self, operation: &Operation, revision: Revision) -> Result<(), Unproven> {
        self.store.readable(revision)?;
        if operation.request.is_serializable() && revision > 1 {
            let asked_ns = self.store.asked_ns(revision).ok_or(Unproven("a read goes back too far"))?;
            require(
                operation.return_ns.is_none_or(|at| at >= asked_ns),
                "a read shows what was not asked yet",
            )?;
        }
        self.agrees(operation, revision, false).map(drop)
    }

    /// Checks that it is answered as it must be where it stands. True if it was shown what
    /// it wrote itself.
    fn agrees(&mut self, operation: &Operation, found: Revision, is_write: bool) -> Result<bool, Unproven> {
        let compacted = match operation.request.is_serializable() {
            true => None,
            false => {
                if self.compactions.is_open() {
                    let asked = past_ranges(operation).into_iter().map(|range| range.request.revision);
                    asked.for_each(|revision| self.compactions.use_revision(revision, operation.invoke_ns));
                }
                self.compactions.highest_certain(operation.invoke_ns)?
            }
        };
        let mut run = Run::at(&mut self.store, found, is_write);
        run.newest = operation.response().map_or(0, newest_to_ask_for);
        run.compacted = compacted.unwrap_or(0);
        require(
            run.agrees(&operation.request, operation.response()),
            "an answer is not that of its revision",
        )?;
        self.tally.historical += run.past;
        Ok(run.sees_own)
    }

    /// A refusal that says something of the store must be true.
    fn refused(
        &mut self,
        operation: &Operation,
        refusal: Option<Refusal>,
        floor: Option<Position>,
        until_ns: u64,
    ) -> Result<(), Unproven> {
        let floor = floor.map_or(1, |floor| floor.revision());
        let request = &operation.request;
        match (refusal, asked(request)) {
            (Some(Refusal::Compacted), Some(_)) => {
                let lowest = at_least(operation).ok_or(Unproven("a refusal names no revision"))?;
                self.compactions.told(lowest, until_ns)
            }
            // A member that is asked for its own state may be behind.
            (Some(Refusal::FutureRev), Some(asked)) => {
                require(request.is_serializable() || asked.highest > floor, "a revision was there")
            }
            (Some(Refusal::Compacted | Refusal::FutureRev), None) => {
                Err(Unproven("a request that names no revision was refused because of one"))
            }
            (Some(Refusal::KeyNotFound), _) => {
                let Request::Put(put) = request else { return Ok(()) };
                self.store.readable(floor)?;
                require(self.store.get(&put.key, floor).is_none(), "a key may have been there")
            }
            (None, _) => Ok(()),
            // These need no look at the state, so any will do.
            (Some(_), _) => {
                let is_given = matches!(Etcd::default().invoke(request), Answer::Given(_));
                require(!is_given, "there was nothing to refuse")
            }
        }
    }
}
